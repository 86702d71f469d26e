"""PDF/A-2b: what the standard asks for is there, what it forbids is not, and the pages are as they were."""

import xml.etree.ElementTree as ET

import numpy as np
import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name
from test_build import kehoach
from test_outputs import TEXTS, _image_bytes, _lines, _pdf_of, _picture, _reading, _saved

from pipeline.errors import InputError
from pipeline.outputs import make_archival, searchable_pdf
from pipeline.outputs.archival import srgb

PDFAID = "{http://www.aiim.org/pdfa/ns/id/}"


def archival(tmp_path, source, reading=None):
    out = tmp_path / "a.pdf"
    searchable_pdf([source], reading or _reading(), out)
    make_archival(out)
    return out


def test_what_the_standard_asks_for_is_there(tmp_path):
    out = archival(tmp_path, _pdf_of(tmp_path, _picture()))
    assert out.read_bytes().startswith(b"%PDF-1.7\n%") and min(out.read_bytes().splitlines()[1][1:5]) > 127
    with pikepdf.open(out) as pdf:
        assert not pdf.check_pdf_syntax() and not pdf.is_encrypted and len(pdf.trailer.ID) == 2
        (intent,) = pdf.Root.OutputIntents
        profile = intent.DestOutputProfile.read_bytes()
        assert intent.S == Name.GTS_PDFA1 and (profile[12:16], profile[16:20], profile[36:40]) == (b"mntr", b"RGB ", b"acsp")
        assert int.from_bytes(profile[:4], "big") == len(profile) == len(srgb())
        assert "/Filter" not in pdf.Root.Metadata
        xmp = ET.fromstring(pdf.Root.Metadata.read_bytes())
        assert {e.tag: e.text for e in xmp.iter() if e.tag.startswith(PDFAID)} == {PDFAID + "part": "2", PDFAID + "conformance": "B"}
        font = pdf.pages[0].obj.Resources.Font.Kh0
        (cid,) = font.DescendantFonts
        program = cid.FontDescriptor.FontFile2
        assert int(program.Length1) == len(program.read_bytes()) and "/ToUnicode" in font and "/CIDToGIDMap" in cid


def test_pages_are_as_they_were_and_the_same_input_gives_the_same_bytes(tmp_path):
    for source in (_pdf_of(tmp_path, _picture()), _saved(tmp_path, "a.jpg", quality=60)):
        plain = tmp_path / "plain.pdf"
        searchable_pdf([source], _reading(), plain)
        out = archival(tmp_path, source)
        first = out.read_bytes()
        assert _lines(out) == list(TEXTS) and _image_bytes(plain) == _image_bytes(out)
        shown = [np.asarray(pypdfium2.PdfDocument(p)[0].render(scale=1).to_pil()) for p in (plain, out)]
        assert np.array_equal(*shown)
        assert archival(tmp_path, source).read_bytes() == first


def test_what_acts_or_leads_out_of_the_file_is_taken_away(tmp_path):
    pdf = pikepdf.open(_pdf_of(tmp_path, _picture()))
    script = Dictionary(S=Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
    pdf.Root.OpenAction = script
    pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([pikepdf.String("x"), script])))
    pdf.attachments["thu.txt"] = b"x"
    page = pdf.pages[0]
    page.obj.AA = Dictionary(O=script)
    look = pdf.make_stream(b"0 0 10 10 re f", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 10, 10]))
    place = Array([10, 10, 40, 40])
    notes = [
        Dictionary(Type=Name.Annot, Subtype=Name.Stamp, Rect=place, F=0, AP=Dictionary(N=look, D=look)),
        Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=place, A=script),
        Dictionary(Type=Name.Annot, Subtype=Name.FileAttachment, Rect=place, AP=Dictionary(N=look)),
        Dictionary(Type=Name.Annot, Subtype=Name.Square, Rect=place),
    ]
    page.obj.Annots = Array([pdf.make_indirect(n) for n in notes])
    page.obj.Resources.XObject.I.Interpolate = True
    pdf.docinfo["/Title"], pdf.docinfo["/CreationDate"] = "Kế hoạch & lịch", "D:20210101"
    pdf.save(tmp_path / "acts.pdf")
    with pikepdf.open(archival(tmp_path, tmp_path / "acts.pdf")) as got:
        assert not {"/OpenAction", "/AA"} & set(got.Root.keys()) and "/AA" not in got.pages[0].obj
        assert not {"/JavaScript", "/EmbeddedFiles"} & set(got.Root.get("/Names", Dictionary()).keys())
        stamp, link = got.pages[0].obj.Annots
        assert int(stamp.F) == 4 and list(stamp.AP.keys()) == ["/N"] and "/A" not in link
        assert not got.pages[0].obj.Resources.XObject.I.get("/Interpolate", False)
        assert list(got.docinfo.keys()) == ["/Title"]
        with got.open_metadata() as xmp:
            assert xmp["dc:title"] == "Kế hoạch & lịch" == str(got.docinfo["/Title"])


@pytest.mark.parametrize(
    "content, why",
    [
        (b"BT /H 12 Tf 10 10 Td (Own text) Tj ET", "Helvetica"),
        (b"0 1 0 0 k 0 0 10 10 re f", "DeviceCMYK"),
        (b"/DeviceCMYK cs 0 0 0 1 sc 0 0 10 10 re f", "DeviceCMYK"),
    ],
)
def test_a_page_that_would_have_to_change_is_refused(tmp_path, content, why):
    source = _pdf_of(tmp_path, _picture(), content=b"q " + content + b" Q")
    with pytest.raises(InputError) as error:
        archival(tmp_path, source, _reading(origin="layer"))
    assert error.value.key == "no_pdfa" and why in str(error.value.args_["reason"])


def test_a_picture_in_press_colours_is_refused(tmp_path):
    _picture(mode="CMYK").save(tmp_path / "a.jpg")
    with pytest.raises(InputError, match="no_pdfa"):
        archival(tmp_path, tmp_path / "a.jpg")


def test_pdfa_without_a_pdf_is_an_error_of_usage(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("Kế hoạch", encoding="utf-8")
    done = kehoach("read", path, "--pdfa")
    assert done.returncode == 2 and "--format pdf" in done.stderr
