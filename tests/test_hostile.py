"""Hostile and broken inputs cost themselves alone, nothing leaves OUT, and killed builds go on to the same bytes."""

from __future__ import annotations

import ast
import functools
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import mutate
import psutil
import pytest
import siege
from test_build import PLAN, ROOT, SAMPLES, digest, kehoach, plan, problems

import pipeline
from pipeline import ingest, screen, settings, stages
from pipeline.errors import InputError, UsageError

HERE = Path(pipeline.__file__).parent


def test_mutants_are_the_same_each_time() -> None:
    samples = [SAMPLES / "haiduong_ldld_29_2023.txt", SAMPLES / "nghiahiep_th_15_2026.pdf"]
    first = list(mutate.mutants(samples, 3, 24))
    assert first == list(mutate.mutants(samples, 3, 24)) != list(mutate.mutants(samples, 4, 24))
    assert len({data for _, data in first}) > 18


def test_whether_a_pdf_is_locked_does_not_depend_on_the_one_before(tmp_path: Path) -> None:
    files = mutate.locked_pdfs() | mutate.hostile_pdfs()

    def code(name: str) -> str | None:
        (tmp_path / name).write_bytes(files[name])
        try:
            ingest.ingest((tmp_path / name,), tmp_path, settings.Ingest())
        except InputError as e:
            return e.key
        return None

    names = ("no_pages.pdf", "locked.pdf", "no_pages.pdf", "empty_password.pdf", "no_pages.pdf")
    assert [code(n) for n in names] == ["damaged_pdf", "password", "damaged_pdf", None, "damaged_pdf"]


def imported(path: Path) -> set[str]:
    """Files of the package that a file imports, relative to it; packages as their folder."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("pipeline"):
            for name in (node.module, *(f"{node.module}.{a.name}" for a in node.names)):
                stem = HERE.joinpath(*name.split(".")[1:])
                found |= {p.relative_to(HERE).as_posix() for p in (stem.with_suffix(".py"), stem / "__init__.py") if p.is_file()}
    return found


@pytest.mark.parametrize("name", ["ingest", "pages", "image", "ocr", "repair", "extract"])
def test_a_stage_is_redone_when_any_code_or_rule_that_it_is_made_of_changes(name: str) -> None:
    reading = ("pages", "image", "ocr")  # each has the stamps of those before it among its inputs
    mine = [stages.stage(n) for n in (reading[: reading.index(name) + 1] if name in reading else (name,))]
    covered = {p.relative_to(HERE).as_posix() for s in mine for p in stages._files(s.code, HERE)}
    rules = {p.name for s in mine for p in stages._files(s.rules, HERE / "rules")}
    # what never changes a result: settings have their own part of the stamp
    free = {"__init__.py", "settings.py", "messages.py", "versions.py"}
    for path in sorted(covered):
        assert imported(HERE / path) <= covered | free, path
        assert rules_named(HERE / path) - {"messages.toml"} <= rules, path


def rules_named(path: Path) -> set[str]:
    """The rule files that a file of the package names outside its docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
    texts = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str) and id(n) not in told]
    return {p.name for p in (HERE / "rules").iterdir() if any(t in (p.name, f"rules/{p.name}") for t in texts)}


def test_what_comes_out_never_replaces_an_input_or_a_folder(tmp_path: Path) -> None:
    scan = tmp_path / "scan.pdf"
    scan.write_bytes(b"x")
    (tmp_path / "link.pdf").symlink_to(scan)
    for output in (scan, tmp_path / "link.pdf", tmp_path):
        with pytest.raises(UsageError):
            screen.usable(output, [scan])
    assert screen.usable(tmp_path / "new.txt", [scan]) == tmp_path / "new.txt"
    assert screen.usable(Path("-"), [scan]) is None


def test_help_speaks_the_language_that_was_asked_for() -> None:
    assert screen.asked_language(["build", "--lang", "vi"], {"LANG": "en_US.UTF-8"}) == "vi"
    assert screen.asked_language(["--lang=en"], {"LANG": "vi_VN.UTF-8"}) == "en"
    assert screen.asked_language(["build", "--lang"], {"LANG": "vi_VN.UTF-8"}) == "vi"
    assert screen.asked_language(["--lang", "fr"], {}) == "en"


def test_a_worker_takes_no_module_from_the_folder_that_the_user_stands_in(tmp_path: Path) -> None:
    for name in ("psutil", "msgspec", "numpy"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close()\n", encoding="utf-8")
    code = (
        "import sandbox_jobs as j; from pipeline.sandbox import *; from pipeline.settings import Limits\n"
        "with Workers(1, Limits()) as w: print([o.value for o in w.run([Job('x', j.double, (4,))])])"
    )
    env = os.environ | {"PYTHONPATH": os.pathsep.join((str(ROOT), str(Path(__file__).parent)))}
    done = subprocess.run([sys.executable, "-P", "-c", code], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60)
    assert done.stdout == "[8]\n" and not (tmp_path / "ran").exists(), done.stderr


def contents(folder: Path) -> dict[str, str]:
    """Every entry below a folder with the hash of its bytes (ordinary files alone are opened)."""
    out = {}
    for where, names, files in os.walk(folder):
        for name in (*names, *files):
            path = Path(where) / name
            ordinary = path.is_file() and not path.is_symlink()
            out[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest() if ordinary else "-"
    return out


def survivors() -> list[int]:
    mine = {p.pid for p in psutil.Process().children(recursive=True)}
    return [p.pid for p in psutil.process_iter(["name"]) if p.info["name"] in ("tesseract", "pdftoppm") and p.pid in mine]


@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_folder_of_hostile_files_costs_nothing_but_itself(tmp_path: Path) -> None:
    good = {"good1.txt": plan(8), "good2.txt": plan(9)}
    raw, clean = tmp_path / "a" / "raw", tmp_path / "clean"
    for folder in (raw, clean):
        folder.mkdir(parents=True)
        for name, data in good.items():
            (folder / name).write_bytes(data)
    assert kehoach("build", clean, tmp_path / "alone", "--jobs", 2).returncode == 0
    text = PLAN.format(number="07", day="07").encode()
    small = [SAMPLES / n for n in ("nghiahiep_th_15_2026.pdf", "lamdong_snnmt_187_2025.tif", "namgiang_hkl_31_2018.txt")]
    made = mutate.hostile_pdfs() | mutate.bad_images() | mutate.odd_images() | mutate.locked_pdfs() | mutate.odd_texts()
    made |= mutate.odd_names(text) | dict(mutate.mutants(small, 11, 18))
    for name, data in made.items():
        (raw / name).write_bytes(data)
    special = mutate.special_files(raw)
    special += [n.encode("utf-8", "backslashreplace").decode() for n in _nameless(raw, text)]
    before, out = contents(tmp_path / "a"), tmp_path / "out"
    done = kehoach("build", raw, out, "--jobs", 2)
    assert done.returncode == 5, done.stderr
    assert "Traceback" not in done.stderr and "Fax4Decode" not in done.stderr
    assert contents(tmp_path / "a") == before
    assert {p.name for p in tmp_path.iterdir()} == {"a", "clean", "alone", "out"}
    assert not list(out.rglob(".tmp*")) and not survivors()
    rows = problems(out)
    import pandas as pd

    plans = pd.read_parquet(out / "tables" / "plans.parquet")
    told = set(rows["source_path"]) | set(plans["source_path"])
    assert not [n for n in made if n not in told and not n.startswith(".")]
    assert not [n for n in special if n not in told]
    codes = rows.groupby("source_path")["code"].agg(set).to_dict()
    for name in ("cmyk.jpg", "progressive.jpg", "sixteen.png", "palette.png", "alpha.png", "bilevel.tif", "cmyk.tif", "empty_password.pdf"):
        assert name not in codes and int(plans.loc[plans["source_path"] == name, "words"].iloc[0]) > 0, name
    assert "password" in codes["locked.pdf"] and "too_large" in codes["header_bomb.png"] and "damaged_pdf" in codes["no_pages.pdf"]
    for source, one in plans[plans["source_path"].isin(list(good))].set_index("source_path")["plan_id"].items():
        for file in ("text.txt", "raw.txt", "record.json", "reading.json"):
            assert (out / "plans" / one / file).read_bytes() == (tmp_path / "alone" / "plans" / one / file).read_bytes(), source


def _nameless(raw: Path, text: bytes) -> list[str]:
    mutate.names_without_letters(raw, text)
    return [p.name for p in raw.iterdir() if any("\ud800" <= c <= "\udfff" for c in p.name)]


@pytest.mark.long
@pytest.mark.timeout(600)
def test_kills_and_interrupts_lose_nothing(tmp_path: Path) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    raw.mkdir()
    for name in ("nghiahiep_th_15_2026.pdf", "lamdong_snnmt_187_2025.tif", "namgiang_hkl_31_2018.txt"):
        shutil.copy(SAMPLES / name, raw / name)
    assert kehoach("build", raw, tmp_path / "whole", "--jobs", 1).returncode == 0

    def start() -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "pipeline", "build", str(raw), str(out), "--jobs", "2", "--lang", "en"]
        heard = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # a shell's background jobs are born deaf to it
        return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, preexec_fn=heard)

    for number in (signal.SIGINT, signal.SIGTERM):
        process = start()
        while not (out / ".work" / "inputs.json").exists():
            time.sleep(0.05)
        time.sleep(1)
        process.send_signal(number)
        told = process.communicate(timeout=60)[1]
        assert process.returncode == 130 and "Nothing is lost" in told and "Traceback" not in told
        assert not list(out.rglob(".tmp*"))
    process = start()
    killed = 0
    while process.poll() is None and killed < 1:
        for child in psutil.Process(process.pid).children(recursive=True):
            if killed < 1 and child.name() == "tesseract":
                child.kill()
                killed += 1
        time.sleep(0.02)
    told = process.communicate(timeout=200)[1]
    assert killed and process.returncode == 0, told  # the page whose tesseract was killed was begun again
    assert digest(out) == digest(tmp_path / "whole")


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_killed_at_ten_random_moments_whoever_it_is(tmp_path: Path) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    raw.mkdir()
    shutil.copy(SAMPLES / "nghiahiep_th_15_2026.pdf", raw / "s.pdf")
    shutil.copy(SAMPLES / "lamdong_snnmt_187_2025.tif", raw / "t.tif")
    for n in range(1, 5):
        (raw / f"k{n}.txt").write_bytes(plan(n))
    assert kehoach("build", raw, tmp_path / "whole", "--jobs", 1).returncode == 0
    whole, dice = digest(tmp_path / "whole"), random.Random(20)
    command = [sys.executable, "-m", "pipeline", "build", str(raw), str(out), "--jobs", "2"]
    for victim in ("parent", "worker", "tesseract", "worker", "parent", "tesseract", "worker", "tesseract", "parent", "worker"):
        process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
        after = time.monotonic() + dice.uniform(0.5, 8)
        while process.poll() is None:
            time.sleep(0.01)
            if time.monotonic() > after and _kill(victim, process):
                break
        told = process.communicate(timeout=300)[1]
        assert "Traceback" not in told and process.returncode in (0, -signal.SIGKILL), (victim, told)
        assert not survivors()
        if process.returncode == 0:  # it outlived the kill
            assert digest(out) == whole, victim
            shutil.rmtree(out)
    assert kehoach("build", raw, out, "--jobs", 2).returncode == 0
    assert digest(out) == whole and not list(out.rglob(".tmp*"))


def _kill(victim: str, process: subprocess.Popen[str]) -> bool:
    """Kills the build, one of its workers or a tesseract that one of them started; False where there is none just now."""
    if victim == "parent":
        process.kill()
        return True
    try:
        children = psutil.Process(process.pid).children(recursive=True)
        named = [c for c in children if (c.name() == "tesseract") == (victim == "tesseract") and c.name() not in ("sh", "pdftoppm")]
        if named:
            named[0].kill()
        return bool(named)
    except psutil.Error:
        return False


@pytest.mark.long
@pytest.mark.timeout(300)
def test_a_page_that_kills_its_worker_is_lost_alone_and_read_when_it_kills_no_more(tmp_path: Path) -> None:
    raw, out, fake = tmp_path / "raw", tmp_path / "out", tmp_path / "bin"
    raw.mkdir()
    pages = [mutate.picture(size=(620 + (n == 2) * 491, 877), text=f"KE HOACH {n}") for n in (1, 2, 3)]
    pages[0].save(raw / "p.tif", save_all=True, append_images=pages[1:])
    (raw / "k.txt").write_bytes(plan(1))
    fake.mkdir()
    poison = (1111).to_bytes(4, "big")  # the width in the header of the PNG that Tesseract is given
    (fake / "tesseract").write_text(
        f"""#!/bin/sh
if [ -f "$1" ] && [ "$(od -An -tu1 -j16 -N4 "$1" | tr -s ' ')" = " {" ".join(map(str, poison))}" ]; then kill -9 $PPID; fi
exec {shutil.which("tesseract")} "$@"
"""
    )
    (fake / "tesseract").chmod(0o755)
    assert kehoach("build", raw, tmp_path / "whole").returncode == 0
    done = kehoach("build", raw, out, env={"PATH": f"{fake}{os.pathsep}{os.environ['PATH']}"})
    assert done.returncode == 5 and "Traceback" not in done.stderr
    rows = problems(out)
    (lost,) = rows[rows["level"] == "error"].itertuples()
    assert (lost.source_path, lost.page, lost.code) == ("p.tif", 2, "worker_killed")
    import pandas as pd

    lines = pd.read_parquet(out / "tables" / "lines.parquet")
    assert {page for page, text in zip(lines["page"], lines["raw"], strict=True) if "KE HOACH" in text.upper()} >= {1, 3}
    assert kehoach("build", raw, out).returncode == 0
    assert digest(out) == digest(tmp_path / "whole")


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_siege_of_broken_inputs_breaks_no_promise(tmp_path: Path) -> None:
    report = siege.run(tmp_path, seed=2, count=40, jobs=2)
    assert report.broken == [] and report.inputs >= 40 and len(report.codes) > 6


@pytest.mark.long
@pytest.mark.timeout(600)
def test_whatever_was_touched_the_next_build_sets_right(tmp_path: Path) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    raw.mkdir()
    for n in (1, 2):
        (raw / f"k{n}.txt").write_bytes(plan(n))
    shutil.copy(SAMPLES / "nghiahiep_th_15_2026.pdf", raw / "s.pdf")
    assert kehoach("build", raw, out).returncode == 0
    whole = digest(out)
    (out / "plans" / "mine").mkdir()
    scan = next(p.parent for p in (out / ".work").glob("*/page-0001.json"))

    def spoil_same_size(path: Path) -> None:
        path.write_bytes(bytes(path.stat().st_size))

    def swap() -> None:
        state = (raw / "k1.txt").stat()
        os.utime(raw / "k2.txt", ns=(state.st_atime_ns, state.st_mtime_ns))
        (raw / "k1.txt").rename(raw / "x")
        (raw / "k2.txt").rename(raw / "k1.txt")
        (raw / "x").rename(raw / "k2.txt")

    harms = {
        "plans/": lambda: shutil.rmtree(next(p for p in (out / "plans").iterdir() if p.name != "mine")),
        "tables/tasks.csv": lambda: (out / "tables" / "tasks.csv").write_text("x", encoding="ascii"),
        "damaged": lambda: (scan / "page-0001.json").write_text("{", encoding="ascii"),
        "new": lambda: (spoil_same_size(scan / "page-0001.json"), (scan / "reading.stamp").unlink()),
    }
    for why, harm in harms.items():
        harm()
        told = kehoach("build", raw, out, "--dry-run")
        assert why in told.stdout + told.stderr, why
        assert kehoach("build", raw, out).returncode == 0
        assert digest(out) == whole, why
    swap()
    assert kehoach("build", raw, out).returncode == 0
    assert digest(out) != whole
    swap()
    assert kehoach("build", raw, out).returncode == 0
    assert digest(out) == whole and (out / "plans" / "mine").is_dir()
