"""Workers with a bar: jobs in, outcomes out, progress and traces told on the way."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.progress import Progress
from pipeline.sandbox import Job, Outcome, Workers, stop_if_hopeless


class Crew:
    """The workers of one build and the progress that it shows."""

    def __init__(self, workers: Workers, progress: Progress) -> None:
        self._workers, self.progress = workers, progress

    def add(self, job: Job) -> None:
        """A job that follows from an outcome of `run`."""
        self._workers.add(job)

    def run(self, jobs: list[Job], what: str, total: int | None = None) -> Iterator[Outcome]:
        """Outcomes in the order of completion; raises MissingError where a tool is not there, for the batch can't go on."""
        if not jobs:
            return
        self.progress.start(what, total or len(jobs))
        for outcome in self._workers.run(jobs):
            stop_if_hopeless(outcome)
            if outcome.trace:
                self.progress.trace(str(outcome.key), outcome.trace)
            self.progress.step()
            yield outcome
