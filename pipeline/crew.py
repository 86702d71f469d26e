"""Who computes, with a bar: jobs in, outcomes out, progress and traces told on the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from pipeline.progress import Progress
from pipeline.sandbox import Job, Outcome, stop_if_hopeless


class Executor(Protocol):
    """Decides who computes and nothing else: `sandbox.Workers` on this machine (one worker: one job after the other), or
    `cluster.Cluster`. Jobs leave their results in files and are the same whoever does them, once or twice, in whatever order.

    `lost` tells that a worker may have ended with a job in hand, and left a file half-written."""

    lost: bool

    def add(self, job: Job) -> None:
        """A further job, from an outcome of `run`."""

    def run(self, jobs: Iterable[Job]) -> Iterator[Outcome]:
        """The outcome of each job, in the order of completion. A job that kills its worker costs that job alone."""


class Crew:
    """The executor of one build and the progress that it shows."""

    def __init__(self, executor: Executor, progress: Progress) -> None:
        self._executor, self.progress = executor, progress

    def add(self, job: Job) -> None:
        """A job that follows from an outcome of `run`."""
        self._executor.add(job)

    def run(self, jobs: list[Job], what: str, total: int | None = None) -> Iterator[Outcome]:
        """Outcomes in the order of completion; raises MissingError where a tool is not there, for the batch can't go on."""
        if not jobs:
            return
        self.progress.start(what, total or len(jobs))
        for outcome in self._executor.run(jobs):
            stop_if_hopeless(outcome)
            if outcome.trace:
                self.progress.trace(str(outcome.key), outcome.trace)
            self.progress.step()
            yield outcome
