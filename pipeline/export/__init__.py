"""The corpus in other people's formats: a file for each format, and here what they share: secrecy, and where the bytes go.

Documents with a secrecy mark stay out unless asked for. The same corpus gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import UsageError
from pipeline.messages import Lang

FORMATS = ("csv", "xlsx", "json", "jsonl", "ics", "sqlite", "graphml", "tt02")
WITH_LINES = ("csv", "sqlite")  # formats that hold the printed lines
ONE_TEXT = ("json", "jsonl", "ics", "graphml")  # formats that may go to standard output


@dataclass(frozen=True)
class Exported:
    """What an export holds: bytes by path (None: standard output), what it left out in words, and how many secret documents stayed out."""

    files: Mapping[Path | None, bytes]
    left_out: tuple[str, ...] = ()
    secret: int = 0


def export(out: Path, to: str, target: Path | None, lang: Lang = "en", include_secret: bool = False) -> Exported:
    """The corpus in `out` as format `to`, ready to be written; nothing is written here.

    `target` is a file. `csv` and `tt02` give several: a name that ends in `.csv` (`tt02`: or `.xml`) is one table with its Excel-safe
    sister, any other name is a folder. `lang` is the language of words that the format itself needs (summaries of a calendar).

    Raises UsageError: `bad_format`, `no_corpus`, `export_needs_path` (None for a format of several files or of bytes),
    `output_in_corpus` (a target inside `out`).
    """
    if to not in FORMATS:
        raise UsageError("bad_format", format=to, known=", ".join(FORMATS))
    if target is None and to not in ONE_TEXT:
        raise UsageError("export_needs_path", format=to)
    if target is not None and target.resolve().is_relative_to(out.resolve()):
        raise UsageError("output_in_corpus", path=target, out=out)
    from pipeline.corpus import store
    from pipeline.corpus.tables import NAMES
    from pipeline.export.secrecy import public

    whole = store.read(out, NAMES if to in WITH_LINES else [name for name in NAMES if name != "lines"])
    tables = whole if include_secret else public(whole)
    secret = len(whole.plans) - len(tables.plans)
    left_out: tuple[str, ...] = ()
    files: Mapping[Path | None, bytes]
    if to == "csv":
        from pipeline.export import csv_tables

        files = _placed(csv_tables.one("overview", tables), target) if _is(target, ".csv") else _inside(csv_tables.all_of(tables), target)
    elif to == "xlsx":
        from pipeline.export import workbook

        files = {target: workbook.workbook(tables)}
    elif to in ("json", "jsonl"):
        from pipeline.export import records

        files = {target: records.as_json(tables) if to == "json" else records.as_lines(tables)}
    elif to == "ics":
        from pipeline.export import calendar

        made = calendar.calendar(tables, lang)
        files, left_out = {target: made.data}, made.left_out
    elif to == "sqlite":
        from pipeline.export import sqlite

        files = {target: sqlite.database(tables)}
    elif to == "graphml":
        from pipeline.export import graph

        files = {target: graph.graphml(tables)}
    else:
        from pipeline.export import catalogue

        rows = catalogue.entries(whole, tables)
        if _is(target, ".xml"):
            files = {target: catalogue.xml(rows)}
        elif _is(target, ".csv"):
            files = _placed(catalogue.csv_files(rows), target)
        else:
            files = _inside(
                {f"tt02{end}": data for end, data in catalogue.csv_files(rows).items()} | {"tt02.xml": catalogue.xml(rows)}, target
            )
    return Exported(files, left_out, secret)


def _is(target: Path | None, ending: str) -> bool:
    return target is not None and target.suffix.lower() == ending


def _placed(data: Mapping[str, bytes], target: Path | None) -> Mapping[Path | None, bytes]:
    """Files by ending (`.csv`, `.excel.csv`) under the name of `target`."""
    if target is None:
        raise UsageError("export_needs_path", format="csv")
    return {target.with_suffix(end) if end != target.suffix.lower() else target: value for end, value in data.items()}


def _inside(data: Mapping[str, bytes], target: Path | None) -> Mapping[Path | None, bytes]:
    """Files by name in the folder `target`."""
    if target is None:
        raise UsageError("export_needs_path", format="csv")
    if target.exists() and not target.is_dir():
        raise UsageError("output_no_folder", path=target)
    return {target / name: value for name, value in data.items()}
