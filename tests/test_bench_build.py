"""How long builds take over a thousand plans (`make bench`): with nothing new, and with one new plan beyond that plan's own work."""

from __future__ import annotations

import time
from pathlib import Path

import bulk
import pytest
from test_build import kehoach

COUNT = 1000
TRIES = 3  # the best of which counts: a benchmark measures the program, not what else the machine does


def seconds(raw: Path, out: Path) -> float:
    began = time.monotonic()
    done = kehoach("build", raw, out, "--jobs", 2, timeout=3000)
    assert done.returncode == 0, done.stderr
    return time.monotonic() - began


@pytest.mark.bench
@pytest.mark.timeout(4000)
def test_a_build_of_a_thousand_plans_with_nothing_or_one_plan_new(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    bulk.lay_out(raw, COUNT)
    first = seconds(raw, out)
    idle = min(seconds(raw, out) for _ in range(TRIES))
    beyond = []
    for n in range(TRIES):
        bulk.lay_out(raw, 1, first=COUNT + 1 + n)
        bulk.lay_out(tmp_path / f"raw{n}", 1, first=COUNT + 1 + n)
        beyond.append(seconds(raw, out) - seconds(tmp_path / f"raw{n}", tmp_path / f"out{n}"))
    with capsys.disabled():
        print(
            f"\n{COUNT} plans: {COUNT / first:.1f} plans/s; nothing new {idle:.2f} s; one new plan {min(beyond):.2f} s beyond its own work"
        )
    assert idle < 1.5
    assert min(beyond) < 3
