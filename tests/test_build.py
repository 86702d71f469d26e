"""The main job: a folder becomes a corpus; again and again, with any number of workers, whatever lies beside the good plans."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
import unicodedata
from pathlib import Path

import pandas as pd
import pytest
from broken import ODD_NAME, lay_out, pdf_bytes
from PIL import Image

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "data" / "raw" / "samples"

PLAN = """UBND HUYỆN MỎ CÀY BẮC\tCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
PHÒNG TƯ PHÁP\tĐộc lập - Tự do - Hạnh phúc
Số: {number}/KH-PTP\tMỏ Cày Bắc, ngày {day} tháng 3 năm 2022

KẾ HOẠCH
Kiểm tra công tác hộ tịch trên địa bàn huyện

Thực hiện Quyết định số 45/QĐ-UBND ngày 10 tháng 01 năm 2022 của Ủy ban nhân dân huyện, Phòng Tư pháp xây dựng kế hoạch như sau:

I. MỤC ĐÍCH, YÊU CẦU

Đánh giá đúng thực trạng công tác hộ tịch.

II. NỘI DUNG

1. Phòng Tư pháp chủ trì, phối hợp với Công an huyện kiểm tra 04 xã, hoàn thành trước ngày 30/6/2022.

III. TỔ CHỨC THỰC HIỆN

1. Ủy ban nhân dân các xã báo cáo kết quả về Phòng Tư pháp trước ngày 15/7/2022.

Nơi nhận:
- UBND huyện (để b/c);
- UBND các xã;
- Lưu: VT.

TRƯỞNG PHÒNG

Lê Thị Bích Hạnh
"""


def plan(number: int) -> bytes:
    return PLAN.format(number=f"{number:02}", day=f"{number:02}").encode()


def kehoach(*words: object, env: dict[str, str] | None = None, timeout: float = 600) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pipeline", *map(str, words)]
    return subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, env=os.environ | {"LANG": "C.UTF-8"} | (env or {}), timeout=timeout
    )


def digest(out: Path) -> dict[str, str]:
    """The bytes of everything that a build must reproduce."""
    kept = [p for part in ("tables", "plans") for p in sorted((out / part).rglob("*")) if p.is_file()] + [out / "datapackage.json"]
    return {p.relative_to(out).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in kept}


def problems(out: Path) -> pd.DataFrame:
    return pd.read_parquet(out / "tables" / "problems.parquet")


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    (folder / "đợt 1").mkdir(parents=True)
    for n in (3, 4, 5):
        (folder / "đợt 1" / f"kh{n}.txt").write_bytes(plan(n))
    return folder


def test_build_then_nothing_to_do(raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = kehoach("build", raw, out, "--jobs", 2)
    assert first.returncode == 0, first.stderr
    assert first.stdout == ""
    plans = pd.read_parquet(out / "tables" / "plans.parquet")
    assert sorted(plans["number"]) == ["03/KH-PTP", "04/KH-PTP", "05/KH-PTP"]
    assert set(plans["source_path"]) == {f"đợt 1/kh{n}.txt" for n in (3, 4, 5)}
    before = digest(out)
    again = kehoach("build", raw, out)
    assert again.returncode == 0 and "Nothing to do" in again.stderr
    assert digest(out) == before


def test_any_worker_count_and_order_give_the_same_bytes(raw: Path, tmp_path: Path) -> None:
    kehoach("build", raw, tmp_path / "one", "--jobs", 1)
    kehoach("build", raw, tmp_path / "three", "--jobs", 3)
    kehoach("build", raw, tmp_path / "steps", "--only", "*kh4.txt")
    kehoach("build", raw, tmp_path / "steps", "--jobs", 2)
    assert digest(tmp_path / "one") == digest(tmp_path / "three") == digest(tmp_path / "steps")


def test_dry_run_says_what_and_why_and_writes_nothing(raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    told = kehoach("build", raw, out, "--dry-run")
    assert told.returncode == 0 and len(told.stdout.splitlines()) == 3 and not out.exists()
    assert all(line.startswith("new\t") for line in told.stdout.splitlines())
    kehoach("build", raw, out)
    told = kehoach("build", raw, out, "--dry-run", "--set", "extract.review_below=0.9")
    assert [line.split("\t")[0] for line in told.stdout.splitlines()] == ["redo"] * 3
    assert "extract: settings" in told.stdout
    (raw / "kh6.txt").write_bytes(plan(6))
    told = kehoach("build", raw, out, "--dry-run")
    assert sorted(line.split("\t")[0] for line in told.stdout.splitlines()) == ["new", "skip", "skip", "skip"]


def test_broken_inputs_are_rows_and_cost_nothing_else(tmp_path: Path) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    expected = lay_out(raw, {"odd": plan(7), "good.txt": plan(8)})
    done = kehoach("build", raw, out)
    assert done.returncode == 5, done.stderr
    assert "Traceback" not in done.stderr
    rows = problems(out)
    for path, codes in expected.items():
        mine = rows[rows["source_path"] == path]
        assert set(mine["code"]) & set(codes.split("|")), (path, list(mine["code"]))
        assert (mine["message"].str.len() > 20).all()
    plans = pd.read_parquet(out / "tables" / "plans.parquet").set_index("source_path")
    assert plans.loc[ODD_NAME, "number"] == "07/KH-PTP"
    assert plans.loc["good.txt", "number"] == "08/KH-PTP"
    tasks = pd.read_parquet(out / "tables" / "tasks.parquet")
    assert all((tasks["plan_id"] == plans.loc[name, "plan_id"]).sum() == 2 for name in (ODD_NAME, "good.txt"))
    assert {p.name for p in raw.iterdir()} == {*expected, ODD_NAME, "good.txt"}


def test_an_emptied_raw_changes_nothing(raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    kehoach("build", raw, out)
    before = digest(out)
    (raw / "đợt 1" / "kh3.txt").unlink()
    refused = kehoach("build", raw, out)
    assert refused.returncode == 2 and "--prune" in refused.stderr
    for n in (4, 5):
        (raw / "đợt 1" / f"kh{n}.txt").unlink()
    refused = kehoach("build", raw, out)
    assert refused.returncode == 2 and "--prune" in refused.stderr
    assert kehoach("build", tmp_path / "nowhere", out).returncode == 2
    assert digest(out) == before
    (raw / "đợt 1" / "kh4.txt").write_bytes(plan(4))
    told = kehoach("build", raw, out, "--prune", "--dry-run")
    assert "skip\tđợt 1/kh3.txt\tinput_gone" in told.stdout and "1 new" not in told.stderr and "nothing was changed" in told.stderr
    assert kehoach("build", raw, out, "--prune").returncode == 0
    assert list(pd.read_parquet(out / "tables" / "plans.parquet")["number"]) == ["04/KH-PTP"]
    shutil.rmtree(raw)
    assert kehoach("build", raw, out, "--prune").returncode == 0
    assert len(pd.read_parquet(out / "tables" / "plans.parquet")) == 0


def test_one_input_gone_of_many_is_a_note_and_a_copy_too(tmp_path: Path) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    raw.mkdir()
    for n in range(1, 13):
        (raw / f"kh{n}.txt").write_bytes(plan(n))
    (raw / "copy.txt").write_bytes(plan(12))
    kehoach("build", raw, out, "--jobs", 2)
    assert len(pd.read_parquet(out / "tables" / "plans.parquet")) == 12
    (raw / "kh1.txt").unlink()
    (raw / "kh2.txt").rename(raw / "renamed.txt")
    done = kehoach("build", raw, out, "--jobs", 2)
    assert done.returncode == 0, done.stderr
    rows = problems(out)
    assert list(rows[rows["code"] == "input_gone"]["source_path"]) == ["kh1.txt"]
    assert list(rows[rows["code"] == "duplicate_file"]["level"]) == ["note"]
    plans = pd.read_parquet(out / "tables" / "plans.parquet")
    assert len(plans) == 11 and "renamed.txt" in set(plans["source_path"])


def test_a_locked_plan_that_was_read_once_stays_without_its_password(tmp_path: Path) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    raw.mkdir()
    (raw / "kh.txt").write_bytes(plan(1))
    (raw / "locked.pdf").write_bytes(pdf_bytes("bí mật"))
    (tmp_path / "words").write_text("sai\nbí mật\n", encoding="utf-8")
    assert kehoach("build", raw, out).returncode == 5
    assert kehoach("build", raw, out, "--password-file", tmp_path / "words").returncode == 0
    before = digest(out)
    os.utime(raw / "locked.pdf", (1, 1))
    assert kehoach("build", raw, out, "--verify").returncode == 0
    assert digest(out) == before
    again = ("--set", "pages.dpi=150")
    failed = kehoach("build", raw, out, *again)
    assert failed.returncode == 5 and "--password-file" in failed.stderr
    assert kehoach("build", raw, out, *again, "--password-file", tmp_path / "words").returncode == 0, "tried again once there is a password"


def test_only_takes_a_name_however_its_letters_are_stored_and_tells_when_none_is_meant(tmp_path: Path) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    raw.mkdir()
    (raw / unicodedata.normalize("NFD", "kế hoạch.txt")).write_bytes(plan(1))
    (raw / "khác.txt").write_bytes(plan(2))
    told = kehoach("build", raw, out, "--only", "kế*", "--dry-run")
    assert told.stdout.count("new\t") == 1 and told.stdout.count("--only") == 1
    none = kehoach("build", raw, out, "--only", "kế hoach*")
    assert none.returncode == 2 and "kế hoach*" in none.stderr and not (out / "tables").exists()


def test_messages_in_vietnamese_and_wrong_use(raw: Path, tmp_path: Path) -> None:
    wrong = kehoach("build", raw, tmp_path / "out", "--set", "ocr.pms=4", "--lang", "vi")
    assert wrong.returncode == 2 and "ocr.psm" in wrong.stderr and "thiết lập" in wrong.stderr
    assert kehoach("build", raw, raw / "out").returncode == 2
    assert kehoach("extract", tmp_path / "none.txt").returncode == 4
    assert kehoach("show", "abc", "--corpus-dir", tmp_path).returncode == 2


@pytest.mark.long
def test_killed_at_any_moment_it_goes_on(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    for path in sorted(SAMPLES.rglob("*"))[:6]:
        if path.is_file():
            (raw / path.name).write_bytes(path.read_bytes())
    kehoach("build", raw, tmp_path / "whole", "--jobs", 2)
    out = tmp_path / "killed"
    for moment in (0.3, 0.8, 1.5, 2.5, 4, 6, 8, 11, 14, 18):
        process = subprocess.Popen([sys.executable, "-m", "pipeline", "build", str(raw), str(out), "--jobs", "2"], cwd=ROOT)
        time.sleep(moment)
        process.send_signal(signal.SIGKILL)
        process.wait()
    done = kehoach("build", raw, out, "--jobs", 2)
    assert "Traceback" not in done.stderr
    assert digest(out) == digest(tmp_path / "whole")
    assert not [p for p in out.rglob(".tmp-*")]


def test_documents_toml_says_where_documents_begin(tmp_path: Path) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    raw.mkdir()
    pages = [Image.new("L", (1240, 1754), 255) for _ in range(3)]
    pages[0].save(raw / "a.tif", save_all=True, append_images=pages[1:])
    kehoach("build", raw, out)
    assert len(pd.read_parquet(out / "tables" / "plans.parquet")) == 1
    (raw / "documents.toml").write_text('[[document]]\nfiles = ["a.tif"]\nstarts = [1, 3]\n')
    assert "repair: inputs" in kehoach("build", raw, out, "--dry-run").stdout
    kehoach("build", raw, out)
    plans = pd.read_parquet(out / "tables" / "plans.parquet")
    assert sorted(i[-2:] == "-2" for i in plans["plan_id"]) == [False, True]
    (raw / "documents.toml").write_text("[[document]\n")
    broken = kehoach("build", raw, out)
    assert broken.returncode == 5 and "documents.toml" in broken.stderr
    assert len(pd.read_parquet(out / "tables" / "plans.parquet")) == 1


def test_without_words_the_program_tells_its_commands() -> None:
    told = kehoach()
    assert "Traceback" not in told.stderr and "build" in told.stdout + told.stderr
