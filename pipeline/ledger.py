"""Results and their stamps as files below OUT/.work: what is there and fresh need not be done again.

A result is written first and its stamp after it, both by rename; a run killed in between leaves the old stamp or none, so the work is
simply done again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from pipeline.atomic import write_atomic
from pipeline.document import Source, from_json, to_json
from pipeline.stages import Stamp, why_stale


@dataclass(frozen=True)
class FileState:
    """A file as it was when it was taken in: a file of the same path, size, time (ns) and inode is taken to be unchanged."""

    path: str
    size: int
    mtime_ns: int
    inode: int = 0


def file_state(root: Path, path: str) -> FileState:
    """The file `root`/`path` as it stands; size and time -1 where it is gone."""
    try:
        st = (root / path).stat()
    except OSError:
        return FileState(path, -1, -1)
    return FileState(path, st.st_size, st.st_mtime_ns, st.st_ino)


def size_of(path: Path) -> int:
    """The size of a file in bytes; -1 where it is gone."""
    try:
        return path.stat().st_size
    except OSError:
        return -1


@dataclass(frozen=True)
class Intake:
    """What ingest said about one input: a source, or the reason why there is none."""

    files: tuple[FileState, ...]
    stamp: str
    source: Source | None
    code: str | None = None
    detail: str = ""
    gone: bool = False


@dataclass(frozen=True)
class Seal:
    """Says that a result is complete: the stamps it was made under, and its size in bytes.

    `failed` is set where the result stands in for one that could not be made, by a bound of time or memory (the bounds as text: it is
    tried again under others) or by a kill (`killed`: it is tried again by the next build).
    """

    stamps: tuple[Stamp, ...]
    size: int
    failed: str = ""


class Ledger:
    """The stored results of one OUT."""

    def __init__(self, out: Path) -> None:
        self.work = out / ".work"
        self._inputs = self.work / "inputs.json"

    def intakes(self) -> dict[tuple[str, ...], Intake]:
        """Every known input by its paths; a list that cannot be read counts as empty (inputs are then taken in anew)."""
        try:
            known = from_json(self._inputs.read_bytes(), tuple[Intake, ...])
        except (OSError, msgspec.DecodeError):
            return {}
        return {tuple(f.path for f in i.files): i for i in known}

    def keep_intakes(self, intakes: Sequence[Intake]) -> None:
        """Replaces the list of known inputs where it differs."""
        data = to_json(tuple(sorted(intakes, key=lambda i: i.files[0].path)))
        if size_of(self._inputs) != len(data) or self._inputs.read_bytes() != data:
            write_atomic(self._inputs, data)

    def file(self, plan_id: str, name: str) -> Path:
        """Where a result of one source lies: `page-0001.json`, `reading.json`, `records.json`."""
        return self.work / plan_id / name

    def stale(self, result: Path, stamps: tuple[Stamp, ...], bounds: str = "") -> str | None:
        """None where `result` is there with these stamps; else why not: `new`, `damaged`, `failed before`, or as `why_stale` says."""
        try:
            size = result.stat().st_size
            old = from_json(result.with_suffix(".stamp").read_bytes(), Seal)
        except (OSError, msgspec.DecodeError):
            return "new"
        if size != old.size:
            return "damaged"
        return why_stale(old.stamps, stamps) or ("failed before" if old.failed not in ("", bounds) else None)

    def seal(self, result: Path, stamps: tuple[Stamp, ...], failed: str = "", size: int | None = None) -> None:
        """Says that `result` is complete and was made under these stamps; `size` in bytes where another machine wrote it."""
        write_atomic(result.with_suffix(".stamp"), to_json(Seal(stamps, result.stat().st_size if size is None else size, failed)))

    def unseal(self, result: Path) -> None:
        """Takes the seal off: the result is to be made anew, also by a later build if this one is killed."""
        result.with_suffix(".stamp").unlink(missing_ok=True)
