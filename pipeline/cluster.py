"""Jobs on a Dask cluster: the scheduler decides who computes, files in OUT stay the truth.

RAW and OUT lie in folders that every machine sees under the same path. A worker of the cluster does each job as the program itself would:
in a child process with limits (`sandbox.Workers`), so that a hostile page costs that page and never a machine. A worker that is lost gives
its jobs to others; a job that takes several workers down with it is a problem row. Dask pickles what it sends, passwords too: the network
between the machines must be one's own.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import platform
import queue
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pipeline.errors import MissingError, UsageError
from pipeline.sandbox import Job, Outcome, Workers
from pipeline.settings import Settings
from pipeline.stages import code_digest
from pipeline.versions import model_stamp, tool_versions

PATIENCE = 30  # seconds in which a first worker must show itself, and in which lost ones must come back
_LOOK_EVERY = 1.0  # seconds between looks whether there are workers, and whether the build still runs


def require() -> None:
    """Raises MissingError where Dask is not installed."""
    if find_spec("distributed") is None:
        raise MissingError("missing_dask", command=f"{sys.executable} -m pip install distributed")


def fingerprint(settings: Settings) -> tuple[str, ...]:
    """What results depend on beside inputs, as `name value`: code and rules, the model, tools."""
    own = (f"python {platform.python_version()}", f"code {code_digest()[:12]}", f"model {model_stamp(settings.repair)[:12]}")
    return own + tool_versions(settings.ocr.languages)


@dataclass(frozen=True)
class Site:
    """What a worker must have in common with the build: its folders, the mark that lies in OUT while it runs, settings, fingerprint."""

    raw: Path
    mark: Path
    token: str
    settings: Settings
    print: tuple[str, ...]

    def going(self) -> bool:
        """Whether the build still runs: what a killed one left with the workers must not write into the OUT of the next."""
        with contextlib.suppress(OSError):
            return self.mark.read_text(encoding="ascii") == self.token
        return False


class Cluster:
    """The workers of a Dask scheduler as the executor of one build (see `crew.Executor`); use as a context manager.

    Raises UsageError where nobody answers at `address`, no worker is there, or one differs from the machine of the build.
    """

    def __init__(self, address: str, site: Site) -> None:
        self._address, self._site = address, site
        self._waiting: deque[Job] = deque()
        self._numbers = itertools.count()
        self._client: Any = None
        self.lost = False

    def __enter__(self) -> Cluster:
        from distributed import Client

        for name in ("distributed", "distributed.client"):  # what goes wrong is told in our words
            logging.getLogger(name).setLevel(logging.CRITICAL)
        try:
            self._client = Client(self._address, timeout=10, set_as_default=False)
            self._client.wait_for_workers(1, timeout=PATIENCE)
        except (OSError, ValueError, TimeoutError) as e:
            self.__exit__()
            raise UsageError("cluster_unreachable", address=self._address, reason=str(e) or type(e).__name__) from None
        try:
            self._compare()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _compare(self) -> None:
        """Raises UsageError where a worker may not work for this build."""
        asked = {w: self._submit(_differs, self._site, workers=[w], allow_other_workers=False) for w in sorted(self._client.ncores())}
        for worker, future in asked.items():
            try:
                told = future.result(timeout=2 * PATIENCE)
            except Exception as e:  # whatever it lacks: Python, this package, the time to answer
                told = f"{type(e).__name__}: {e}"[:300]
            if told:
                raise UsageError("cluster_differs", worker=worker, what=told)

    def __exit__(self, *_: object) -> None:
        """Stops what the workers still do for this build."""
        if self._client is None:
            return
        with contextlib.suppress(Exception):
            self._client.run(_stop, self._site.token, on_error="ignore")
        with contextlib.suppress(Exception):
            self._client.close(timeout=5)
        self._client = None

    def add(self, job: Job) -> None:
        """Puts a further job at the end of the queue; for jobs that follow from an outcome of `run`."""
        self._waiting.append(job)

    def run(self, jobs: Iterable[Job]) -> Iterator[Outcome]:
        """Runs all jobs and yields their outcomes in the order of completion. Raises UsageError where the cluster is lost."""
        self._waiting.extend(jobs)
        self.lost = True  # what a worker elsewhere leaves half-written is not told here
        ready: queue.SimpleQueue[Any] = queue.SimpleQueue()
        sent: dict[str, Job] = {}
        alone: float | None = None
        while self._waiting or sent:
            while self._waiting:
                job = self._waiting.popleft()
                future = self._submit(perform, job, self._site)
                sent[future.key] = job
                future.add_done_callback(ready.put)
            try:
                future = ready.get(timeout=_LOOK_EVERY)
            except queue.Empty:
                alone = self._alone_since(alone)
                continue
            yield self._outcome(sent.pop(future.key), future)

    def _submit(self, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        return self._client.submit(function, *args, key=f"kehoach-{self._site.token}-{next(self._numbers)}", pure=False, **options)

    def _alone_since(self, since: float | None) -> float | None:
        """Since when there is no worker, None where there is one. Raises UsageError where that lasts, or the scheduler is gone."""
        if self._client.status == "running" and self._client.ncores():
            return None
        since = since or time.monotonic()
        if time.monotonic() - since > PATIENCE:
            raise UsageError("cluster_lost", address=self._address)
        return since

    def _outcome(self, job: Job, future: Any) -> Outcome:
        from distributed import KilledWorker

        error: BaseException | None = None
        with contextlib.suppress(OSError):
            error = None if future.cancelled() else future.exception()
            if error is None and not future.cancelled():
                done: Outcome = future.result()
                return done
        if error is None:  # the scheduler went away, and with it what it knew
            raise UsageError("cluster_lost", address=self._address)
        if isinstance(error, KilledWorker):
            return Outcome(job.key, code="worker_killed")
        return Outcome(job.key, code="page_failed", detail=f"{type(error).__name__}: {error}"[:300])


# ---------------------------------------------------------------------------------------------- on the machines of the cluster


@dataclass
class _Place:
    """Where one thread of a worker does the jobs of one build: its child process, and what it differs in from the build."""

    token: str
    workers: Workers
    differs: str = ""
    busy: threading.Lock = field(default_factory=threading.Lock)

    def close(self) -> None:
        self.workers.__exit__()


_PLACES: dict[int, _Place] = {}  # by thread: a child dies with the thread that started it
_STOPPED: set[str] = set()


def perform(job: Job, site: Site) -> Outcome:
    """One job in a limited child process of this worker's."""
    place = _place(site)
    if place.differs:
        from distributed import get_worker

        return Outcome(job.key, code="cluster_differs", args={"worker": get_worker().address, "what": place.differs}, usage=True)
    return _run(place, job, site)


def _place(site: Site) -> _Place:
    """The place of this thread for this build; code may have changed since the last one, so each has a new child process."""
    thread = threading.get_ident()
    place = _PLACES.get(thread)
    if place is None or place.token != site.token:
        if place is not None:
            place.close()
        place = _PLACES[thread] = _Place(site.token, Workers(1, site.settings.limits).__enter__())
        place.differs = _unseen(site) or _unlike(_run(place, Job("fingerprint", fingerprint, (site.settings,)), site), site)
    return place


def _run(place: _Place, job: Job, site: Site) -> Outcome:
    looked = time.monotonic()

    def going() -> bool:
        nonlocal looked
        if site.token in _STOPPED:
            return False
        if time.monotonic() - looked < _LOOK_EVERY:
            return True
        looked = time.monotonic()
        return site.going()

    with place.busy:
        outcome = next(place.workers.run([job], going), None)
        if outcome is None or site.token in _STOPPED:
            place.close()
    return outcome or Outcome(job.key, code="worker_killed")


def _unseen(site: Site) -> str:
    """The folder of the build that this machine does not see, if any."""
    if not site.raw.is_dir():
        return str(site.raw)
    return "" if site.going() else str(site.mark.parent.parent)


def _unlike(mine: Outcome, site: Site) -> str:
    if mine.code:
        return f"{mine.code}: {mine.detail or ' '.join(map(str, mine.args.values()))}"
    return "; ".join(f"{a} ≠ {b}" for a, b in itertools.zip_longest(mine.value, site.print, fillvalue="—") if a != b)


def _differs(site: Site) -> str:
    """What this worker lacks or has otherwise than the build (`mine ≠ the build's`); empty where it may work for it."""
    return _place(site).differs


def _stop(token: str) -> None:
    """Ends what is done here for a build: idle children at once, others at their next look."""
    _STOPPED.add(token)
    for place in list(_PLACES.values()):
        if place.token == token and place.busy.acquire(blocking=False):
            place.close()
            place.busy.release()
