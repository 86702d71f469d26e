"""Facts gained and lost between a commit and the working tree, on a toy program."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.evaluate import compare
from pipeline.evaluate.compare import Fact

# A program of which each fact is a recipient: the words of a text that begin with MARK.
TOY = """
import json, sys
from pathlib import Path
raw, out = map(Path, sys.argv[2:4])
for k, path in enumerate(sorted(raw.rglob("*.txt"))):
    names = [w for w in path.read_text().split() if w.startswith("MARK")]
    rows = [{"name": n, "purpose": None, "kind": "recipient", "line": 3} for n in names]
    folder = out / "plans" / str(k)
    folder.mkdir(parents=True)
    (folder / "record.json").write_text(json.dumps({"plan": {"source_path": path.relative_to(raw).as_posix()}, "recipients": rows}))
"""


def git(root: Path, *words: str) -> str:
    options = ("-c", "user.name=x", "-c", "user.email=x@x", "-c", "commit.gpgsign=false")
    return subprocess.run(["git", *options, "-C", str(root), *words], check=True, capture_output=True, text=True).stdout


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """A repository whose first commit finds words with `a`, and whose working tree finds those with `b`."""
    root = tmp_path / "toy"
    (root / "pipeline").mkdir(parents=True)
    (root / "tests/plans/dev").mkdir(parents=True)
    (root / "tests/plans/dev/one.txt").write_text("alpha beta beta", encoding="utf-8")
    (root / "pipeline/__main__.py").write_text(TOY.replace("MARK", "a"), encoding="utf-8")
    git(root, "init", "--quiet")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "-m", "first")
    (root / "pipeline/__main__.py").write_text(TOY.replace("MARK", "b"), encoding="utf-8")
    return root


def test_a_changed_rule_shows_in_what_is_gained_and_lost(toy: Path, tmp_path: Path) -> None:
    gained, lost, facts, inputs = compare.compare("HEAD", toy, tmp_path)
    assert [f[:3] for f in gained] == [("plans/one.txt", "recipients", "beta · recipient")] * 2
    assert lost == [Fact("plans/one.txt", "recipients", "alpha · recipient", 3)]
    assert (facts, inputs) == (2, 1)
    assert len(git(toy, "worktree", "list").splitlines()) == 1
    shown = compare.table(gained, lost, "en")
    assert "## recipients: -1 +2" in shown and "| - | plans/one.txt | 3 | alpha · recipient |" in shown


def test_nothing_of_a_commit_that_cannot_be_measured_stays(toy: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as unknown:
        compare.compare("nonesuch", toy, tmp_path)
    assert unknown.value.key == "no_commit"
    (toy / "pipeline/__main__.py").write_text("raise SystemExit(3)", encoding="utf-8")
    with pytest.raises(UsageError) as failed:
        compare.compare("HEAD", toy, tmp_path)
    assert failed.value.key == "base_failed"
    assert len(git(toy, "worktree", "list").splitlines()) == 1


def test_a_killed_run_is_cleared_by_the_next(toy: Path, tmp_path: Path) -> None:
    left = tmp_path / f"{compare.PREFIX}{2**22 + 1}-x"  # above the highest number that a process can have
    git(toy, "worktree", "add", "--quiet", "--detach", str(left / "base"))
    compare.clear(toy)
    assert not left.exists() and len(git(toy, "worktree", "list").splitlines()) == 1


def test_every_entry_of_a_list_is_a_fact_and_lines_do_not_count() -> None:
    task = {"section": "I", "text": "Mở lớp", "responsible": ["Sở Y tế"], "targets": [{"raw": "02 lớp"}], "line": 4}
    facts = compare.facts_of("x", {"tasks": [task]})
    assert [(f.kind, f.value) for f in facts] == [
        ("tasks", "I · Mở lớp"),
        ("responsible", "Sở Y tế ← Mở lớp"),
        ("targets", "02 lớp ← Mở lớp"),
    ]
    moved = compare.facts_of("x", {"tasks": [task | {"line": 9}]})
    assert compare.difference(facts, moved) == ([], [])
