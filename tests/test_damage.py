"""Files with holes that renderers pass over: each is a row of problems, and whole files have none."""

import io
from pathlib import Path

import pikepdf
import pytest
from paper import full_page
from pikepdf import Name

from pipeline import ingest, pages, synth
from pipeline.pages.damage import damaged_parts, is_damaged_jpeg
from pipeline.settings import Settings
from pipeline.synth.source import load

S = Settings()


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A born-digital plan with a picture on it."""
    path = tmp_path_factory.mktemp("plan") / "plan.pdf"
    path.write_bytes(synth.typeset(load(Path(__file__).parent / "samples" / "nghean_ubnd_356_2021.toml")))
    squeezed = io.BytesIO()
    full_page(100).image.save(squeezed, "JPEG", quality=80)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        picture = pdf.make_stream(squeezed.getvalue(), Type=Name.XObject, Subtype=Name.Image, Width=827, Height=1169)
        picture.ColorSpace, picture.BitsPerComponent, picture.Filter = Name.DeviceRGB, 8, Name.DCTDecode
        pdf.pages[0].obj.Resources.XObject = pikepdf.Dictionary(Seal=picture)
        pdf.pages[0].contents_add(b"q 60 0 0 84 400 90 cm /Seal Do Q")
        pdf.save(path)
    return path


def holed(pdf: pikepdf.Pdf, what: str) -> pikepdf.Stream:
    page = pdf.pages[0].obj
    if what == "text":
        return max(page.Contents, key=lambda s: len(s.read_raw_bytes())) if isinstance(page.Contents, pikepdf.Array) else page.Contents
    if what == "picture":
        return page.Resources.XObject.Seal
    return next(f for f in page.Resources.Font.values() if "/FontDescriptor" in f).FontDescriptor.FontFile2


@pytest.mark.parametrize("what", ["text", "picture", "font"])
def test_a_run_of_zeros_inside_a_page_is_told(tmp_path: Path, plan: Path, what: str) -> None:
    assert damaged_parts(plan, 1) == () == damaged_parts(plan, 2)
    with pikepdf.open(plan) as pdf:
        raw = holed(pdf, what).read_raw_bytes()
    data, middle = plan.read_bytes(), len(raw) // 2
    at = data.index(raw)
    (tmp_path / "a.pdf").write_bytes(data[: at + middle] + bytes(400) + data[at + middle + 400 :])
    assert damaged_parts(tmp_path / "a.pdf", 1) == (what,)
    got = pages.render(ingest.ingest((tmp_path / "a.pdf",), tmp_path, S.ingest), tmp_path, 1, S)
    assert [(p.level, p.code, p.detail, p.page) for p in got.problems] == [("warning", "damaged_page", f"({what})", 1)]


def test_a_jpeg_with_a_hole_is_told_and_an_even_one_is_whole(tmp_path: Path) -> None:
    from PIL import Image

    full_page(100).image.save(tmp_path / "a.jpg", quality=80)
    data = (tmp_path / "a.jpg").read_bytes()
    (tmp_path / "a.jpg").write_bytes(data[: len(data) // 2] + bytes(512) + data[len(data) // 2 + 512 :])
    got = pages.render(ingest.ingest((tmp_path / "a.jpg",), tmp_path, S.ingest), tmp_path, 1, S)
    assert [p.code for p in got.problems] == ["damaged_page"]
    even = io.BytesIO()
    Image.new("L", (2000, 3000), 128).save(even, "JPEG", optimize=True)
    assert bytes(64) in even.getvalue() and not is_damaged_jpeg(even.getvalue())
