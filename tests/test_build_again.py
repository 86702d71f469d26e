"""A second build: one builder at a time, one plan alone, and what no size and time tell."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pandas as pd
import pytest
from filelock import FileLock
from test_build import digest, kehoach, plan

from pipeline import build
from pipeline.progress import Progress
from pipeline.request import Request
from pipeline.settings import Settings


@pytest.fixture
def built(tmp_path: Path) -> tuple[Path, Path]:
    raw, out = tmp_path / "raw", tmp_path / "out"
    raw.mkdir()
    for n in (3, 4):
        (raw / f"kh{n}.txt").write_bytes(plan(n))
    assert kehoach("build", raw, out, "--jobs", 1).returncode == 0
    return raw, out


def steps(out: Path) -> list[tuple[str, str]]:
    ran = json.loads((out / "run.json").read_text(encoding="utf-8"))
    return [(step["source_path"], step["why"]) for step in ran["steps"]]


def test_verify_finds_what_size_time_and_inode_hide(built: tuple[Path, Path]) -> None:
    raw, out = built
    path = raw / "kh4.txt"
    before = path.stat()
    with path.open("r+b") as f:
        f.write(plan(9))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_ino) == (before.st_size, before.st_ino)
    old = digest(out)
    assert "Nothing to do" in kehoach("build", raw, out, "--jobs", 1).stderr and digest(out) == old
    assert kehoach("build", raw, out, "--jobs", 1, "--verify").returncode == 0
    assert sorted(pd.read_csv(out / "tables" / "plans.csv")["number"]) == ["03/KH-PTP", "09/KH-PTP"]


@pytest.mark.parametrize("killed", [True, False])
def test_what_a_killed_worker_was_writing_is_gone_when_the_build_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed: bool
) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    raw.mkdir()
    (raw / "a.txt").write_bytes(plan(1))

    class Interrupted(build.Workers):
        """Workers one of which leaves a file half-written, as a kill does, and comes back for the rest of its jobs."""

        def __exit__(self, *_: object) -> None:
            super().__exit__()
            (plan_folder,) = (out / "plans").iterdir()
            (plan_folder / ".tmp-half").write_bytes(b"%PDF-")
            self.lost = killed

    monkeypatch.setattr(build, "Workers", Interrupted)
    report = build.build(Request(raw, out, Settings()), Progress(lambda key, **_: key, quiet=True))
    assert report.plans == 1 and len(list(out.rglob(".tmp-*"))) == (0 if killed else 1)


def test_one_builder_for_each_out_and_whoever_looks_is_not_kept_waiting(built: tuple[Path, Path]) -> None:
    raw, out = built
    (raw / "kh5.txt").write_bytes(plan(5))
    old = digest(out)
    with FileLock(out / ".work" / "lock"):
        second = kehoach("build", raw, out, "--jobs", 1)
        assert second.returncode == 2 and str(out) in second.stderr and "Traceback" not in second.stderr
        assert digest(out) == old
        assert "new\tkh5.txt" in kehoach("build", raw, out, "--dry-run").stdout
        assert "03/KH-PTP" in kehoach("query", "SELECT number FROM plans", "--corpus-dir", out).stdout
    assert kehoach("build", raw, out, "--jobs", 1).returncode == 0
    assert steps(out) == [("kh5.txt", "")]


def test_one_plan_is_done_again_while_the_others_stand(built: tuple[Path, Path]) -> None:
    raw, out = built
    old = digest(out)
    kept = {p: p.stat().st_mtime_ns for p in (out / ".work").rglob("*.json") if p.parent.name != ".work"}
    assert kehoach("build", raw, out, "--jobs", 1, "--only", "kh4.txt", "--force").returncode == 0
    assert steps(out) == [("kh4.txt", "--force")] and digest(out) == old
    touched = {p.parent.name for p, time in kept.items() if p.stat().st_mtime_ns != time}
    assert len(touched) == 1 and len({p.parent.name for p in kept}) == 2
