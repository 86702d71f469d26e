"""What files are, told by their bytes; broken ones named; text layers judged."""

import os
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from broken import ODD_NAME, image_bytes, lay_out, pdf_bytes

from pipeline import ingest, inputs, legacy, pages
from pipeline.document import Page, Source
from pipeline.errors import InputError, UsageError
from pipeline.settings import Settings, with_value

S = Settings()
PLAN = "KẾ HOẠCH\nTổ chức hội thi tiếng hát nông dân năm 2024\n\n1. Mục đích: tạo sân chơi lành mạnh, gắn bó xóm làng.\n"


def take(path: Path, passwords: tuple[str, ...] = ()) -> Source:
    return ingest.ingest((path,), path.parent, S.ingest, passwords)


def refused(path: Path) -> str:
    with pytest.raises(InputError) as e:
        take(path)
    return e.value.key


# ---------------------------------------------------------------------------------------------- folders and names


def test_walk_passes_over_what_is_no_document(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt", ".hidden", "Thumbs.db", "~$plan.docx", ".~lock.plan.odt#", "desktop.ini", "documents.toml"):
        (tmp_path / name).write_text("x")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "c.txt").write_text("x")
    (tmp_path / "link.txt").symlink_to(tmp_path / "a.txt")
    (tmp_path / "loop").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    files, problems = inputs.walk(tmp_path)
    assert [p.relative_to(tmp_path).as_posix() for p in files] == ["a.txt", "b.txt", "sub/c.txt"]
    assert [(p, q.code) for p, q in problems] == [
        ("link.txt", "symlink_skipped"),
        ("loop", "symlink_skipped"),
        ("pipe", "special_file_skipped"),
    ]


def test_a_missing_folder_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        inputs.walk(tmp_path / "none")


@pytest.mark.parametrize(
    "names,groups",
    [
        (["kh_p1.png", "kh_p2.jpg", "kh_p10.png"], [["kh_p1.png", "kh_p2.jpg", "kh_p10.png"]]),
        (["scan-001.png", "scan-002.png"], [["scan-001.png", "scan-002.png"]]),
        (["đơn (1).png", "đơn (2).png", "đơn.png"], [["đơn (1).png", "đơn (2).png"], ["đơn.png"]]),
        (["kh trang 1.png", "kh trang 2.png"], [["kh trang 1.png", "kh trang 2.png"]]),
        (["plan-2023.png", "plan-2024.png"], [["plan-2023.png"], ["plan-2024.png"]]),
        (["CV-507.png", "CV-508.png"], [["CV-507.png"], ["CV-508.png"]]),
        (["cv-12.png", "kh-13.png"], [["cv-12.png"], ["kh-13.png"]]),
        (["tap1.png", "tap2.png"], [["tap1.png"], ["tap2.png"]]),
        (["một_p1.png"], [["một_p1.png"]]),
    ],
)
def test_page_images_named_alike_are_one_document(tmp_path: Path, names: list[str], groups: list[list[str]]) -> None:
    for name in names:
        (tmp_path / name).write_bytes(image_bytes((100, 140)))
    found = inputs.group(inputs.walk(tmp_path)[0])
    assert sorted([p.name for p in g] for g in found) == sorted(groups)


def test_documents_toml_comes_before_the_names(tmp_path: Path) -> None:
    for name in ("x_p1.png", "x_p2.png", "b.png", "a.png"):
        (tmp_path / name).write_bytes(image_bytes((100, 140)))
    (tmp_path / "documents.toml").write_text('[[document]]\nfiles = ["b.png", "a.png"]\n[[document]]\nfiles = ["x_p1.png"]\n')
    groups = [[p.name for p in g] for g in inputs.group(inputs.walk(tmp_path)[0])]
    assert sorted(groups) == [["b.png", "a.png"], ["x_p1.png"], ["x_p2.png"]]
    (tmp_path / "documents.toml").write_text('[[document]]\nfiles = ["none.png"]\n')
    paths = inputs.walk(tmp_path)[0]
    assert len(inputs.group(paths)) == 3, "a list that cannot be followed counts as none"
    ((path, problem),) = inputs.bad_listings(paths, tmp_path)
    assert (path, problem.code, problem.detail) == ("documents.toml", "bad_documents_file", "none.png")


def test_page_images_give_one_source(tmp_path: Path) -> None:
    for n, size in ((1, (100, 140)), (2, (110, 140)), (4, (120, 140))):
        (tmp_path / f"kh_p{n}.png").write_bytes(image_bytes(size))
    (group,) = inputs.group(inputs.walk(tmp_path)[0])
    source = ingest.ingest(group, tmp_path, S.ingest)
    assert (source.kind, source.pages, source.path) == ("image", 3, "kh_p1.png")
    assert [(p.code, p.detail) for p in source.problems] == [("pages_missing", "3")]
    assert [pages.picture(source, tmp_path, n, S).image.shape[1] for n in (1, 2, 3)] == [100, 110, 120]
    alone = take(tmp_path / "kh_p1.png")
    assert alone.plan_id == alone.files[0].sha256[:12] != source.plan_id


# ---------------------------------------------------------------------------------------------- broken files


def test_broken_files_are_named_and_good_ones_taken(tmp_path: Path) -> None:
    expected = lay_out(tmp_path / "raw", {"plan": PLAN.encode()})
    for name, codes in expected.items():
        if codes == "blank_page":
            assert take(tmp_path / "raw" / name).pages == 1  # told when the page is read
            continue
        try:
            source = take(tmp_path / "raw" / name)
            assert [p.code for p in source.problems if p.code in codes.split("|")]
        except InputError as e:
            assert e.key in codes.split("|")
    assert take(tmp_path / "raw" / "really_png.pdf").kind == "image"
    assert take(tmp_path / "raw" / ODD_NAME).text == PLAN


def test_foreign_and_cut_off_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(b"PK\x03\x04" + b"\0" * 40)
    (tmp_path / "b.bin").write_bytes(bytes(range(256)) * 8)
    (tmp_path / "c.png").write_bytes(image_bytes((300, 400))[:200])
    (tmp_path / "d.jpg").write_bytes(image_bytes((900, 900), "JPEG")[:-400])
    assert [refused(tmp_path / n) for n in ("a.docx", "b.bin", "c.png", "d.jpg")] == [
        "unsupported",
        "unsupported",
        "damaged_image",
        "damaged_image",
    ]


def test_a_pdf_by_name_alone_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "x.pdf").write_bytes(bytes(range(256)) * 8)
    (tmp_path / "y.pdf").write_bytes(b"PK\x03\x04" + b"\0" * 40)
    assert [refused(tmp_path / n) for n in ("x.pdf", "y.pdf")] == ["misnamed", "unsupported"]


def test_a_moving_picture_is_read_once_and_said_so(tmp_path: Path) -> None:
    frames = [PIL.Image.new("L", (300, 400), shade) for shade in (255, 230, 200)]
    for name in ("a.webp", "b.png"):
        frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:])
        source = take(tmp_path / name)
        assert source.pages == 1 and [(p.code, p.detail) for p in source.problems] == [("further_frames", f"{name}: 2")]
    frames[0].save(tmp_path / "c.webp")
    assert take(tmp_path / "c.webp").problems == ()


def test_passwords_are_tried_in_order(tmp_path: Path) -> None:
    path = tmp_path / "locked.pdf"
    path.write_bytes(pdf_bytes("mùa xuân"))
    assert refused(path) == "password"
    source = take(path, ("sai", "mùa xuân"))
    assert source.pages == 1
    scan = pages.render(source, tmp_path, 1, S, ("sai", "mùa xuân"))
    assert not isinstance(scan, Page) and scan.image.min() > 250


def test_a_page_of_many_pixels_is_rendered_smaller(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf_bytes())
    (tmp_path / "b.png").write_bytes(image_bytes((1000, 800)))
    small = with_value(S, "pages.max_pixels", 100_000)
    for name in ("a.pdf", "b.png"):
        scan = pages.picture(take(tmp_path / name), tmp_path, 1, small)
        assert 50_000 < scan.image.size <= 101_000


# ---------------------------------------------------------------------------------------------- images


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "CMYK", "I;16", "LA"])
def test_every_kind_of_pixel_comes_out_as_grey_or_rgb(tmp_path: Path, mode: str) -> None:
    grey = np.full((120, 100), 255, np.uint8)
    grey[40:60, 20:80] = 0
    base = PIL.Image.fromarray(grey)
    image = PIL.Image.fromarray(grey.astype(np.uint16) * 257) if mode == "I;16" else base.convert("RGB").convert(mode)
    image.save(tmp_path / "x.tif")
    scan = pages.picture(take(tmp_path / "x.tif"), tmp_path, 1, S)
    assert scan.image.dtype == np.uint8 and scan.image.ndim == 2  # grey, since no pixel is coloured
    assert scan.image[50, 50] < 40 and scan.image[5, 5] > 215


def test_exif_turns_and_transparency_are_honoured(tmp_path: Path) -> None:
    image = PIL.Image.new("RGB", (300, 100), "white")
    exif = image.getexif()
    exif[0x0112] = 6
    image.save(tmp_path / "a.jpg", exif=exif)
    assert pages.picture(take(tmp_path / "a.jpg"), tmp_path, 1, S).image.shape == (300, 100)
    PIL.Image.new("RGBA", (100, 100), (0, 0, 0, 0)).save(tmp_path / "b.png")
    assert pages.picture(take(tmp_path / "b.png"), tmp_path, 1, S).image.min() == 255


def test_a_tiff_has_its_frames_as_pages(tmp_path: Path) -> None:
    frames = [PIL.Image.new("L", (100 + k, 140), 255) for k in range(3)]
    frames[0].save(tmp_path / "x.tif", save_all=True, append_images=frames[1:])
    source = take(tmp_path / "x.tif")
    assert (source.kind, source.pages) == ("tiff", 3)
    assert [pages.picture(source, tmp_path, n, S).image.shape[1] for n in (1, 2, 3)] == [100, 101, 102]


# ---------------------------------------------------------------------------------------------- texts


@pytest.mark.parametrize(
    "data,encoding",
    [
        (PLAN.encode(), "utf-8"),
        (b"\xef\xbb\xbf" + PLAN.encode(), "utf-8-sig"),
        (PLAN.encode("utf-16"), "utf-16-le"),
        (b"\xfe\xff" + PLAN.encode("utf-16-be"), "utf-16-be"),
        (PLAN.encode("utf-16-le"), "utf-16-le"),
        (PLAN.replace("\n", "\r\n").encode(), "utf-8"),
        (PLAN.replace("\n", "\r").encode(), "utf-8"),
    ],
)
def test_a_text_comes_out_as_the_same_characters(tmp_path: Path, data: bytes, encoding: str) -> None:
    (tmp_path / "x.txt").write_bytes(data)
    source = take(tmp_path / "x.txt")
    assert (source.text, source.encoding, source.kind) == (PLAN, encoding, "text")


LONG = (
    "Ủy ban nhân dân huyện giao Phòng Văn hóa chủ trì, phối hợp với Đoàn Thanh niên tổ chức hội trại hè; các xã, thị trấn cử đội "
    "tham dự, hoàn thành trước ngày mười lăm tháng bảy. Kinh phí lấy từ nguồn đóng góp tự nguyện của người dân và doanh nghiệp."
)


def stored(text: str, encoding: str) -> str:
    """`text` as `encoding` stores it: the table of rules/legacy.csv the other way round."""
    table: dict[str, str] = {}
    for characters, letter in legacy.tables()[encoding].items():
        table.setdefault(letter, characters)
    return "".join(table.get(c, c) for c in text)


@pytest.mark.parametrize("encoding", ["tcvn3", "vni"])
def test_legacy_encodings_are_told_and_turned(tmp_path: Path, encoding: str) -> None:
    text = LONG if encoding == "vni" else LONG.replace("Ủ", "ủ")  # TCVN3 has no code for a capital with a tone
    old = stored(text, encoding)
    for data in (old.encode("latin-1"), old.encode()):  # as stored, and saved as UTF-8 by a careless editor
        (tmp_path / "x.txt").write_bytes(data)
        source = take(tmp_path / "x.txt")
        assert (source.encoding, source.text) == (encoding, text)


def test_capitals_of_a_tcvn3_capital_font() -> None:
    assert legacy.to_unicode("CéNG HßA Hµ Néi", "tcvn3") == "CỘNG HÒA Hà Nội"


@pytest.mark.parametrize(
    "text", ["Le système décrit ci-après a été étudié à Genève, où les élèves préfèrent l'été. " * 3, "Überprüfung " * 20]
)
def test_other_languages_are_no_legacy_vietnamese(text: str) -> None:
    assert legacy.told(text) is None
    assert ingest.decode(text.encode()) == (text, "utf-8")
    assert ingest.decode(text.encode("latin-1")) is None


@pytest.mark.parametrize(
    "word,yes", [("nghiêng", True), ("quyền", True), ("giếng", True), ("sbb", False), ("Tlurc", False), ("các", True), ("càc", False)]
)
def test_syllables(word: str, yes: bool) -> None:
    assert legacy.is_syllable(word) is yes
