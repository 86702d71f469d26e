"""A Dask cluster as the executor: the same bytes, one page lost at most, nobody works who differs."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
import sandbox_jobs as jobs
from test_build import ROOT, SAMPLES, digest, kehoach, plan, problems

from pipeline import cluster
from pipeline.errors import MissingError, UsageError
from pipeline.sandbox import Job, Outcome
from pipeline.settings import Limits, Settings

if TYPE_CHECKING:
    import distributed

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(900),
    pytest.mark.skipif(find_spec("distributed") is None, reason="the extra [cluster] is not installed"),
]


@pytest.fixture(scope="module")
def local() -> Iterator[distributed.LocalCluster]:
    import distributed

    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as made:
        yield made


@pytest.fixture
def site(tmp_path: Path) -> cluster.Site:
    (tmp_path / "raw").mkdir()
    (tmp_path / "out" / ".work").mkdir(parents=True)
    mark = tmp_path / "out" / ".work" / "running"
    mark.write_text("of another build")
    settings = Settings(limits=Limits(wall_seconds=20, memory_mb=600))
    return cluster.Site(tmp_path / "raw", mark, tmp_path.name, settings, cluster.fingerprint(settings))


@pytest.fixture
def own(site: cluster.Site) -> cluster.Site:
    """A site whose mark lies in OUT."""
    site.mark.write_text(site.token)
    return site


def test_a_job_that_kills_costs_itself_alone(local: distributed.LocalCluster, own: cluster.Site) -> None:
    with cluster.Cluster(local.scheduler_address, own) as workers:
        todo = [Job("bad", jobs.die, ()), *(Job(n, jobs.double, (n,)) for n in range(20)), Job("odd", jobs.fail, ())]
        got = {}
        for outcome in workers.run(todo):
            got[outcome.key] = outcome
            if outcome.key == 3:
                workers.add(Job("more", jobs.double, (21,)))
    assert got["bad"].code == "worker_killed" and got["odd"].code == "page_failed" and "quy hoạch" in got["odd"].detail
    assert [got[n].value for n in range(20)] == [2 * n for n in range(20)] and got["more"].value == 42


def test_the_job_of_a_lost_worker_is_done_again(local: distributed.LocalCluster, own: cluster.Site, tmp_path: Path) -> None:
    with cluster.Cluster(local.scheduler_address, own) as workers:
        todo = [Job(n, jobs.first_time_kills_all, (str(tmp_path / "seen"), n)) for n in range(8)]
        got = {o.key: o for o in workers.run(todo)}
    assert {o.code for o in got.values()} == {None} and sorted(o.value for o in got.values()) == list(range(8))


def _heard(outcomes: Iterator[Outcome]) -> None:
    with contextlib.suppress(UsageError):
        list(outcomes)


def test_what_a_build_left_behind_stops_with_it(local: distributed.LocalCluster, own: cluster.Site, tmp_path: Path) -> None:
    with cluster.Cluster(local.scheduler_address, own) as workers:
        outcomes = workers.run([Job("x", jobs.leave_child, (str(tmp_path / "pid"),), wall_seconds=300)])
        threading.Thread(target=_heard, args=(outcomes,), daemon=True).start()
        for _ in range(600):
            time.sleep(0.1)
            if (tmp_path / "pid").exists() and (tmp_path / "pid").read_text():
                break
        own.mark.write_text("another build")
        pid = int((tmp_path / "pid").read_text())
        for _ in range(100):
            time.sleep(0.1)
            if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return
    raise AssertionError("it goes on working for a build that is over")


def test_nobody_works_who_sees_other_folders_or_has_other_tools(local: distributed.LocalCluster, site: cluster.Site) -> None:
    with pytest.raises(UsageError) as unseen, cluster.Cluster(local.scheduler_address, site):
        pass
    assert (unseen.value.key, unseen.value.args_["what"]) == ("cluster_differs", str(site.mark.parent.parent))
    site.mark.write_text(site.token + "2")
    other = cluster.Site(site.raw, site.mark, site.token + "2", site.settings, (*site.print[:-1], "vie 000000000000"))
    with pytest.raises(UsageError) as differs, cluster.Cluster(local.scheduler_address, other):
        pass
    assert re.fullmatch(r"vie \w{12} ≠ vie 000000000000", str(differs.value.args_["what"]))
    with pytest.raises(UsageError) as nobody, cluster.Cluster("tcp://127.0.0.1:9", site):
        pass
    assert nobody.value.key == "cluster_unreachable"


def test_without_dask_the_command_that_installs_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "find_spec", lambda _: None)
    with pytest.raises(MissingError) as missing:
        cluster.require()
    assert "pip install distributed" in str(missing.value.args_["command"]) and missing.value.exit_code == 3


def test_any_executor_worker_count_and_order_give_the_same_bytes(local: distributed.LocalCluster, tmp_path: Path) -> None:
    raws = [tmp_path / name for name in ("forth", "back")]
    inputs = {f"đợt {n % 2}/kh{n}.txt": plan(n) for n in range(1, 13)}
    for name in ("nghiahiep_th_15_2026.pdf", "lamdong_snnmt_187_2025.tif", "haiduong_ldld_29_2023.txt"):
        inputs[name] = (SAMPLES / name).read_bytes()
    for raw, names in zip(raws, (list(inputs), list(inputs)[::-1]), strict=True):
        for name in names:
            (raw / name).parent.mkdir(parents=True, exist_ok=True)
            (raw / name).write_bytes(inputs[name])
    digests = {}
    for count in (1, 2, 3, 8):
        done = kehoach("build", raws[count % 2], tmp_path / f"{count}", "--jobs", count)
        assert done.returncode == 0, done.stderr
        digests[f"{count} workers"] = digest(tmp_path / f"{count}")
    done = kehoach("build", raws[0], tmp_path / "dask", "--scheduler", local.scheduler_address)
    assert done.returncode == 0, done.stderr
    digests["dask"] = digest(tmp_path / "dask")
    assert all(d == digests["1 workers"] for d in digests.values()), [k for k, d in digests.items() if d != digests["1 workers"]]
    again = kehoach("build", raws[1], tmp_path / "dask", "--jobs", 1)
    assert "Nothing to do" in again.stderr, "files are the truth, whoever made them"


def test_a_cluster_that_dies_loses_nothing(tmp_path: Path) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    raw.mkdir()
    shutil.copy(SAMPLES / "nghiahiep_th_15_2026.pdf", raw / "s.pdf")
    for n in range(1, 30):
        (raw / f"kh{n}.txt").write_bytes(plan(n))
    command = [
        sys.executable,
        "-m",
        "distributed.cli.dask_scheduler",
        "--port",
        "0",
        "--no-dashboard",
        "--scheduler-file",
        str(tmp_path / "s.json"),
    ]
    scheduler = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL)
    helper = [
        sys.executable,
        "-m",
        "distributed.cli.dask_worker",
        "--scheduler-file",
        str(tmp_path / "s.json"),
        "--nthreads",
        "2",
        "--no-dashboard",
    ]
    worker = subprocess.Popen(
        helper, cwd=tmp_path, stderr=subprocess.DEVNULL, env=os.environ | {"PYTHONPATH": f"{ROOT}:{os.environ['PYTHONPATH']}"}
    )
    try:
        while not (tmp_path / "s.json").exists():
            time.sleep(0.1)
        address = json.loads((tmp_path / "s.json").read_text())["address"]
        build = subprocess.Popen(
            [sys.executable, "-m", "pipeline", "build", str(raw), str(out), "--scheduler", address, "--lang", "en"],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
        )
        while not list(out.glob(".work/*/records.stamp")) and build.poll() is None:
            time.sleep(0.1)
        scheduler.send_signal(signal.SIGKILL)
        told = build.communicate(timeout=120)[1]
        assert build.returncode == 2 and "Nothing is lost" in told and "Traceback" not in told, told
    finally:
        for process in (scheduler, worker):
            process.kill()
            process.wait()
    assert kehoach("build", raw, out, "--jobs", 2).returncode == 0
    kehoach("build", raw, tmp_path / "whole", "--jobs", 2)
    assert digest(out) == digest(tmp_path / "whole") and not len(problems(out)[problems(out)["level"] == "error"])
