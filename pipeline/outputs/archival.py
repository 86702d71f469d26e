"""PDF/A-2b (ISO 19005-2): a PDF that shows and says the same in decades, made from one that is nearly so.

What the standard wants is added (XMP metadata, an sRGB output intent), what it forbids and nobody misses is taken out (scripts, actions,
attached files, previews of images). What can't be mended without changing a page (fonts that are not embedded, colours of a
press) is told, and nothing is written. The page images stay byte for byte what they were.
"""

from __future__ import annotations

from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import ImageCms

from pipeline.errors import InputError
from pipeline.outputs.shown import require_archival

_STREAM = pikepdf.AccessMode.stream
# Of the catalogue and of pages: what acts, or leads out of the file.
_ACTS = ("/AA", "/OpenAction", "/Threads", "/Perms", "/Requirements", "/Collection", "/NeedsRendering", "/Legal")
_PAGE_ACTS = ("/AA", "/PresSteps", "/Thumb")
_NAMES_OUT = ("/JavaScript", "/EmbeddedFiles", "/AlternatePresentations")
_ACTIONS_KEPT = ("/GoTo", "/URI", "/Named", "/GoToR", "/Thread", "/SubmitForm")
_NOTES_OUT = ("/FileAttachment", "/Sound", "/Movie", "/Screen", "/3D", "/RichMedia", "/TrapNet")
_PRINTED = 4  # annotation flag Print; hidden, invisible, no view and toggle are forbidden
_HIDING = 1 | 2 | 32 | 256
_IMAGE_OUT = ("/Alternates", "/OPI")
_UNREADABLE = ("/LZWDecode", "/LZW", "/Crypt")
_ICC_DATE, _ICC_ID = slice(24, 36), slice(84, 100)  # of the header: when the profile was made, its MD5 (Pillow leaves none)


def make_archival(path: Path) -> None:
    """Rewrites the PDF at `path` as PDF/A-2b, in place. Raises InputError no_pdfa, with the reason, where a page would have to change."""
    with pikepdf.open(path, allow_overwriting_input=True, access_mode=_STREAM) as pdf:
        _without_actions(pdf)
        for page in pdf.pages:
            _page(page)
        for thing in pdf.objects:
            if isinstance(thing, pikepdf.Stream):
                _stream(thing)
            if isinstance(thing, (pikepdf.Dictionary, pikepdf.Stream)) and (thing.get("/Type") == Name.ExtGState or "/TR" in thing):
                _drop(thing, ("/TR", "/TR2", "/HTP"))
        require_archival(pdf)
        _intent(pdf)
        _metadata(pdf)
        pdf.save(path, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate, min_version="1.7")


def srgb() -> bytes:
    """The sRGB profile as littleCMS makes it, the same bytes each time."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[_ICC_DATE] = bytes((0x07, 0xD0, 0, 1, 0, 1)) + bytes(6)  # 2000-01-01
    profile[_ICC_ID] = bytes(16)
    return bytes(profile)


def _intent(pdf: pikepdf.Pdf) -> None:
    profile = pdf.make_stream(srgb(), N=3, Alternate=Name.DeviceRGB)
    intent = Dictionary(
        Type=Name.OutputIntent, S=Name.GTS_PDFA1, OutputConditionIdentifier=pikepdf.String("sRGB"), DestOutputProfile=profile
    )
    intent.Info = pikepdf.String("sRGB IEC61966-2.1")
    pdf.Root.OutputIntents = Array([pdf.make_indirect(intent)])


def _metadata(pdf: pikepdf.Pdf) -> None:
    """XMP that says PDF/A-2b, and of the old information just what both places can say alike."""
    kept = {key: str(pdf.docinfo[key]) for key in ("/Title", "/Author", "/Subject") if isinstance(pdf.docinfo.get(key), pikepdf.String)}
    if "/Info" in pdf.trailer:
        del pdf.trailer["/Info"]
    for key, value in kept.items():
        pdf.docinfo[key] = value
    if "/Metadata" in pdf.Root:
        del pdf.Root["/Metadata"]
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as xmp:
        xmp["pdfaid:part"], xmp["pdfaid:conformance"] = "2", "B"
        for key, name in (("/Title", "dc:title"), ("/Subject", "dc:description")):
            if key in kept:
                xmp[name] = kept[key]
        if "/Author" in kept:
            xmp["dc:creator"] = [kept["/Author"]]


def _without_actions(pdf: pikepdf.Pdf) -> None:
    _drop(pdf.Root, _ACTS)
    _drop(pdf.Root.get("/Names", Dictionary()), _NAMES_OUT)
    _drop(pdf.Root, ("/AF",))
    form = pdf.Root.get("/AcroForm")
    if form is not None:
        _drop(form, ("/XFA", "/NeedAppearances"))
        pending, seen = list(form.get("/Fields", ())), 0
        while pending and seen < 10_000:
            field = pending.pop()
            seen += 1
            _drop(field, ("/AA", "/A"))
            pending += list(field.get("/Kids", ()))


def _page(page: pikepdf.Page) -> None:
    _drop(page.obj, _PAGE_ACTS)
    kept = []
    for note in page.obj.get("/Annots", ()):
        kind = str(note.get("/Subtype", ""))
        empty = "/AP" not in note and kind not in ("/Link", "/Popup")
        if kind in _NOTES_OUT or empty or int(note.get("/F", 0)) & 2:
            continue  # not seen on paper, or not to be shown without a program that draws it
        if kind != "/Popup":
            note.F = (int(note.get("/F", 0)) | _PRINTED) & ~_HIDING
        _drop(note, ("/AA",))
        if kind == "/Widget" or ("/A" in note and str(note.A.get("/S", "")) not in _ACTIONS_KEPT):
            _drop(note, ("/A",))
        if "/AP" in note:
            _drop(note.AP, ("/D", "/R"))
        kept.append(note)
    if "/Annots" in page.obj:
        page.obj.Annots = Array(kept)


def _drop(thing: pikepdf.Object, keys: tuple[str, ...]) -> None:
    for key in keys:
        if key in thing:
            del thing[key]


def _stream(stream: pikepdf.Stream) -> None:
    """One stream without what the standard forbids in it; the coded bytes of an image are never touched."""
    filters = stream.get("/Filter", Array([]))
    names = [str(f) for f in filters] if isinstance(filters, pikepdf.Array) else [str(filters)]
    if any(name in _UNREADABLE for name in names):
        try:
            stream.write(stream.read_bytes())
        except pikepdf.PdfError as e:
            raise InputError("no_pdfa", reason=e) from None
    if "/F" in stream:
        raise InputError("no_pdfa", reason="a stream lies outside the file")
    if stream.get("/Subtype") == Name.Image:
        _drop(stream, _IMAGE_OUT)
        if stream.get("/Interpolate", False):
            stream.Interpolate = False
    if stream.get("/Subtype") == Name.Form:
        _drop(stream, ("/OPI", "/PS", "/Subtype2", "/Ref"))
    if stream.get("/Subtype") == Name.PS:
        raise InputError("no_pdfa", reason="PostScript")
