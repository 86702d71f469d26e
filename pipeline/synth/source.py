"""What a sample says and how it is to be laid out: the TOML sources of the samples as values.

Inside texts `<b>…</b>` and `<i>…</i>` set faces, and `{512}` is a blank of the print that a pen filled in. A body is one paragraph a
line; a line that begins with `# ` is a bold heading, with `~ ` an italic one (Căn cứ …), with `^ ` centred and bold (QUYẾT ĐỊNH:).
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Literal

import msgspec

from pipeline.errors import InputError
from pipeline.synth.degrade import Level
from pipeline.text import nfc

Form = Literal["pdf", "scan", "images", "tiff", "text", "garbled"]


STATE = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc")
PARTY = "ĐẢNG CỘNG SẢN VIỆT NAM"


class Annex(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table at the end: `header` is one or two rows; an empty cell continues the one above it, or else the one on its left.

    A row of one cell spans the whole table (a group row). `widths` are shares of the line.
    """

    title: tuple[str, ...]
    note: str
    header: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    rows: tuple[tuple[str, ...], ...]
    landscape: bool = True
    rules: Literal["all", "level", "few", "none"] = "all"  # drawn: all; those between rows; over and under the header and at the end; none
    numbering: bool = True  # a row (1) (2) (3) under the header


class Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One document: letterhead, title block, body, signer and recipients, in the words that are printed."""

    issuer: tuple[str, ...]
    type: str
    title: tuple[str, ...]
    body: str
    parent: tuple[str, ...] = ()
    party: bool = False
    number: str = ""  # with its `Số:`; empty, like the date, for a plan that a decision issues
    place_date: str = ""
    note: str = ""  # under the title: (Kèm theo Quyết định số …)
    signature: tuple[str, ...] = ()
    signer: str = ""
    recipients: tuple[str, ...] = ()
    annexes: tuple[Annex, ...] = ()


class Sample(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One sample: its documents, the face they are set in, and the form in which it comes in."""

    documents: tuple[Document, ...]
    form: Form
    name: str = ""
    font: str = "Tinos"
    size_pt: float = 14
    level: Level = "light"
    seed: int = 0
    stamp: bool = False  # an arrival stamp on page 1
    body_seal: bool = False  # a further seal across the text of every second page
    grey: bool = False  # scanned without colour
    bitonal: bool = False
    turned: tuple[tuple[int, int], ...] = ()  # pages fed the wrong way: (page, degrees against the clock)


def load(path: Path) -> Sample:
    """The sample of a TOML file, named after it. Raises InputError where the file is not such a source."""
    try:
        table = tomllib.loads(nfc(path.read_text(encoding="utf-8")))
        return msgspec.structs.replace(msgspec.convert(table, Sample), name=path.stem)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as e:
        raise InputError("bad_sample_source", path=path, reason=e) from e


def plain(text: str) -> str:
    """The words alone: no tags, pen-filled blanks as a run of blanks. `Số: {512}/KH-CCKL` → `Số:       /KH-CCKL`."""
    text = re.sub(r"</?[bi]>", "", text.replace("<br/>", " ").replace("&amp;", "&"))
    return re.sub(r"\{([^}]*)\}", lambda m: " " * (len(m[1]) + 3), text)


def paragraphs(body: str) -> list[tuple[str, str]]:
    """The body as (style, text); style is `#`, `~`, `^` or empty for running text."""
    out = []
    for line in body.strip().splitlines():
        mark, _, rest = line.strip().partition(" ")
        if line.strip():
            out.append((mark, rest) if mark in ("#", "~", "^") else ("", line.strip()))
    return out


def plain_text(sample: Sample) -> str:
    """The sample as someone copies it out of a word processor: a paragraph a line, a blank line after each; table cells by tabs."""
    parts: list[str] = []
    for d in sample.documents:
        head = (PARTY,) if d.party else STATE
        parts += [*d.parent, *d.issuer, *head, d.number, d.place_date, d.type, *d.title, d.note, *(text for _, text in paragraphs(d.body))]
        if d.recipients:
            parts += ["Nơi nhận:", *d.recipients]
        parts += [*d.signature, d.signer]
        for annex in d.annexes:
            parts += [*annex.title, annex.note, *("\t".join(row) for row in (*annex.header, *annex.rows))]
    return "\n\n".join(plain(p) for p in parts if p) + "\n"
