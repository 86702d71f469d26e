"""Hostile texts: no crash at any size, bounds that are told, and (make bench) times that grow with length alone."""

from __future__ import annotations

import time
from collections.abc import Iterator

import hostile_texts
import pytest

from pipeline.document import text_reading
from pipeline.extract import extract
from pipeline.settings import Extract


@pytest.mark.parametrize("name", hostile_texts.REPEATED)
def test_every_family_gives_records_with_evidence_in_the_text(name: str) -> None:
    text = hostile_texts.text(name, 1500, framed=True)
    lines = len(text.split("\n"))
    for record in extract(text_reading(text), Extract()):
        for facts in (record.tasks, record.deadlines, record.sections, record.citations, record.recipients):
            assert all(1 <= fact.evidence.line <= fact.evidence.line_last <= lines for fact in facts)


def test_of_a_document_with_too_many_lines_beginning_and_end_are_read_and_a_problem_says_so() -> None:
    text = hostile_texts.text("bullets", 12_000, framed=True)
    whole, cut = (extract(text_reading(text), Extract(most_lines=most))[0] for most in (20_000, 1000))
    assert (cut.plan.number, cut.plan.signer_name) == (whole.plan.number, whole.plan.signer_name) == ("14/KH-UBND", "Nguyễn Văn An")
    assert 900 < len(cut.tasks) < len(whole.tasks) == 3000
    assert [p.code for p in cut.problems] == ["too_many_lines"] and not whole.problems


def test_of_a_task_that_is_too_long_the_beginning_is_searched_and_a_problem_says_so() -> None:
    text = hostile_texts.HEAD + "1. Sở Nội vụ mở 02 lớp" + ", chậm nhất ngày 15/6/2024" * 100 + hostile_texts.TAIL
    found = extract(text_reading(text), Extract(longest_task=200))[0]
    assert found.tasks[0].responsible == ("Sở Nội vụ",) and len(found.tasks[0].text) > 2000
    assert 3 < len(found.deadlines) < 10
    assert [(p.code, p.detail) for p in found.problems] == [("long_task", str(found.tasks[0].evidence.line))]


def test_of_too_many_citations_the_first_are_read_and_a_problem_says_so() -> None:
    symbols = "".join(f"Thực hiện Quyết định số {n}/QĐ-UBND.\n" for n in range(20, 50))
    laws = "Thực hiện Luật Đất đai, Luật Nhà ở.\nThực hiện Luật Đầu tư công.\n"
    text = hostile_texts.HEAD + symbols + laws + hostile_texts.TAIL
    whole, cut = (extract(text_reading(text), Extract(most_citations=most))[0] for most in (40, 3))
    assert len(whole.citations) == 34 and not whole.problems
    assert [c.cited_id or c.subject for c in cut.citations] == [
        "12/QĐ-UBND",
        "20/QĐ-UBND",
        "Luật Đất đai",
        "Luật Nhà ở",
        "Luật Đầu tư công",
    ]
    assert [(p.code, p.detail) for p in cut.problems] == [("too_many_citations", "13")]


@pytest.mark.long
def test_a_text_of_more_than_a_million_characters_is_read() -> None:
    assert len(extract(text_reading(hostile_texts.text("sentences", 1_100_000, framed=True)), Extract())[0].tasks) == 1


def _times(name: str, framed: bool) -> Iterator[float]:
    for size in (100_000, 1_000_000):
        reading = text_reading(hostile_texts.text(name, size, framed))
        begun = time.process_time()
        extract(reading, Extract())
        yield time.process_time() - begun


@pytest.mark.bench
@pytest.mark.parametrize("framed", [True, False])
@pytest.mark.parametrize("name", hostile_texts.REPEATED)
def test_times(name: str, framed: bool, capsys: pytest.CaptureFixture[str]) -> None:
    extract(text_reading(hostile_texts.text("sentences", 1000, framed=True)), Extract())
    short, long = _times(name, framed)
    with capsys.disabled():
        where, ratio = "in a plan" if framed else "alone", long / max(short, 0.02)
        print(f"\n{name:18} {where:10} 0.1 MB {short:6.2f} s   1 MB {long:6.2f} s   ratio {ratio:5.1f}")
    assert long <= 2 and ratio <= 15
