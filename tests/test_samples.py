"""The sample scans, from pixels to table cells: every fact leads back to its page, and says what the page says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import pipeline
from pipeline.corpus import Tables, show, store
from pipeline.corpus.inferred import witness
from pipeline.document import Reading, from_json
from pipeline.text import one_blank

ROOT = Path(__file__).parent.parent
KNOWN_BY_THE_PROGRAM = {  # columns of plans that are not read from the page
    *("plan_id", "source_path", "page_first", "page_last", "source_kind", "is_plan", "number_source", "issue_date_source", "uri"),
    *("pages", "words", "text_confidence", "needs_review", "review_reasons"),
}


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("samples") / "out"
    command = [sys.executable, "-m", "pipeline", "build", "data/raw/samples", str(folder), "--jobs", "2"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=os.environ | {"LANG": "C.UTF-8"}, timeout=300)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def tables(out: Path) -> Tables:
    return store.read(out)


@pytest.mark.timeout(300)
def test_every_sample_has_its_rows(out: Path, tables: Tables) -> None:
    golds = [json.loads(p.read_text(encoding="utf-8"))["documents"] for p in sorted((ROOT / "tests" / "samples").glob("*.gold.json"))]
    assert len(tables["plans"]) == sum(map(len, golds))
    assert set(pipeline.load(out)) >= {"plans", "tasks", "deadlines", "citations", "overview"}


def test_every_cell_of_plans_leads_back(tables: Tables) -> None:
    fields = {(r.plan_id, r.column) for r in tables["plan_fields"].itertuples()}
    for row in tables["plans"].to_dict("records"):
        for column, value in row.items():
            absent = value is None or value != value or str(value) == "<NA>"
            if column in KNOWN_BY_THE_PROGRAM or absent:
                continue
            assert (row["plan_id"], column) in fields, (row["source_path"], column, value)
            told = show.fact(tables, str(row["plan_id"]), f"plans:{column}", "en")
            assert "page 1" in told or "page " in told


@pytest.mark.parametrize("name", ["plan_fields", "citations", "citation_mentions", "sections", "tasks", "deadlines", "recipients"])
def test_every_fact_stands_where_it_says(out: Path, tables: Tables, name: str) -> None:
    readings: dict[str, Reading] = {}
    facts = tables[name].to_dict("records")
    assert facts, f"no {name} in the samples"
    for fact in facts:
        told_by = witness(str(fact["rule"]))  # an inferred cell stands in the document that cites this one
        plan_id = told_by[0] if told_by else str(fact["plan_id"])
        if plan_id not in readings:
            readings[plan_id] = from_json((out / "plans" / plan_id / "reading.json").read_bytes(), Reading)
        page = next(p for p in readings[plan_id].pages if p.number == fact["page"])
        raw_page = one_blank(" ".join(w for p in readings[plan_id].pages for line in p.lines for w in line.raw.split()))
        numbers = {line.number for line in page.lines}
        assert fact["line"] in numbers, fact
        for word in str(fact["raw"]).split()[:3]:
            assert word in raw_page, (name, fact)
        assert fact["rule"], fact
        if page.width:
            assert 0 <= fact["left"] < fact["right"] <= page.width, fact
            assert 0 <= fact["top"] < fact["bottom"] <= page.height, fact


def test_the_chain_of_citations_is_linked(tables: Tables) -> None:
    linked = tables["citations"].dropna(subset=["cited_plan_id"])
    assert len(linked) >= 2
    numbers = dict(zip(tables["plans"]["plan_id"], tables["plans"]["number"], strict=True))
    for row in linked.itertuples():
        assert numbers[row.cited_plan_id] == row.cited_id
