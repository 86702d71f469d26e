"""All that a person may tune, in one place, with its default; a TOML file or `--set section.key=value` overrides it.

A section belongs to a stage: its hash is part of that stage's stamp, so a changed value redoes just what depends on it.
"""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path

import msgspec
from rapidfuzz import process

from pipeline.errors import UsageError


@dataclass(frozen=True)
class Ingest:
    """What is taken in."""

    max_file_mb: int = 2000  # larger files are refused
    max_pages: int = 3000  # pages of one file; further ones are a problem row


@dataclass(frozen=True)
class Pages:
    """Rendering of PDF pages."""

    dpi: int = 300  # resolution of rendered pages
    max_pixels: int = 60_000_000  # a page above this is rendered at a lower resolution
    keep_layer_score: float = 0.75  # a text layer that scores less is read again by OCR (0..1)


@dataclass(frozen=True)
class Image:
    """Preparation of the page image."""

    max_skew: float = 8.0  # degrees searched to either side
    min_skew: float = 0.45  # degrees below which a page is not turned: the recogniser bears that much, and turning softens the print
    side_languages: str = "vie"  # Tesseract models that tell which side is up where the letters' shapes do not


@dataclass(frozen=True)
class Ocr:
    """Recognition."""

    languages: str = "vie"  # Tesseract models, as `-l` takes them
    psm: int = 3  # page segmentation mode
    min_word_confidence: float = 0.3  # words below are specks and seal scraps, dropped when they are no letters
    look_again_below: float = 0.6  # lines with less mean confidence, and places passed over, are read a second time; 0: none is


@dataclass(frozen=True)
class Repair:
    """Restoring garbled text."""

    model: str = ""  # folder of the model; empty: the project's models/
    adaptation: str = ""  # file that `kehoach train --adapt OUT` wrote, to mix in; empty: none
    beam: int = 12  # states kept per step
    channel_weight: float = 1.0  # weight of the confusion channel against the language model
    garbled_above: float = 0.5  # probability from which a line counts as garbled


@dataclass(frozen=True)
class Extract:
    """Reading facts."""

    review_below: float = 0.6  # a fact with less confidence asks for review
    digits_above: float = 0.75  # digits of a scan read with less confidence say nothing
    most_lines: int = 20_000  # printed lines of one document; of a longer one (500 pages) the middle is left out, and a problem says so
    most_citations: int = 5000  # symbols, and type words of laws, read in one document; a problem says from which line on none are
    longest_task: int = 20_000  # characters of one task that are searched for units, targets and times; a problem says where there are more
    written_digits_above: float = 0.88  # the same where people write by hand: the day, a number apart from its code (`Số: 12 /KH-UBND`)


@dataclass(frozen=True)
class Outputs:
    """What a build makes of scans beside the tables."""

    searchable_pdf: bool = True  # plans/<plan_id>/searchable.pdf: the pages with the repaired text under them
    unlock: bool = False  # of PDFs that only a password opens, too; what is written then opens without one


@dataclass(frozen=True)
class Limits:
    """Bounds of one task in a worker; the worker dies when it crosses one."""

    wall_seconds: int = 60  # for one page
    cpu_seconds: int = 120
    memory_mb: int = 1400  # resident memory of a worker with its children; a page of 60 million pixels takes 1,260


@dataclass(frozen=True)
class Watch:
    """How `build --watch` looks for new inputs."""

    interval_seconds: float = 10.0  # between two looks
    settle_seconds: float = 5.0  # an input is read when its size and time have stood for so long


@dataclass(frozen=True)
class Settings:
    """One section a stage, the limits of workers, and the watch."""

    ingest: Ingest = field(default_factory=Ingest)
    pages: Pages = field(default_factory=Pages)
    image: Image = field(default_factory=Image)
    ocr: Ocr = field(default_factory=Ocr)
    repair: Repair = field(default_factory=Repair)
    extract: Extract = field(default_factory=Extract)
    outputs: Outputs = field(default_factory=Outputs)
    limits: Limits = field(default_factory=Limits)
    watch: Watch = field(default_factory=Watch)


def known_keys() -> tuple[str, ...]:
    """Every `section.key` there is."""
    return tuple(f"{s.name}.{k}" for s in fields(Settings) for k in asdict(getattr(Settings(), s.name)))


def with_value(settings: Settings, key: str, value: object) -> Settings:
    """`settings` with one value changed; a text is read as the key's type.

    Raises UsageError for an unknown key (naming the nearest one) or a value that does not fit.
    """
    if key not in known_keys():
        near = process.extractOne(key, known_keys())
        raise UsageError("unknown_setting", key=key, near=near[0] if near else "")
    section_name, name = key.split(".")
    section = getattr(settings, section_name)
    kind = type(getattr(section, name))
    try:
        fitted = msgspec.convert(value, kind, strict=False)
    except msgspec.ValidationError:
        raise UsageError("bad_setting", key=key, value=value, kind=kind.__name__) from None
    return replace(settings, **{section_name: replace(section, **{name: fitted})})


def load(path: Path | None = None, assignments: tuple[str, ...] = ()) -> Settings:
    """Defaults, then the TOML file, then `key=value` texts in order."""
    settings = Settings()
    if path is not None:
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as e:
            raise UsageError("bad_settings_file", path=path, reason=e) from None
        for section, values in table.items():
            for name, value in values.items() if isinstance(values, dict) else ((None, values),):
                settings = with_value(settings, f"{section}.{name}" if name else section, value)
    for text in assignments:
        key, sep, value = text.partition("=")
        if not sep:
            raise UsageError("set_without_value", text=text)
        settings = with_value(settings, key.strip(), value.strip())
    return settings
