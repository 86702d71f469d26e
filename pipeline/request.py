"""What a build is asked, and what it says in the end."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path

import msgspec

from pipeline.document import Problem
from pipeline.settings import Settings

Rows = list[tuple[str | None, str, Problem]]  # problems as (plan_id, source_path, problem)


@dataclass(frozen=True)
class Request:
    """What `kehoach build` was asked to do."""

    raw: Path
    out: Path
    settings: Settings = field(default_factory=Settings)
    jobs: int = 1
    only: str | None = None
    force: bool = False
    verify: bool = False
    dry_run: bool = False
    prune: bool = False
    passwords: tuple[str, ...] = ()
    corrections: Path = Path("data/corrections")
    scheduler: str = ""  # of a Dask cluster
    hold: frozenset[str] = frozenset()  # paths below RAW that are being written now: what is known of them stands

    @property
    def bounds(self) -> str:
        """The limits as text: a failure of time or memory is tried again under other ones (see `ledger.Seal`)."""
        return msgspec.json.encode(asdict(self.settings.limits)).decode()


@dataclass(frozen=True)
class Step:
    """What a build does (or would do) with one input: `new`, `redo` or `skip`, and why."""

    source_path: str
    action: str
    why: str = ""


@dataclass(frozen=True)
class Report:
    """What a build did. `errors` counts the error rows of `problems`; `changed` tells whether the tables were written;
    `tables` why a dry run would write them although no input asks for it."""

    steps: tuple[Step, ...]
    plans: int = 0
    pages_read: int = 0
    documents_done: int = 0
    errors: int = 0
    warnings: int = 0
    changed: bool = False
    seconds: float = 0.0
    tables: str | None = None
