"""Workers: one bad job costs itself alone, limits hold, nothing survives."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import sandbox_jobs as jobs

from pipeline.sandbox import Job, Outcome, Workers
from pipeline.settings import Limits


def outcomes(*todo: Job, limits: Limits | None = None, count: int = 2) -> dict[object, Outcome]:
    with Workers(count, limits or Limits(wall_seconds=20, memory_mb=600)) as workers:
        return {o.key: o for o in workers.run(todo)}


def test_values_come_back_by_key() -> None:
    got = outcomes(*(Job(n, jobs.double, (n,)) for n in range(7)))
    assert {k: o.value for k, o in got.items()} == {n: 2 * n for n in range(7)}


def test_a_dying_job_costs_itself_alone() -> None:
    got = outcomes(Job("bad", jobs.die, ()), *(Job(n, jobs.double, (n,)) for n in range(5)), Job("odd", jobs.fail, ()))
    assert got["bad"].code == "worker_killed"
    assert got["odd"].code == "page_failed" and "quy hoạch" in got["odd"].detail
    assert [got[n].value for n in range(5)] == [0, 2, 4, 6, 8]


def test_workers_tell_whether_one_ended_with_a_job_in_hand() -> None:
    with Workers(1, Limits(wall_seconds=20, memory_mb=600)) as workers:
        assert [o.value for o in workers.run([Job("fine", jobs.double, (2,)), Job("odd", jobs.fail, ())])] == [4, None] and not workers.lost
        assert [o.code for o in workers.run([Job("bad", jobs.die, ())])] == ["worker_killed"] and workers.lost
    with Workers(1, Limits(wall_seconds=20, memory_mb=600)) as workers:
        assert [o.code for o in workers.run([Job("slow", jobs.sleep, (60,), wall_seconds=1)])] == ["page_timeout"] and workers.lost


def test_a_crash_is_told_from_a_kill() -> None:
    got = outcomes(Job("crash", jobs.crash, ()), Job("fine", jobs.double, (2,)))
    assert got["crash"].code == "worker_crashed" and got["fine"].value == 4


def test_time_and_memory_are_bounded() -> None:
    got = outcomes(
        Job("slow", jobs.sleep, (60,), wall_seconds=1), Job("fat", jobs.eat, (900,)), limits=Limits(wall_seconds=30, memory_mb=300)
    )
    assert got["slow"].code == "page_timeout"
    assert got["fat"].code == "out_of_memory"


def gone(pid: int) -> bool:
    for _ in range(50):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.1)
    return False


def wait_for(path: Path) -> int:
    for _ in range(200):
        if path.exists() and path.read_text():
            return int(path.read_text())
        time.sleep(0.05)
    raise AssertionError("the job never started")


def test_a_timed_out_job_leaves_no_child(tmp_path: Path) -> None:
    outcomes(Job("x", jobs.leave_child, (str(tmp_path / "pid"),), wall_seconds=3))
    assert gone(wait_for(tmp_path / "pid"))


def test_everything_dies_with_the_program(tmp_path: Path) -> None:
    code = (
        "import sys; sys.path.insert(0, 'tests'); import sandbox_jobs as j\n"
        "from pipeline.sandbox import *; from pipeline.settings import Limits\n"
        f"with Workers(1, Limits()) as w: list(w.run([Job('x', j.leave_child, ({str(tmp_path / 'pid')!r},))]))"
    )
    env = os.environ | {"PYTHONPATH": "tests"}
    program = subprocess.Popen([sys.executable, "-c", code], env=env, cwd=Path(__file__).parent.parent)
    pid = wait_for(tmp_path / "pid")
    program.send_signal(signal.SIGKILL)
    program.wait()
    assert gone(pid)
