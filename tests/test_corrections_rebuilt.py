"""Random corrections outlive builds with another OCR model, other lines, another resolution and changed rules, or stand in `problems`.

200 of them over all samples: `python tests/rebuilt.py --count 200 --seed 1 2 3`.
"""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest
from rebuilt import ROOT, WAYS, Paper, drawn, fates, measured

from pipeline.corrections import FACTS, WHOLE

SOME = ("lamdong_snnmt_187_2025.tif", "nghean_ubnd_356_2021.pdf", "haiduong_ldld_29_2023.txt")  # a scan, a text layer, a text
COUNT = 60


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rebuilt")
    (folder / "raw").mkdir()
    for name in SOME:
        shutil.copy(ROOT / "data" / "raw" / "samples" / name, folder / "raw")
    return folder


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("way", WAYS)
def test_corrections_outlive_a_build_in_another_way(work: Path, way: str) -> None:
    ended = measured(work / "raw", work, way, seed=7, count=COUNT)
    assert [f"{e.drawn}: {e.why}" for e in ended if e.fate in ("wrong", "lost")] == []
    counts = Counter(e.fate for e in ended)
    assert sum(counts.values()) == COUNT
    assert counts["applied"] >= COUNT * (0.9 if way == "same" else 0.6)


@pytest.mark.long
def test_a_correction_that_lands_beside_its_fact_is_seen(work: Path) -> None:
    """The measure itself: where values stand on other facts than those that were drawn, they are wrong; where nowhere, lost."""
    if not (work / "same-full").exists():
        measured(work / "raw", work, "same", seed=7, count=COUNT)
    paper, bare, lined, full = (Paper(work / name) for name in ("first", "same-bare", "same-lined", "same-full"))
    facts = [d for d in drawn(paper, COUNT, 7) if d.row["table"] in FACTS and d.mark and d.row["column"] != WHOLE]

    def ended() -> set[str]:
        return {e.fate for e in fates(paper, bare, lined, full, facts) if e.drawn in facts}

    assert facts and ended() == {"applied"}
    for table, column in {(d.row["table"], d.row["column"]) for d in facts}:
        rows = full.rows(table)
        rows[:] = [dict(row) | {column: rows[k - 1][column]} for k, row in enumerate(rows)]  # each value one fact further down
    assert ended() == {"wrong"}
    for table in FACTS:
        full.rows(table)[:] = lined.rows(table)
    assert ended() == {"lost"}
