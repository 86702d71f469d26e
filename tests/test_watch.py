"""--watch: reads what lies still, holds back what is being written, ends with 130 and everything whole."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from test_build import ROOT, digest, kehoach, plan, problems

from pipeline.build import Request
from pipeline.errors import KehoachError, UsageError
from pipeline.progress import Progress
from pipeline.request import Report
from pipeline.settings import Settings, with_value
from pipeline.watch import Stillness, states, watch

QUICK = with_value(with_value(Settings(), "watch.interval_seconds", 0.01), "watch.settle_seconds", 0.02)


def test_what_moves_is_held_until_it_has_lain_still() -> None:
    still = Stillness(5)
    assert still.look({"a": (1, 1, 1, 1)}, 0) == {"a"}
    assert still.look({"a": (2, 2, 1, 1)}, 4) == {"a"}
    assert still.look({"a": (2, 2, 1, 1), "b": (1, 1, 2, 1)}, 8) == {"a", "b"}
    assert still.look({"a": (2, 2, 1, 1), "b": (1, 1, 2, 1)}, 9) == {"b"}
    assert still.look({"b": (1, 1, 2, 1)}, 14) == {"a"}, "a rename is no loss while the new name has not settled"
    assert still.look({"b": (1, 1, 2, 1)}, 20) == set()


def test_states_tell_inputs_and_lists_and_open_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    for name in ("a.txt", "x/b.txt", "x/documents.toml", ".hidden"):
        (tmp_path / name).write_text("x")
    (tmp_path / "link.txt").symlink_to(tmp_path / "a.txt")
    os.mkfifo(tmp_path / "pipe.txt")
    assert sorted(states(tmp_path)) == ["a.txt", "x/b.txt", "x/documents.toml"]


class Ended(Exception):
    pass


def rounds(request: Request, script: list[object]) -> tuple[list[Request], list[object]]:
    """Runs `watch` with builds that do as the script says, one entry a round (a Report or an error); what was asked and told."""
    asked: list[Request] = []
    told: list[object] = []

    def run(request: Request, _: Progress) -> Report:
        if not script:
            raise Ended
        asked.append(request)
        (request.raw / f"new{len(script)}.txt").write_text("x")
        step = script.pop(0)
        if isinstance(step, KehoachError):
            raise step
        assert isinstance(step, Report)
        return step

    with pytest.raises(Ended):
        watch(request, Progress(lambda key, **_: key, quiet=True), told.append, run)
    return asked, told


def test_a_round_that_fails_is_told_once_and_tried_again(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "a.txt").write_text("x")
    done, idle = Report((), changed=True), Report(())
    busy = [UsageError("out_locked", path="x"), UsageError("out_locked", path="x")]
    request = Request(tmp_path / "raw", tmp_path / "out", QUICK, force=True, prune=True)
    asked, told = rounds(request, [*busy, done, idle, done])
    assert told == [busy[0], done, done], "quiet when nothing is new"
    assert [r.force and r.prune for r in asked] == [True, True, True, False, False], "what was confirmed once holds for one build"
    with pytest.raises(UsageError):
        rounds(request, [UsageError("bad_setting")])
    with pytest.raises(UsageError):
        rounds(Request(tmp_path / "raw", tmp_path / "raw" / "out", QUICK), [])


def test_a_build_keeps_what_it_knows_of_inputs_that_are_being_written(tmp_path: Path) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    raw.mkdir()
    for n in (1, 2):
        (raw / f"k{n}.txt").write_bytes(plan(n))
    from pipeline.build import build

    def run(*hold: str) -> Report:
        return build(Request(raw, out, corrections=tmp_path / "none", hold=frozenset(hold)), Progress(lambda key, **_: key, quiet=True))

    run()
    before = digest(out)
    (raw / "k1.txt").write_bytes(plan(1).decode()[:200].encode())
    (raw / "k2.txt").rename(raw / "k3.txt")
    (raw / "k4.txt").write_bytes(plan(4).decode()[:100].encode())
    assert not run("k1.txt", "k2.txt", "k3.txt", "k4.txt").changed
    assert digest(out) == before
    assert run("k2.txt", "k4.txt").plans == 2
    assert set(pd.read_parquet(out / "tables" / "plans.parquet")["source_path"]) == {"k1.txt", "k2.txt"}
    assert set(problems(out)["code"]) <= {"duplicate_file"}


@pytest.fixture
def watching(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], queue.Queue[str], Path, Path]]:
    """A watch on an empty folder, its lines on stderr, RAW and OUT."""
    raw, out = tmp_path / "raw", tmp_path / "out"
    raw.mkdir()
    sets = ("--set", "watch.interval_seconds=0.2", "--set", "watch.settle_seconds=1")
    command = [sys.executable, "-m", "pipeline", "build", str(raw), str(out), "--watch", "--jobs", "2", "--lang", "en", *sets]
    process = subprocess.Popen(
        command, cwd=ROOT, stderr=subprocess.PIPE, text=True, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
    )
    lines: queue.Queue[str] = queue.Queue()
    assert process.stderr is not None
    threading.Thread(target=lambda: [lines.put(line) for line in process.stderr], daemon=True).start()  # type: ignore[union-attr]
    yield process, lines, raw, out
    process.kill()
    process.wait()


@pytest.mark.long
@pytest.mark.timeout(600)
def test_files_that_come_while_it_watches_are_built_and_ctrl_c_ends_it(
    watching: tuple[subprocess.Popen[str], queue.Queue[str], Path, Path], tmp_path: Path
) -> None:
    process, lines, raw, out = watching
    assert "Watching" in lines.get(timeout=60)
    (raw / "a.txt").write_bytes(plan(1))
    os.mkfifo(raw / "pipe.txt")
    with (raw / "slow.txt").open("wb") as slow:  # half a file all the while
        slow.write(plan(2)[:301])
        slow.flush()
        for _ in range(100):
            os.utime(raw / "slow.txt")
            time.sleep(0.2)
            if not lines.empty():
                break
        assert ": 1 documents" in lines.get(timeout=100)
        locked = kehoach("build", raw, out, "--dry-run")
        assert "slow.txt" in locked.stdout
        slow.write(plan(2)[300:])
    assert ": 2 documents" in lines.get(timeout=100)
    time.sleep(2)
    assert lines.empty(), "quiet when nothing is new"
    (raw / "b.txt").write_bytes(plan(3))
    time.sleep(1.2)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 130
    assert "Nothing is lost" in [lines.get(timeout=10) for _ in range(lines.qsize())][-1]
    (raw / "pipe.txt").unlink()
    kehoach("build", raw, out)
    kehoach("build", raw, tmp_path / "whole")
    assert digest(out) == digest(tmp_path / "whole")
