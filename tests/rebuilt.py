"""Random corrections over a corpus that is then built in another way: where does each of them go?

    python tests/rebuilt.py --count 200 --seed 1 2 3 [--raw data/raw/samples] [--keep FOLDER] [--ways same model lines resolution rules]

A corpus is built once; N of its cells are corrected, drawn over all tables and columns that people correct; then the same files are read
by another model of Tesseract, cut into other lines, rendered at another resolution, or extracted by rules of which a fifth finds
nothing. Of each way three builds are compared: without corrections, with the corrected lines alone, and with all. Each correction ends
in one `Fate`. Whether a place is the right one is judged by the paper (`Paper.alike`: words of the scan and place on the page), not by
the code under test. `--keep` keeps what was read, so that a further seed costs no OCR.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from pathlib import Path
from typing import Literal

import msgspec
from rapidfuzz import fuzz

from pipeline.corpus.added import NAMED
from pipeline.corpus.cells import FIXED, text_of, typed
from pipeline.corpus.corrections import MADE_OF
from pipeline.corpus.tables import BOOLEAN, INTEGER, NUMBER, SCHEMAS, TARGETS, TEXTS, codes, dtype
from pipeline.corrections import COLUMNS, FACTS, WHOLE
from pipeline.document import EVIDENCE_COLUMNS

ROOT = Path(__file__).parent.parent
Fate = Literal["applied", "problem", "wrong", "lost"]
Row = Mapping[str, str]  # a row of a CSV table
SIDES = ("left", "top", "right", "bottom")
WAYS: Mapping[str, tuple[str, ...]] = {
    "same": (),
    "model": ("ocr.languages=Vietnamese",),
    "lines": ("ocr.psm=6",),
    "resolution": ("pages.dpi=220",),
    "rules": (),
}
CHANGED_RULES = ("citations.toml", "deadlines.toml", "outline.toml", "tasks.toml")
RIGHT = 1.2  # of 2: likeness of words and place of two facts that are one on paper, read twice
NESTED = 0.9  # share of the smaller box in which one thing lies inside of the other
NEAR = 0.05  # facts of one page that are so nearly as much alike cannot be told apart by the paper
# Worked out in the corpus stage or made of other cells: what changes there may be the mere consequence of a correction.
DERIVED = FIXED | {"needs_review", "review_reasons", "number_source", "issue_date_source"} | {column for _, column in MADE_OF}


@dataclass(frozen=True, slots=True)
class Drawn:
    """One correction: its row of the file, the row of the table that it corrects, and a word that only its value has ("" for codes)."""

    row: Row
    of: Row
    mark: str

    @property
    def id(self) -> str:
        return self.row["id"]

    def __str__(self) -> str:
        r = self.row
        return f"{r['id']} {r['plan_id']} {r['table']}.{r['column']} p{r['page']} l{r['line']} “{r['old']}” → “{r['value']}”"


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of a correction in one way of building, and what can be said of it."""

    drawn: Drawn
    fate: Fate
    why: str = ""


# ---------------------------------------------------------------------------------------------- builds


def build(raw: Path, out: Path, way: str, corrections: Path, code: Path = ROOT) -> None:
    """A build as people start one. Raises RuntimeError where it does not end well."""
    corrections.mkdir(parents=True, exist_ok=True)
    sets = [word for value in WAYS[way] for word in ("--set", value)]
    command = [sys.executable, "-m", "pipeline", "build", str(raw), str(out), "--jobs", "1", "--corrections", str(corrections), *sets]
    done = subprocess.run(command, cwd=code, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(code)}, check=False)
    if done.returncode not in (0, 5):
        raise RuntimeError(f"{way}: exit code {done.returncode}\n{done.stderr}")


def changed_rules(folder: Path, seed: int, share: float = 0.2) -> Path:
    """A copy of the program in `folder` whose rules find nothing for a `share` of their patterns."""
    rng = random.Random(seed)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "pipeline", folder / "pipeline", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "models").symlink_to(ROOT / "models")
    for name in CHANGED_RULES:
        path = folder / "pipeline" / "rules" / name
        lines = path.read_text(encoding="utf-8").split("\n")
        for k, line in enumerate(lines):
            one = re.fullmatch(r"pattern = (?P<quote>['\"])(?P<flags>(?:\(\?[a-z]+\))?)(?P<rest>[^'\"].*)(?P=quote)", line)
            if one and rng.random() < share:
                lines[k] = f"pattern = {one['quote']}{one['flags']}(?!)(?:{one['rest']}){one['quote']}"
        path.write_text("\n".join(lines), encoding="utf-8")
    return folder


class Paper:
    """What a build left, as its tables say it, and how it compares with another reading of the same paper."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._rows: dict[str, list[Row]] = {}

    def rows(self, table: str) -> list[Row]:
        """The rows of a table as its CSV file has them; those of `plans` with the evidence of `plan_fields` are in `fields`."""
        if table not in self._rows:
            with (self._out / "tables" / f"{table}.csv").open(encoding="utf-8", newline="") as f:
                self._rows[table] = list(csv.DictReader(f))
        return self._rows[table]

    @cached_property
    def fields(self) -> Mapping[tuple[str, str], Row]:
        """Where each cell of `plans` was read: by plan_id and column."""
        return {(r["plan_id"], r["column"]): r for r in self.rows("plan_fields")}

    @cached_property
    def told(self) -> frozenset[str]:
        """The ids of the corrections that `problems` names."""
        said = " ".join(r["message"] for r in self.rows("problems") if r["code"].startswith("correction_"))
        return frozenset(re.findall(r"\bx\d{4}\b", said))

    @cached_property
    def widths(self) -> Mapping[tuple[str, str], int]:
        """The width in pixels of each page, by file and number; pages without one are left out."""
        found: dict[tuple[str, str], int] = {}
        for path in (self._out / "plans").glob("*/reading.json"):
            for page in msgspec.json.decode(path.read_bytes())["pages"]:
                if page.get("width"):
                    found[path.parent.name.partition("-")[0], str(page["number"])] = page["width"]
        return found

    def alike(self, mine: Row, before: Paper, theirs: Row) -> float:
        """How much a row of this build and one of another are the same on paper: words 0..1 and place 0..1; 0 on another page."""
        page = mine["plan_id"].partition("-")[0], mine["page"]
        if page != (theirs["plan_id"].partition("-")[0], theirs["page"]):
            return 0.0
        if mine["left"] and theirs["left"]:
            by = self.widths[page] / before.widths[page]
            a, b = [int(mine[s]) for s in SIDES], [int(theirs[s]) * by for s in SIDES]
            wide, high = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
            shared = max(0.0, wide) * max(0.0, high)
            areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]
        else:
            spans = [set(range(int(r["line"]), int(r.get("line_last", r["line"])) + 1)) for r in (mine, theirs)]
            shared, areas = len(spans[0] & spans[1]), [len(spans[0]), len(spans[1])]
        # `hằng tháng` inside of what was `trước ngày 25 hằng tháng` is the same, read shorter.
        nested = shared >= NESTED * min(areas)
        words = (fuzz.partial_ratio if nested else fuzz.ratio)(mine["raw"], theirs["raw"]) / 100
        return words + shared / max(1.0, sum(areas) - shared)


# ---------------------------------------------------------------------------------------------- draws


def drawn(paper: Paper, count: int, seed: int) -> list[Drawn]:
    """`count` random corrections, no two of one cell: tables and columns in turn at random, then one of their rows."""
    rng = random.Random(seed)
    kinds = [("lines", "text")] * 4
    for table in ("plans", *FACTS):
        kinds += [(table, column) for column in SCHEMAS[table].columns if _correctable(table, column)]
        kinds += [(table, WHOLE)] if table != "plans" else []
    made: list[Drawn] = []
    taken: set[tuple[str, str, int]] = set()
    while len(made) < count:
        table, column = rng.choice(kinds)
        rows = paper.rows(table)
        k = rng.randrange(len(rows))
        whole = {c for t, c, n in taken if (t, n) == (table, k)}
        if (table, column, k) in taken or (whole if column == WHOLE else WHOLE in whole):
            continue
        one = _drawn(paper, rng, f"x{len(made):04}", table, column, rows[k])
        if one is not None:
            taken.add((table, column, k))
            made.append(one)
    return made


def _correctable(table: str, column: str) -> bool:
    try:
        typed(table, column, "")
    except ValueError as e:
        return "no column that is corrected" not in str(e)
    return column not in DERIVED


def _drawn(paper: Paper, rng: random.Random, id: str, table: str, column: str, of: Row) -> Drawn | None:
    place: Row | None = of
    if table == "plans":
        place = paper.fields.get((of["plan_id"], column)) or {"page": of["page_first"], "line": "1"}
    mark = f"sửa{id[1:]}"
    if column == WHOLE:
        name = next((n for c in NAMED[table] if (n := of.get(c, ""))), "")
        old, value = (name, "") if rng.random() < 0.5 else ("", f"{mark} {name}")
        mark = mark if value else ""
        if not name or (table in ("sections", "deadlines") and value):  # need more cells than a name
            return None
    else:
        old = of[column]
        value, mark = _other(rng, table, column, old, mark)
        try:
            if not (table == "lines" and old.strip()) and text_of(typed(table, column, value)) in ("", old):
                return None
        except ValueError:
            return None
    if value == old or (table == "lines" and not old.strip()):
        return None
    at = f"2026-01-01T00:{int(id[1:]) // 60:02}:{int(id[1:]) % 60:02}"
    cells = dict.fromkeys(COLUMNS, "") | {"id": id, "plan_id": of["plan_id"], "table": table, "column": column, "old": old, "value": value}
    cells |= {name: place.get(name, "") for name in ("page", "line", *SIDES)} | {"author": "test", "at": at}
    return Drawn(cells, of, mark)


def _other(rng: random.Random, table: str, column: str, old: str, mark: str) -> tuple[str, str]:
    """Another value for a cell, and the mark if it is in it."""
    if table == "lines":
        words = old.split(" ")
        words.insert(rng.randrange(len(words) + 1), mark)
        return " ".join(words), mark
    rules = SCHEMAS[table].columns[column]
    kind = dtype(rules)
    if codes(rules):
        return rng.choice([c for c in codes(rules) if c != old]), ""
    if kind == BOOLEAN:
        return "false" if old == "true" else "true", ""
    if kind in (INTEGER, NUMBER):
        return str(int(float(old or 0)) + rng.randint(1, 3)), ""
    if kind == TARGETS:
        return f'{{"quantity": {rng.randint(2, 99)}.0, "op": "=", "unit": "{mark}", "of": null, "raw": "{mark}"}}', mark
    if kind == TEXTS:
        return f"{old} | {mark}" if old else mark, mark
    if re.fullmatch(r"\d{4}(-\d\d){0,2}", old) or any(c.name == "str_matches" for c in rules.checks):
        return f"20{rng.randint(10, 40)}-0{rng.randint(1, 9)}-1{rng.randint(0, 9)}", ""
    return f"{old} {mark}".strip(), mark


# ---------------------------------------------------------------------------------------------- fates


def fates(paper: Paper, bare: Paper, lined: Paper, full: Paper, corrections: Sequence[Drawn]) -> list[Ended]:
    """What became of each correction drawn over `paper`: `bare`, `lined` and `full` are another build without corrections, with
    corrected lines, and with all."""
    ended = [_line_fate(paper, bare, full, d) for d in corrections if d.row["table"] == "lines"]
    changes = {table: list(_changes(lined, full, table)) for table in FACTS}
    for d in corrections:
        table = d.row["table"]
        if table == "plans":
            ended.append(_plan_fate(lined, full, d))
        elif table != "lines":
            ended.append(_fact_fate(paper, lined, full, d, changes))
    claimed = {(e.drawn.row["table"], e.why) for e in ended if e.fate == "applied"}
    for table, found in changes.items():  # a change that no correction answers for
        for change in found:
            if (table, change.name) not in claimed and not change.follows:
                ended.append(Ended(_nobody(table, change), "wrong", f"{change.name}: nobody's"))
    return ended


@dataclass(frozen=True, slots=True)
class _Change:
    """A cell that corrections changed, or (column `*`) a fact that they took out or added."""

    table: str
    row: Row  # as it was, or was added
    column: str
    now: str
    follows: bool = False  # from another change

    @property
    def name(self) -> str:
        e = ":".join(self.row[c] for c in ("plan_id", "page", "line", "left", "top"))
        return f"{e}:{self.row['raw'][:40]}:{self.column}:{self.now}"


def _nobody(table: str, change: _Change) -> Drawn:
    cells = dict.fromkeys(COLUMNS, "") | {"id": "-----", "plan_id": change.row["plan_id"], "table": table, "column": change.column}
    return Drawn(cells | {"old": change.row.get(change.column, ""), "value": change.now}, change.row, "")


def _changes(lined: Paper, full: Paper, table: str) -> Iterator[_Change]:
    before, after = lined.rows(table), full.rows(table)
    where = ("plan_id", *EVIDENCE_COLUMNS)
    keys = [[tuple(r[c] for c in where) for r in rows] for rows in (before, after)]
    for tag, a, b, c, d in SequenceMatcher(None, *keys, autojunk=False).get_opcodes():
        if tag == "equal":
            for was, now in zip(before[a:b], after[c:d], strict=True):
                for column in was:
                    if was[column] != now[column] and column not in DERIVED:
                        yield _Change(table, was, column, now[column])
        else:
            for was in before[a:b]:
                yield _Change(table, was, WHOLE, "", follows=table == "deadlines")
            for now in after[c:d]:
                yield _Change(table, now, WHOLE, next((now[n] for n in NAMED[table] if now.get(n)), "added"))


def _fact_fate(paper: Paper, lined: Paper, full: Paper, d: Drawn, changes: Mapping[str, list[_Change]]) -> Ended:
    table, column, value = d.row["table"], d.row["column"], d.row["value"]
    rows = lined.rows(table)
    marks = {id(r): lined.alike(r, paper, d.of) for r in rows}
    best = max(marks.values(), default=0.0)
    mine = [c for c in changes[table] if c.column == column and (c.now == value if column != WHOLE or not value else d.mark in c.now)]
    if column == WHOLE and value:
        right = [c for c in mine if c.row["page"] == d.row["page"] and c.row["plan_id"].startswith(d.row["plan_id"][:12])]
    else:
        right = [c for c in mine if (s := marks[id(c.row)]) >= RIGHT and s >= best - NEAR]
    if right:
        return Ended(d, "applied", right[0].name)
    if d.id in full.told:
        return Ended(d, "problem")
    there = [r for r in rows if marks[id(r)] >= max(RIGHT, best - NEAR)]
    if any(r.get(column) == value for r in there) or (column == WHOLE and not value and not there):
        return Ended(d, "applied", "says so already")
    if mine and (d.mark or len(mine) == 1):
        c = mine[0]
        return Ended(d, "wrong", f"on {c.name} ({marks.get(id(c.row), 0):.2f}, best {best:.2f})")
    gone = {id(c.row) for c in changes[table] if c.column == WHOLE and not c.now}
    if any(id(r) in gone for r in there):  # its deadline went with the task that was taken out
        return Ended(d, "applied", "gone with its task")
    return Ended(d, "lost", f"{len(mine)} cells say so now, best {best:.2f}")


def _plan_fate(lined: Paper, full: Paper, d: Drawn) -> Ended:
    column, value = d.row["column"], d.row["value"]
    was = {r["plan_id"]: r[column] for r in lined.rows("plans")}
    now = {r["plan_id"]: r[column] for r in full.rows("plans")}
    got = [p for p in now if now[p] == value and (was.get(p) != value or p == d.row["plan_id"])]
    if d.row["plan_id"] in got:
        return Ended(d, "applied", f"{d.row['plan_id']}.{column}")
    if d.id in full.told:
        return Ended(d, "problem")
    mine = [p for p in got if d.mark and p.startswith(d.row["plan_id"][:12])]
    return Ended(d, "applied" if len(mine) == 1 else "wrong" if got and d.mark else "lost", ", ".join(got))


def _line_fate(paper: Paper, bare: Paper, full: Paper, d: Drawn) -> Ended:
    at = [(r["plan_id"], r["page"], r["line"]) for r in full.rows("lines") if d.mark in r["text"].split()]
    if len(at) != 1:
        return Ended(d, "problem" if d.id in full.told and not at else "wrong" if at else "lost", f"{len(at)} times")
    before = [r for r in bare.rows("lines") if (r["plan_id"], r["page"], r["line"]) == at[0]]
    if not before:
        return Ended(d, "wrong", f"on {at[0]}")
    marks = [bare.alike(r, paper, d.of) for r in bare.rows("lines")]
    # A line that was cut in two or joined since is but partly the same: its words are looked for in each other, too.
    mine, best = bare.alike(before[0], paper, d.of), max(marks)
    part = fuzz.partial_ratio(before[0]["raw"], d.of["raw"]) / 100 if mine else 0.0
    if mine >= best - NEAR or part >= 0.6:
        return Ended(d, "applied", str(at[0]))
    return Ended(d, "wrong", f"on {at[0]} “{before[0]['raw']}” ({mine:.2f}, best {best:.2f})")


def write(folder: Path, corrections: Sequence[Drawn]) -> Path:
    """The file of these corrections, alone in `folder`."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with (folder / "corrections.csv").open("w", encoding="utf-8", newline="") as f:
        out = csv.DictWriter(f, COLUMNS)
        out.writeheader()
        out.writerows(d.row for d in corrections)
    return folder


def measured(raw: Path, work: Path, way: str, seed: int, count: int) -> list[Ended]:
    """What becomes of `count` corrections in one way of building. `work` keeps what was built for further calls."""
    code = changed_rules(work / "code", seed) if way == "rules" else ROOT
    none = work / "none"
    build(raw, work / "first", "same", none)
    paper = Paper(work / "first")
    corrections = drawn(paper, count, seed)
    out = work / ("first-rules" if way == "rules" else way)
    if way in ("same", "rules") and not out.exists():  # no other OCR
        shutil.copytree(work / "first", out)
    found: dict[str, Paper] = {}
    lines = [d for d in corrections if d.row["table"] == "lines"]
    for name, rows in (("bare", []), ("lined", lines), ("full", corrections)):
        build(raw, out, way, write(work / "corrections", rows), code)
        kept = work / f"{way}-{name}"
        shutil.rmtree(kept, ignore_errors=True)
        shutil.copytree(out, kept, ignore=shutil.ignore_patterns(".work", "*.pdf", "*.png", "*.sqlite", "*.parquet"))
        found[name] = Paper(kept)
    return fates(paper, found["bare"], found["lined"], found["full"], corrections)


def main() -> None:
    """Measures from the command line; exit code 1 where a correction went wrong or was lost."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--count", type=int, default=200)
    asked.add_argument("--seed", type=int, nargs="+", default=[1])
    asked.add_argument("--ways", nargs="+", choices=list(WAYS), default=list(WAYS))
    asked.add_argument("--raw", type=Path, default=ROOT / "data" / "raw" / "samples")
    asked.add_argument("--keep", type=Path)
    asked.add_argument("--show", action="store_true", help="name every correction that is in problems, too")
    given = asked.parse_args()
    bad = 0
    with tempfile.TemporaryDirectory(prefix="kehoach-rebuilt-") as scratch:
        for seed in given.seed:
            for way in given.ways:
                ended = measured(given.raw, given.keep or Path(scratch), way, seed, given.count)
                counts = Counter(e.fate for e in ended)
                print(f"seed {seed} {way}: " + ", ".join(f"{counts[f]} {f}" for f in ("applied", "problem", "wrong", "lost")), flush=True)
                for e in ended:
                    if e.fate in ("wrong", "lost") or (given.show and e.fate == "problem"):
                        print(f"  {e.fate}: {e.drawn}: {e.why}", flush=True)
                bad += counts["wrong"] + counts["lost"]
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
