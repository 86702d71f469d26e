"""Which file is measured against which: two texts, two records, or two folders whose files match by stem."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from pipeline.errors import InputError

_MARKS = (".record", ".gold", ".raw", ".pred")  # what a stem may end in beside its suffix: `003.record.json`
SUFFIXES = (".txt", ".json")


def stem(path: PurePosixPath) -> str:
    """The name by which files match, with its folders: `a/003.record.json` and `a/003.json` are both `a/003`."""
    name = path.name.removesuffix(path.suffix)
    for mark in _MARKS:
        name = name.removesuffix(mark)
    return str(path.parent / name)


def is_record(path: Path) -> bool:
    """Whether a file holds records: told by `.json`, else by a JSON object or list at its start."""
    return path.suffix == ".json" or (path.suffix != ".txt" and text(path).lstrip()[:1] in ("{", "["))


def text(path: Path) -> str:
    """A text in UTF-8, line ends as they are. Raises InputError where it is missing or none."""
    if not path.is_file():
        raise InputError("file_missing", path=path)
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("not_text", path=path) from None


def records(path: Path) -> list[Mapping[str, Any]]:
    """The records of a JSON file: one object, or a list of them. Raises InputError where it holds something else."""
    try:
        value = json.loads(text(path))
    except (ValueError, RecursionError):
        raise InputError("no_record", path=path) from None
    value = value if isinstance(value, list) else [value]
    if not all(_is_record(r) for r in value):
        raise InputError("no_record", path=path)
    return value


def _is_record(value: object) -> bool:
    tables = ("citations", "sections", "tasks", "tasks_optional", "deadlines", "recipients")
    return (
        isinstance(value, dict)
        and isinstance(value.get("plan") or {}, dict)
        and all(isinstance(value.get(name) or [], list) for name in tables)
    )


def found(folder: Path) -> dict[tuple[bool, str], Path]:
    """The texts and records below a folder, by (whether it is a record, stem). Of two that share a stem the first in order counts."""
    out: dict[tuple[bool, str], Path] = {}
    for path in sorted(p for p in folder.rglob("*") if p.suffix in SUFFIXES and p.is_file()):
        out.setdefault((path.suffix == ".json", stem(PurePosixPath(path.relative_to(folder).as_posix()))), path)
    return out
