"""Corrections find their place on pages of another size, and in files that are parted into documents otherwise."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from corpus_records import at, plan_record
from correction_rows import HEIGHT, SOURCE, corpus_of_lines, correction, line_correction, printed, said, told

from pipeline.corpus.corrections import amended_parts
from pipeline.corrections.frame import fitted, proportion
from pipeline.corrections.lines import amended
from pipeline.document import Box, Page, Plan, PlanField, Reading, Recipient, Record

TEXTS = corpus_of_lines(random.Random(7), 1)[0]


def resized(page: Page, by: float) -> Page:
    def smaller(box: Box) -> Box:
        return Box(*(round(side * by) for side in (box.left, box.top, box.right, box.bottom)))

    lines = tuple(replace(line, words=tuple(replace(w, box=smaller(w.box)) for w in line.words)) for line in page.lines)
    return replace(page, lines=lines)


@pytest.mark.parametrize("by", [0.5, 0.667, 0.8, 1.0, 1.33, 2.0])
def test_boxes_are_scaled_to_pages_of_another_size(by):
    before = printed(TEXTS)
    rows = tuple(line_correction(n, before, k, TEXTS[k] + " thêm") for n, k in enumerate((5, 9, 20), 1))
    now = resized(before, by)
    assert proportion(rows, (now,)) == pytest.approx(by, rel=0.02)
    short = replace(rows[0], old="II", value="III", box=replace(before.lines[12].box, right=60))
    (_, _, _, moved) = fitted((*rows, short), (now,))
    assert moved.box.top == pytest.approx(now.lines[12].box.top, abs=6)
    got, troubles = amended(Reading("scan", (now,)), rows)
    assert [said(got)[k] for k in (5, 9, 20)] == [TEXTS[k] + " thêm" for k in (5, 9, 20)] and not troubles


def test_lines_that_moved_each_for_itself_tell_no_other_size():
    before = printed(TEXTS)
    rows = tuple(line_correction(n, before, k, TEXTS[k] + " thêm") for n, k in enumerate((5, 9, 20), 1))
    shuffled = printed([*TEXTS[15:], *TEXTS[:15]])
    assert fitted(rows, (shuffled,)) == rows
    assert fitted(rows[:1], (resized(shuffled, 1.2),)) == rows[:1]


def parts(*pages: tuple[str, int, int, Page]) -> list[tuple[Record, Reading]]:
    """Documents by plan_id, first and last page, with one recipient in line 3 of their page."""
    out = []
    for plan_id, first, last, page in pages:
        where = replace(at(3, "VT"), page=page.number, box=page.lines[2].box)
        title = PlanField("title", "Vệ sinh trường lớp", "letterhead", replace(where, line=2, line_last=2, box=page.lines[1].box))
        plan = Plan(plan_id, "a.pdf", first, last, "scan", title="Vệ sinh trường lớp")
        out.append((Record(plan, (title,), recipients=(Recipient(1, "VT", None, "archive", where),)), Reading("scan", (page,))))
    return out


def test_a_fact_is_found_in_the_document_that_holds_its_page_now():
    first, second = printed(TEXTS, number=1), printed(TEXTS, number=2)
    box = first.lines[2].box
    fact = correction(plan_id=f"{SOURCE}-2", table="recipients", column="name", page=2, line=3, box=box, old="VT", value="VT, NV")
    for pages in ([(SOURCE, 1, 1, first), (f"{SOURCE}-2", 2, 2, second)], [(SOURCE, 1, 2, second)]):
        records, troubles = amended_parts(parts(*pages), (fact,))
        assert [r.recipients[0].name for r in records] == ["VT"] * (len(records) - 1) + ["VT, NV"] and not troubles
    renumbered = parts((SOURCE, 1, 1, first), (f"{SOURCE}-2", 1, 1, replace(first)), (f"{SOURCE}-3", 2, 2, second))
    records, troubles = amended_parts(renumbered, (fact,))
    assert [r.recipients[0].name for r in records] == ["VT", "VT", "VT, NV"] and not troubles


def test_a_title_goes_to_another_document_only_from_the_very_place_it_was_read_from():
    first, second = printed(TEXTS, number=1), printed(TEXTS, number=2)
    cell = {"plan_id": f"{SOURCE}-2", "table": "plans", "column": "title", "old": "Vệ sinh trường lớp", "value": "Vệ sinh lớp học"}
    there = correction(page=2, line=2, box=second.lines[1].box, **cell)
    elsewhere = replace(there, id="c2", page=1, line=9, box=Box(0, 9 * HEIGHT, 90, 10 * HEIGHT))
    (record,), troubles = amended_parts(parts((SOURCE, 1, 2, second)), (there,))
    assert record.plan.title == "Vệ sinh lớp học" and not troubles
    (record,), troubles = amended_parts(parts((SOURCE, 1, 1, first)), (elsewhere,))
    assert record.plan.title == "Vệ sinh trường lớp" and told(troubles) == ["correction_orphan"]


def test_records_without_readings_keep_their_own_corrections():
    row = correction(table="recipients", column="name", page=1, line=7, old="VT", value="VT, NVY")
    (record,), troubles = amended_parts([(plan_record(), None)], (row,))
    assert record.recipients[1].name == "VT, NVY" and not troubles
