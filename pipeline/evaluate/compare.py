"""`make compare BASE=COMMIT`: facts gained and lost on the sample corpus between a commit's program and the working tree.

Each program builds the same inputs by its own command line, so that a commit is measured as its users had it: its code, rules and models,
run by the one virtual environment. The commit is checked out into a worktree in a temporary folder, which is removed at the end, also after
an interrupt; what a kill left behind goes with the next run.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from pipeline import messages
from pipeline.errors import UsageError
from pipeline.evaluate.report import ROOT, SHARED
from pipeline.evaluate.table import markdown
from pipeline.messages import Lang, say

PREFIX = "kehoach-compare-"
SCANS = (".pdf", ".tif", ".tiff", ".png", ".jpg", ".jpeg", ".webp")
# What tells a fact of a table from another; `_` columns are lists of which each entry is a fact of its own.
FACTS: dict[str, tuple[str, ...]] = {
    "plan_fields": ("column", "value"),
    "citations": ("cited_id", "cited_date", "cited_issuer", "subject", "relation"),
    "sections": ("section", "kind", "title"),
    "tasks": ("section", "text"),
    "deadlines": ("kind", "start", "end", "end_op", "rrule", "anchor"),
    "recipients": ("name", "purpose", "kind"),
}
LISTS = ("responsible", "coordinating", "reports_to", "targets")


class Fact(NamedTuple):
    """One fact of a file: its kind (a table, or a list column of tasks), what it says, and its first line."""

    file: str
    kind: str
    value: str
    line: int


def facts_of(file: str, record: dict[str, Any]) -> list[Fact]:
    """The facts of one record."""
    out = []
    for kind, columns in FACTS.items():
        for row in record.get(kind, ()):
            out.append(Fact(file, kind, " · ".join(str(row[c]) for c in columns if row.get(c) is not None), row.get("line") or 0))
            if kind == "tasks":
                for column in LISTS:
                    said = (x if isinstance(x, str) else x["raw"] for x in row.get(column) or ())
                    out += [Fact(file, column, f"{one} ← {row['text'][:60]}", row.get("line") or 0) for one in said]
    return out


def difference(before: Sequence[Fact], after: Sequence[Fact]) -> tuple[list[Fact], list[Fact]]:
    """Facts gained and lost; the line of a fact does not count, how often a file holds it does."""
    old, new = (Counter(f[:3] for f in facts) for facts in (before, after))
    return _more(after, new - old), _more(before, old - new)


def _more(facts: Sequence[Fact], left: Counter[tuple[str, str, str]]) -> list[Fact]:
    out = []
    for fact in facts:
        if left[fact[:3]] > 0:
            left[fact[:3]] -= 1
            out.append(fact)
    return sorted(out)


def gather(raw: Path, root: Path, shared: Path, scans: bool) -> int:
    """Copies the sample inputs into `raw`, a folder for each place; their number."""
    places = {"plans": root / "tests/plans/dev", "samples": root / "data/raw/samples", "shared": shared / "samples/texts"}
    if scans:
        places |= {"scans": shared / "samples/scans", "degraded": shared / "samples/degraded"}
    many = 0
    for name, place in places.items():
        for path in sorted(p for p in place.rglob("*") if p.suffix == ".txt" or (scans and p.suffix.lower() in SCANS)):
            target = raw / name / path.relative_to(place)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
            many += 1
    return many


@contextmanager
def checked_out(commit: str, root: Path, folder: Path) -> Iterator[Path]:
    """A worktree of a commit below `folder`, removed at the end. Raises UsageError where there is no such commit."""
    tree = folder / "base"
    done = _git(root, "worktree", "add", "--quiet", "--detach", str(tree), commit)
    if done.returncode:
        raise UsageError("no_commit", commit=commit, detail=done.stderr.strip())
    try:
        yield tree
    finally:
        _git(root, "worktree", "remove", "--force", str(tree))


def clear(root: Path) -> None:
    """Removes what killed runs left behind."""
    for line in _git(root, "worktree", "list", "--porcelain").stdout.splitlines():
        folder = Path(line.removeprefix("worktree ")).parent
        owner = folder.name.removeprefix(PREFIX).split("-")[0]
        if line.startswith("worktree ") and folder.name.startswith(PREFIX) and owner.isdigit() and not psutil.pid_exists(int(owner)):
            _git(root, "worktree", "remove", "--force", str(folder / "base"))
            shutil.rmtree(folder, ignore_errors=True)
    _git(root, "worktree", "prune")


def _git(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True)


def built(tree: Path, raw: Path, out: Path, jobs: int) -> list[Fact]:
    """The facts that the program in `tree` finds in `raw`."""
    command = [sys.executable, "-m", "pipeline", "build", str(raw), str(out), "--jobs", str(jobs), "--lang", "en"]
    done = subprocess.run(command, cwd=tree, env=os.environ | {"PYTHONPATH": str(tree)}, capture_output=True, text=True)
    if done.returncode not in (0, 5):
        raise UsageError("base_failed", tree=tree, detail=done.stderr.strip()[-400:])
    out_facts: list[Fact] = []
    for path in sorted((out / "plans").glob("*/record.json")):
        record = json.loads(path.read_text(encoding="utf-8"))
        out_facts += facts_of(record["plan"]["source_path"], record)
    return out_facts


def compare(
    commit: str, root: Path = ROOT, shared: Path = SHARED, scans: bool = False, jobs: int = 1
) -> tuple[list[Fact], list[Fact], int, int]:
    """Facts gained and lost since a commit, how many facts there are now, and of how many inputs."""
    clear(root)
    with tempfile.TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-") as name:
        folder = Path(name)
        inputs = gather(folder / "raw", root, shared, scans)
        with checked_out(commit, root, folder) as tree:
            before = built(tree, folder / "raw", folder / "before", jobs)
        after = built(root, folder / "raw", folder / "after", jobs)
    return *difference(before, after), len(after), inputs


def table(gained: Sequence[Fact], lost: Sequence[Fact], lang: Lang) -> str:
    """The facts by kind, lost ones (-) before gained ones (+)."""
    out = []
    for kind in dict.fromkeys((*FACTS, *LISTS)):
        rows = [(sign, f) for sign, facts in (("-", lost), ("+", gained)) for f in facts if f.kind == kind]
        if not rows:
            continue
        rows.sort(key=lambda r: (r[1].file, r[1].line, r[0] == "+"))
        heading = ("", *(say(f"compare.{c}", lang) for c in ("file", "line", "fact")))
        out.append(f"## {kind}: -{sum(s == '-' for s, _ in rows)} +{sum(s == '+' for s, _ in rows)}\n")
        out.append(markdown([heading, *((sign, f.file, str(f.line), f.value[:160]) for sign, f in rows)]))
    return "\n".join(out)


def main(argv: Sequence[str] | None = None) -> int:
    """`make compare`: a table by kind, or JSON, on stdout; 0 whatever was gained or lost, 2 where the commit can't be measured."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.evaluate.compare")
    parser.add_argument("base", metavar="COMMIT", help="the commit to compare the working tree with")
    parser.add_argument("--scans", action="store_true", help="read the scans too (minutes)")
    parser.add_argument("--json", action="store_true", help="the facts as JSON")
    parser.add_argument("--jobs", type=int, default=1, help="worker processes")
    parser.add_argument("--shared", type=Path, default=SHARED, help="folder that holds samples/")
    parser.add_argument("--lang", choices=messages.LANGUAGES, default=None)
    args = parser.parse_args(argv)
    lang = messages.language(args.lang)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        gained, lost, facts, inputs = compare(args.base, ROOT, args.shared, args.scans, args.jobs)
    except UsageError as e:
        print(messages.explain(e, lang), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    if args.json:
        print(json.dumps({"gained": [f._asdict() for f in gained], "lost": [f._asdict() for f in lost]}, ensure_ascii=False, indent=1))
    else:
        said = say("compare.summary", lang, base=args.base, gained=len(gained), lost=len(lost), facts=facts, inputs=inputs)
        print("\n".join(filter(None, (f"# {said}\n", table(gained, lost, lang)))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
