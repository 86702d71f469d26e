"""Hundreds of broken and hostile inputs in one build, beside good plans: `python tests/siege.py --count 300 --seed 1 --jobs 2`.

Every input must end in a row with a reason, or in a plan where it is still readable; the good plans must come out byte for byte as they do
alone; no input may take a minute, no process 1.5 GB; nothing may be left running or lying about, or be written outside OUT.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import mutate
import pikepdf
import psutil
from bulk import plan
from PIL import Image

from pipeline import sandbox
from pipeline.build import Request, build
from pipeline.ledger import Ledger
from pipeline.progress import Progress

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "data" / "raw" / "samples"
MOST_SECONDS, MOST_MEGABYTES = 60, 1500
HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://x",1)',
    "../../../etc/passwd",
    "'; DROP TABLE plans; --",
)


@dataclass
class Report:
    """What the siege found; `broken` lists every promise that was not kept."""

    inputs: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    still_read: int = 0
    seconds: float = 0
    slowest: list[tuple[float, str]] = field(default_factory=list)
    megabytes: float = 0
    broken: list[str] = field(default_factory=list)


# ---------------------------------------------------------------------------------------------- what is laid out


def first_pages() -> list[tuple[str, bytes]]:
    """The samples cut to their first page, so that a mutant that can still be read costs one page."""
    out = []
    for path in sorted(SAMPLES.iterdir()):
        data = path.read_bytes()
        if path.suffix == ".pdf":
            with pikepdf.open(path) as whole, pikepdf.new() as one:
                one.pages.append(whole.pages[0])
                target = io.BytesIO()
                one.save(target, deterministic_id=True)
                data = target.getvalue()
        elif path.suffix == ".tif":
            with Image.open(path) as image:
                data = mutate.saved(image.copy(), "TIFF", compression="group4" if image.mode == "1" else "tiff_deflate")
        out.append((path.suffix, data))
    return out


def _png_bomb(side: int) -> bytes:
    return mutate.saved(Image.new("1", (side, side), 1), "PNG", optimize=True)


def _nested(depth: int, dice: random.Random) -> bytes:
    data = dice.randbytes(10) + bytes(2_000_000)
    for _ in range(depth):
        data = zlib.compress(data, 9)
    return mutate.one_page(more={4: mutate.stream(data, b"/Filter [" + b"/FlateDecode " * depth + b"]")})


def _loop(dice: random.Random) -> bytes:
    """A PDF in which one reference, at random, points back at an object above it."""
    a = dice.randrange(1, 4)
    bodies = {
        1: b"<< /Type /Catalog /Pages 2 0 R /Outlines %d 0 R >>" % a,
        2: b"<< /Type /Pages /Kids [3 0 R %d 0 R] /Count 2 /Parent %d 0 R >>" % (dice.choice((2, 3)), a),
        3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R /Resources %d 0 R >>" % (dice.choice((3, 4)), a),
        4: mutate.stream(b"/X%d Do" % dice.randrange(99)),
    }
    return mutate.pdf(bodies)


def _box(dice: random.Random) -> bytes:
    sides = [b"%d" % (dice.choice((-1, 1)) * 10 ** dice.randrange(0, 12)) for _ in range(4)]
    return mutate.one_page(b" ".join(sides), b"0 0 m 9 9 l S %%%d" % dice.randrange(10**6))


def _misnamed(dice: random.Random) -> tuple[str, bytes]:
    start = dice.choice((b"PK\x03\x04", b"MZ\x90\0", b"\x7fELF", b"\xd0\xcf\x11\xe0", b"Rar!", b"{\\rtf1", b"<html>", b"%!PS-Adobe"))
    return dice.choice((".pdf", ".tif", ".jpg", ".txt", ".png")), start + dice.randbytes(600)


def _scan(dice: random.Random) -> bytes:
    page = mutate.picture(text=dice.choice(HOSTILE), size=(900, 700 + dice.randrange(99)))
    return mutate.saved(page, dice.choice(("PNG", "JPEG", "TIFF")))


def _text(dice: random.Random) -> bytes:
    """A plan whose cells a spreadsheet or a browser might take for code."""
    bad = dice.choice(HOSTILE)
    text = plan(dice.randrange(10**5)).replace("Triển khai", bad, 1).replace("1. ", f"1. {bad} ", 3)
    return text.replace("Lưu: VT", bad, 1).encode()


MAKERS: tuple[tuple[str, Callable[[random.Random], tuple[str, bytes]]], ...] = (
    ("loop", lambda d: (".pdf", _loop(d))),
    ("giant_box", lambda d: (".pdf", _box(d))),
    ("nested_filters", lambda d: (".pdf", _nested(d.randrange(2, 40), d))),
    ("png_bomb", lambda d: (".png", _png_bomb(d.randrange(9_000, 30_000)))),
    ("png_header", lambda d: (".png", mutate.png_header(d.randrange(1, 2**31), d.randrange(1, 2**31)))),
    ("wrong_type", _misnamed),
    ("zero_bytes", lambda d: (d.choice((".pdf", ".txt", ".tif")), bytes(d.randrange(0, 5) * 1000))),
    ("noise", lambda d: (d.choice((".pdf", ".txt", ".jpg")), d.randbytes(d.randrange(1, 5000)))),
    ("hostile_scan", lambda d: (".img", _scan(d))),
    ("hostile_text", lambda d: (".txt", _text(d))),
)
NEVER_GOOD = ("zero_bytes", "wrong_type", "noise", "png_header")


def files(seed: int, count: int) -> Iterator[tuple[str, bytes]]:
    """`count` inputs, name and bytes: half of them mutants of the samples, the rest made as `MAKERS` say; named for the harm."""
    dice = random.Random(seed)
    samples = first_pages()
    fixed = list({**mutate.hostile_pdfs(), **mutate.bad_images(), **mutate.locked_pdfs(), **mutate.odd_texts()}.items())
    names = list(mutate.odd_names(plan(99_000).encode()).items())
    for k in range(count):
        kind = k % 6
        if kind in (0, 2, 4):
            suffix, data = samples[(k // 2) % len(samples)]
            mutation = mutate.MUTATIONS[(k // 2) % len(mutate.MUTATIONS)]
            yield f"{k:03d}_{mutation.__name__}{suffix}", mutation(data, dice)
        elif kind == 5 and fixed:
            name, data = fixed.pop(dice.randrange(len(fixed)))
            yield f"{k:03d}_{name}", data
        elif kind == 3 and names:
            yield names.pop()
        else:
            what, make = MAKERS[dice.randrange(len(MAKERS))]
            suffix, data = make(dice)
            yield f"{k:03d}_{what}{suffix}", data


def good_plans(folder: Path) -> None:
    """Four texts, a scan and a picture that have nothing wrong with them."""
    folder.mkdir(parents=True)
    for n in range(1, 5):
        (folder / f"tốt {n}.txt").write_text(plan(90_000 + n), encoding="utf-8")
    for name in ("nghiahiep_th_15_2026.pdf", "lamdong_snnmt_187_2025.tif"):
        (folder / name).write_bytes((SAMPLES / name).read_bytes())


# ---------------------------------------------------------------------------------------------- what is watched


class _Clock:
    """Seconds of each job by its key, and the largest process below this one in megabytes."""

    def __init__(self) -> None:
        self.seconds: dict[Any, float] = defaultdict(float)
        self.megabytes = 0.0
        self._ended = threading.Event()

    def __enter__(self) -> _Clock:
        clock, plain = self, sandbox._Worker

        class Timed(plain):  # type: ignore[misc, valid-type]
            def start(self, job: sandbox.Job) -> None:
                self.began = time.monotonic()
                super().start(job)

            def _stop(self) -> None:
                if self.job is not None:
                    clock.seconds[self.job.key] += time.monotonic() - self.began

            def finish(self) -> Any:
                self._stop()
                return super().finish()

            def kill(self) -> None:
                self._stop()
                super().kill()

        self._plain, sandbox._Worker = plain, Timed  # type: ignore[misc]
        threading.Thread(target=self._weigh, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        sandbox._Worker = self._plain  # type: ignore[misc]
        self._ended.set()

    def _weigh(self) -> None:
        while not self._ended.wait(0.1):
            with contextlib.suppress(psutil.Error):
                for child in psutil.Process().children(recursive=True):
                    with contextlib.suppress(psutil.Error):
                        self.megabytes = max(self.megabytes, child.memory_info().rss / 2**20)


def contents(folder: Path) -> dict[str, str]:
    """Every entry below a folder with the hash of its bytes; ordinary files alone are opened."""
    out = {}
    for where, names, entries in os.walk(folder):
        for name in (*names, *entries):
            path = Path(where) / name
            ordinary = path.is_file() and not path.is_symlink()
            out[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest() if ordinary else "-"
    return out


def run(base: Path, seed: int, count: int, jobs: int) -> Report:
    """Lays out, builds and looks, all below `base` (an empty folder)."""
    import pandas as pd

    report, raw, out, temporary = Report(), base / "in" / "raw", base / "out", base / "tmp"
    temporary.mkdir(parents=True)
    before_tmp, tempfile.tempdir = tempfile.tempdir, str(temporary)
    quiet = Progress(lambda key, **_: key, quiet=True)
    none = base / "none"
    try:
        good_plans(base / "alone")
        build(Request(base / "alone", base / "expected", jobs=jobs, corrections=none), quiet)
        good_plans(raw)
        good = {p.name for p in raw.iterdir()}
        made = dict(files(seed, count))
        for name, data in made.items():
            (raw / name).write_bytes(data)
        special = mutate.special_files(raw)
        (raw / ".hidden.pdf").write_bytes(b"%PDF-")
        (raw / "toml").mkdir()
        (raw / "toml" / "documents.toml").write_text('[[document]]\nfiles = ["../../outside/secret.txt"]\n', encoding="utf-8")
        (raw / "toml" / "x.txt").write_text(plan(89_000), encoding="utf-8")
        others = set(psutil.Process().children(recursive=True))  # of who runs the siege
        before, began = contents(base / "in"), time.monotonic()
        with _Clock() as clock:
            build(Request(raw, out, jobs=jobs, corrections=none), quiet)
        report.seconds = time.monotonic() - began
        if contents(base / "in") != before or {p.name for p in base.iterdir()} != {"in", "out", "tmp", "alone", "expected"}:
            report.broken.append("something was written outside OUT, or an input was touched")
        left = [*out.rglob(".tmp*"), *temporary.iterdir()]
        report.broken += [f"left behind: {p}" for p in left]
        report.broken += [f"still running: {p.cmdline()}" for p in psutil.Process().children(recursive=True) if p not in others]
    finally:
        tempfile.tempdir = before_tmp
    problems = pd.read_parquet(out / "tables" / "problems.parquet")
    plans = pd.read_parquet(out / "tables" / "plans.parquet")
    report.inputs, report.codes = len(made) + len(special), Counter(problems["code"])
    told = problems.groupby("source_path")["message"].agg(list).to_dict()
    read = set(plans["source_path"])
    report.still_read = len(read & set(made))
    report.broken += [
        f"not told: {n!r}" for n in (*made, *special, "toml/documents.toml") if n not in told and n not in read and n[0] != "."
    ]
    report.broken += [f"no reason: {n!r}" for n in (*special, *made) if n not in told and any(w in n for w in NEVER_GOOD)]
    report.broken += [f"a reason without words: {n!r}" for n, texts in told.items() if any(len(t or "") < 20 for t in texts)]
    ids = plans[plans["source_path"].isin(good)].set_index("source_path")["plan_id"]
    report.broken += [f"a good plan is gone: {n}" for n in good - set(ids.index)]
    for name, plan_id in ids.items():
        for path in (base / "expected" / "plans" / plan_id).iterdir():
            if path.read_bytes() != (out / "plans" / plan_id / path.name).read_bytes():
                report.broken.append(f"a good plan changed: {name} {path.name}")
    report.broken += [f"read from outside: {p}" for p in (out / "plans").rglob("text.txt") if "Không thuộc RAW" in p.read_text("utf-8")]
    by_id = {i.source.plan_id: i.files[0].path for i in Ledger(out).intakes().values() if i.source}
    spent: dict[str, float] = defaultdict(float)
    for key, seconds in clock.seconds.items():
        spent[by_id.get(key[0], key[0])] += seconds
    report.slowest = sorted(((round(s, 1), n) for n, s in spent.items()), reverse=True)[:5]
    report.broken += [f"took {s} s: {n!r}" for s, n in report.slowest if s > MOST_SECONDS]
    report.broken += [f"killed by nobody: {n!r}" for n in problems.loc[problems["code"] == "worker_killed", "source_path"]]
    report.broken += [f"tells where it lies: {text!r}" for text in problems["message"] if str(base) in str(text)]
    report.megabytes = round(clock.megabytes)
    if report.megabytes > MOST_MEGABYTES:
        report.broken.append(f"a process took {report.megabytes} MB")
    report.broken += _spoken(raw, out, none)
    return report


def _spoken(raw: Path, out: Path, none: Path) -> list[str]:
    """What the command line says of the same corpus: words, never a traceback."""
    broken = []
    env = os.environ | {"LANG": "C.UTF-8"}
    none.mkdir()
    for words in (("build", raw, out, "--corrections", none), ("build", raw, out, "--dry-run"), ("status", out)):
        done = subprocess.run([sys.executable, "-m", "pipeline", *map(str, words)], cwd=ROOT, env=env, capture_output=True, text=True)
        if "Traceback" in done.stderr or done.returncode not in (0, 5):
            broken.append(f"{words[0]} ended with {done.returncode}: {done.stderr[-300:]}")
        if words[-1] == none and "done anew" in done.stderr and "done anew: 0" not in done.stderr:
            broken.append(f"a second build found work: {done.stderr[:300]}")
    return broken


def main() -> int:
    """Prints the report; 1 where a promise was broken."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--count", type=int, default=300)
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("--jobs", type=int, default=2)
    ask.add_argument("--keep", type=Path, help="an empty folder to work in, left as it is")
    asked = ask.parse_args()
    with contextlib.ExitStack() as stack:
        base = asked.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="siege-")))
        report = run(base, asked.seed, asked.count, asked.jobs)
    print(json.dumps(report.__dict__, ensure_ascii=False, indent=1, default=list))
    return 1 if report.broken else 0


if __name__ == "__main__":
    sys.exit(main())
