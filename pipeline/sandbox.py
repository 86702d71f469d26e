"""The one place that starts a worker: a child process with limits of time, memory and CPU, which dies with all it started.

Native parsers (poppler, pdfium, libtiff, Tesseract) run only inside such a worker. A worker leads a session of its own, is killed
with its whole process group, and dies when the program dies (so do the programs it started). A job that kills its worker costs
that job alone; the others go on in a fresh worker.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

import psutil

from pipeline.errors import InputError, KehoachError, MissingError, UsageError
from pipeline.messages import detail
from pipeline.settings import Limits

_PR_SET_PDEATHSIG = 1
_LOOK_EVERY = 0.1  # seconds between looks at time and memory
_LOOK_OFTEN = 0.02  # while a worker holds more than half of what it may: a process fills some 2 GB in a second
_RECYCLE_AFTER = 200  # jobs, so that leaks of native code never add up
_CRASHES = (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGFPE)  # the same input does it again
_TRIES = 2  # a job whose worker, or a program it started, is killed from outside is begun once more
_FULL = (errno.ENOSPC, errno.EDQUOT)
# A worker works in one thread. OpenCV's wait for each other on single pages: one that is prepared costs 0.36 (light) and 0.42 s (medium)
# of the processor with one thread, 0.39 and 0.49 with two.
_THREADS = ("OMP_THREAD_LIMIT", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OPENCV_FOR_THREADS_NUM")
_SCRATCH = "kehoach-"  # begins the names of folders for temporary files, followed by the process id of the program


@dataclass(frozen=True)
class Job:
    """A call `function(*args)` of an importable function with picklable arguments; `key` names it in the outcome.

    `wall_seconds` overrides the limit for jobs that are larger than a page.
    """

    key: Any
    function: Callable[..., Any]
    args: tuple[Any, ...]
    wall_seconds: int | None = None


@dataclass(frozen=True)
class Outcome:
    """What a job gave: its value, or `code` (a key of `problem.*`: worker_killed, worker_crashed, page_timeout, out_of_memory, page_failed,
    or the key of an InputError) with `detail`. `missing` tells that a tool is not installed, `usage` that a folder or setting is wrong or
    the disk is full: the batch can't go on."""

    key: Any
    value: Any = None
    code: str | None = None
    detail: str = ""
    args: dict[str, object] = field(default_factory=dict)
    missing: bool = False
    usage: bool = False
    trace: str = ""


class Workers:
    """A set of workers; use as a context manager. Job outcomes come in the order of completion.

    `lost` tells that a worker ended with a job in hand, so that what it was writing may lie about.
    """

    def __init__(self, count: int, limits: Limits) -> None:
        self._limits = limits
        self._count = max(1, count)
        self._workers: list[_Worker] = []
        self._waiting: deque[Job] = deque()
        self._scratch = Path(tempfile.gettempdir())
        self.lost = False

    def add(self, job: Job) -> None:
        """Puts a further job at the end of the queue; for jobs that follow from an outcome of `run`."""
        self._waiting.append(job)

    def __enter__(self) -> Workers:
        _sweep_scratch()
        self._scratch = Path(tempfile.mkdtemp(prefix=f"{_SCRATCH}{os.getpid()}-"))
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.kill()
        self._workers = []
        shutil.rmtree(self._scratch, ignore_errors=True)

    def run(self, jobs: Iterable[Job], going: Callable[[], bool] | None = None) -> Iterator[Outcome]:
        """Runs all jobs, each once (a second time if its worker was killed from outside), and yields their outcomes.

        Where `going`, asked now and then, says no, the rest is dropped.
        """
        waiting = self._waiting
        waiting.extend(jobs)
        tries: dict[Any, int] = {}
        while waiting or any(w.job for w in self._workers):
            for worker in [w for w in self._workers if w.job is None and w.done >= _RECYCLE_AFTER]:
                worker.kill()
                self._workers.remove(worker)
            idle = [w for w in self._workers if w.job is None]
            while waiting and (idle or len(self._workers) < self._count):
                if not idle:
                    idle.append(_Worker(self._limits, self._scratch))
                    self._workers.append(idle[-1])
                idle.pop().start(waiting.popleft())
            busy = {w.pipe: w for w in self._workers if w.job}
            ready = wait(list(busy), timeout=_LOOK_OFTEN if any(w.is_large() for w in busy.values()) else _LOOK_EVERY)
            if going is not None and not going():
                return
            for pipe in ready:
                worker = busy[pipe]  # type: ignore[index]
                job, outcome = worker.finish()
                if outcome is None:
                    outcome = Outcome(job.key, code=worker.cause_of_death())
                    self._lose(worker)
                if outcome.code == "worker_killed" and tries.setdefault(job.key, 1) < _TRIES:
                    tries[job.key] += 1
                    waiting.appendleft(job)
                else:
                    yield outcome
            for worker in [w for w in busy.values() if w.job and w.pipe not in ready]:
                code = worker.over_limit()
                if code and worker.job:
                    key, detail = worker.job.key, worker.limit_text(code)
                    self._lose(worker)
                    yield Outcome(key, code=code, detail=detail)

    def _lose(self, worker: _Worker) -> None:
        """Ends a worker that has a job in hand."""
        worker.kill()
        self._workers.remove(worker)
        self.lost = True


class _Worker:
    """One child process and the job it has in hand."""

    def __init__(self, limits: Limits, scratch: Path) -> None:
        self._limits = limits
        ours, theirs = socket.socketpair()
        # -P: modules come from where this package lies and from what is installed, never from the folder that the user stands in,
        # which may be full of foreign files (`numpy.py` among the inputs)
        path = os.pathsep.join(filter(None, (str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH"))))
        env = os.environ | dict.fromkeys(_THREADS, "1") | {"PYTHONHASHSEED": "0"}
        env |= {"PYTHONPATH": path, "TMPDIR": str(scratch)}
        command = [sys.executable, "-P", "-m", "pipeline.sandbox", str(theirs.fileno()), str(os.getpid()), str(limits.memory_mb)]
        self._process = subprocess.Popen(
            command, pass_fds=(theirs.fileno(),), start_new_session=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=env
        )
        theirs.close()
        self.pipe = Connection(ours.detach())
        self.job: Job | None = None
        self.done = 0
        self._since = 0.0
        self._held = 0  # bytes at the last look

    def start(self, job: Job) -> None:
        self.job, self._since, self._held = job, time.monotonic(), 0
        with contextlib.suppress(OSError):  # a worker that died in between shows as an end of file
            wall = job.wall_seconds or self._limits.wall_seconds
            self.pipe.send((job.function, job.args, max(self._limits.cpu_seconds, wall)))

    def finish(self) -> tuple[Job, Outcome | None]:
        """The job in hand and its outcome; None if the worker died."""
        job = self.job
        assert job is not None
        try:
            answer = self.pipe.recv()
        except (EOFError, OSError):
            return job, None
        self.job = None
        self.done += 1
        return job, Outcome(job.key, *answer)

    def cause_of_death(self) -> str:
        """The code for a worker that went away: the kernel ends one that used up its processor time, or whose native code went astray."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=2)
        ended = -(self._process.returncode or 0)
        return "page_timeout" if ended == signal.SIGXCPU else "worker_crashed" if ended in _CRASHES else "worker_killed"

    def over_limit(self) -> str | None:
        assert self.job is not None
        if time.monotonic() - self._since > (self.job.wall_seconds or self._limits.wall_seconds):
            return "page_timeout"
        self._held = _group_memory(self._process.pid)
        return "out_of_memory" if self._held > self._limits.memory_mb * 2**20 else None

    def is_large(self) -> bool:
        """Whether the last look found more than half of the memory that the worker may hold."""
        return self._held > self._limits.memory_mb * 2**19

    def limit_text(self, code: str) -> str:
        if code == "page_timeout":
            return f"{(self.job and self.job.wall_seconds) or self._limits.wall_seconds} s"
        return f"{self._limits.memory_mb} MB"

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self.pipe.close()


def _sweep_scratch() -> None:
    """Takes away the temporary files of programs that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(_SCRATCH + "*-*"):
        pid = folder.name.split("-")[1]
        if pid.isdigit() and not psutil.pid_exists(int(pid)) and not folder.is_symlink():
            shutil.rmtree(folder, ignore_errors=True)


def _group_memory(pid: int) -> int:
    """Resident bytes of a process and all that it started (shared pages counted in each)."""
    total = 0
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        for p in (process, *process.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                total += p.memory_info().rss
    return total


def stop_if_hopeless(outcome: Outcome) -> None:
    """Raises MissingError or UsageError where the other jobs must fail as this one did; does nothing otherwise."""
    if outcome.missing:
        raise MissingError(outcome.code or "missing_tool", **outcome.args)
    if outcome.usage:
        raise UsageError(outcome.code or "out_unwritable", **outcome.args)


def outcome_value(outcome: Outcome) -> Any:
    """The value of an outcome; raises what it failed with (MissingError, UsageError, InputError)."""
    stop_if_hopeless(outcome)
    if outcome.code:
        raise InputError(outcome.code, **(outcome.args or {"detail": outcome.detail}))
    return outcome.value


# ---------------------------------------------------------------------------------------------- inside the worker


def _die_with_parent() -> None:
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class _DyingPopen(subprocess.Popen[Any]):
    """What a worker starts (tesseract, pdftoppm) dies with the worker, also where the worker is killed alone.

    `killed` counts those that someone else killed: what such a job gives is not to be believed (a page that poppler was kept from
    drawing would be drawn by pdfium, and differ), so it is begun again.
    """

    killed = 0
    _by_us = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("preexec_fn", _die_with_parent)
        super().__init__(*args, **kwargs)

    def send_signal(self, sig: int) -> None:
        self._by_us = True
        super().send_signal(sig)

    def _handle_exitstatus(self, sts: int, *args: Any) -> None:  # where every wait of the standard library ends
        super()._handle_exitstatus(sts, *args)  # type: ignore[misc]
        if self.returncode == -signal.SIGKILL and not self._by_us:
            _DyingPopen.killed += 1


def _bound_cpu(seconds: int) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + seconds + 1, resource.RLIM_INFINITY))


def _serve(pipe: Connection, memory_mb: int) -> None:
    """Answers jobs until the pipe closes. From here on nothing is said on stderr: native code scolds broken files there by the page."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb * 4 * 2**20,) * 2)
    while True:
        try:
            function, args, cpu_seconds = pipe.recv()
        except (EOFError, OSError):
            return
        _bound_cpu(cpu_seconds)
        _DyingPopen.killed = 0
        answer = _answer(function, args)
        pipe.send((None, "worker_killed") if _DyingPopen.killed else answer)


def _answer(function: Callable[..., Any], args: tuple[Any, ...]) -> tuple[Any, ...]:
    """The fields of Outcome after `key`."""
    import traceback

    try:
        return (function(*args),)
    except KehoachError as e:
        told = {k: str(v) for k, v in e.args_.items()}
        return None, e.key, detail(told), told, isinstance(e, MissingError), isinstance(e, UsageError)
    except MemoryError:
        return None, "out_of_memory"
    except Exception as e:  # a parser's own complaint must cost one page, not the worker
        if isinstance(e, OSError) and e.errno in _FULL:
            told = {"path": e.filename if isinstance(e.filename, str) else tempfile.gettempdir(), "reason": e.strerror or str(e)}
            return None, "out_unwritable", "", told, False, True
        return None, "page_failed", f"{type(e).__name__}: {e}"[:300], {}, False, False, traceback.format_exc()


if __name__ == "__main__":
    _die_with_parent()
    if os.getppid() != int(sys.argv[2]):
        sys.exit(1)
    subprocess.Popen = _DyingPopen  # type: ignore[misc]
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _serve(Connection(int(sys.argv[1])), int(sys.argv[3]))
