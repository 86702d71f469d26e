"""`kehoach build --watch`: builds again whenever inputs or corrections came, changed or went, and have lain still for a while.

It looks again and again, for a network share tells nobody when another machine writes to it. What is still being copied is held back and
the rest is built; each round is a build like any other, with its locks and its guards.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipeline import inputs
from pipeline.build import Report, Request, build, folders
from pipeline.errors import KehoachError, UsageError
from pipeline.progress import Progress

State = tuple[int, int, int, int]  # size, time (ns), inode, rights
PASSING = ("raw_missing", "raw_empty", "raw_shrunk", "only_nothing", "out_locked", "out_unwritable", "cluster_unreachable", "cluster_lost")


@dataclass
class Stillness:
    """What was seen of each path, and since when it is so; None for one that went."""

    settle_seconds: float
    _seen: dict[str, tuple[State | None, float]] = field(default_factory=dict)

    def look(self, now: dict[str, State], at: float) -> frozenset[str]:
        """Takes in what is there at the time `at` (seconds); the paths that came, changed or went less than `settle_seconds` ago."""
        for path in self._seen.keys() | now.keys():
            state = now.get(path)
            if path not in self._seen or self._seen[path][0] != state:
                self._seen[path] = (state, at)
        moving = frozenset(p for p, (_, since) in self._seen.items() if at - since < self.settle_seconds)
        self._seen = {p: seen for p, seen in self._seen.items() if seen[0] is not None or p in moving}
        return moving


def states(folder: Path) -> dict[str, State]:
    """Every input below a folder, and the lists of documents beside them, by relative path; links and pipes are passed over."""
    files = inputs.walk(folder)[0]
    found = {}
    for path in (*files, *(f / inputs.LIST for f in {p.parent for p in files})):
        try:
            found[inputs.relative(path, folder)] = _state(path.lstat())
        except OSError:
            continue
    return found


def watch(request: Request, progress: Progress, tell: Callable[[Report | KehoachError], None], run: Callable[..., Report] = build) -> None:
    """Builds round after round, until interrupted. `tell` hears what each round did, and once what keeps a round from its work.

    Raises what the first build raises, except where it may pass (an empty RAW, a lock).
    """
    raw, _ = folders(request)
    limits = request.settings.watch
    still, hindered, built = Stillness(limits.settle_seconds), "", None
    while True:
        moving: frozenset[str] = frozenset()
        try:
            there = states(raw)
            moving = still.look(there, time.monotonic())
            calm = {p: s for p, s in there.items() if p not in moving}, _written(request.corrections)
            if calm != built and (calm[0] or built):
                report = run(replace(request, hold=moving), progress)
                built, hindered = calm, ""
                request = replace(request, force=False, verify=False, prune=False)  # were asked for once
                if report.changed:
                    tell(report)
        except UsageError as e:
            if e.key not in PASSING:
                raise
            if str(e) != hindered:
                tell(e)
            hindered = str(e)
        finally:
            progress.stop()
        time.sleep(min(limits.interval_seconds, limits.settle_seconds) if moving else limits.interval_seconds)


def _state(st: os.stat_result) -> State:
    return st.st_size, st.st_mtime_ns, st.st_ino, st.st_mode


def _written(corrections: Path) -> dict[str, State]:
    try:
        return {p.name: _state(p.stat()) for p in corrections.glob("*.csv")}
    except OSError:
        return {}
