"""Progress and messages on stderr: a bar on a terminal, a plain line now and then elsewhere, JSON lines for machines."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

EVERY = 15.0  # seconds between plain lines


class Progress:
    """How far the work is. `say` puts a key of rules/messages.toml into words."""

    def __init__(self, say: Callable[..., str], as_json: bool = False, quiet: bool = False) -> None:
        self._say, self._json, self._quiet = say, as_json, quiet
        self._bar: Bar | None = None
        self._what, self._done, self._total, self._last = "", 0, 0, 0.0

    def start(self, what: str, total: int) -> None:
        """Begins a phase (`ingest`, `build`, `corpus`) of `total` steps."""
        self.stop()
        self._what, self._done, self._total, self._last = what, 0, total, time.monotonic()
        if self._json:
            self._line(event="start")
        elif sys.stderr is not None and sys.stderr.isatty() and not self._quiet:
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
            self._bar = Bar(*columns, console=Console(stderr=True), transient=True)
            self._bar.start()
            self._bar.add_task(self._say(f"cli.phase_{what}"), total=total)

    def step(self) -> None:
        """One step is done."""
        self._done += 1
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=self._done)
        elif time.monotonic() - self._last > EVERY and not self._quiet:
            self._last = time.monotonic()
            if self._json:
                self._line(event="progress")
            else:
                print(f"{self._say(f'cli.phase_{self._what}')}: {self._done}/{self._total}", file=sys.stderr, flush=True)

    def trace(self, key: str, trace: str) -> None:
        """Where the code failed on an input, for the log of machines only; people find the row in `problems`."""
        if self._json:
            print(json.dumps({"event": "trace", "key": key, "trace": trace}, ensure_ascii=False), file=sys.stderr, flush=True)

    def stop(self) -> None:
        """Ends the phase; takes the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _line(self, **fields: object) -> None:
        print(json.dumps({**fields, "phase": self._what, "done": self._done, "total": self._total}), file=sys.stderr, flush=True)
