"""Facts that people added or took out as a whole, and their undoing."""

import json
from dataclasses import replace

import pytest
from corpus_records import PLAN, RECORDS, at, plan_record
from correction_rows import book, correction, told

from pipeline.corpus import tabulate
from pipeline.corpus.corrections import corrected
from pipeline.document import Recipient, Record

TASK = plan_record().tasks[0]
OUT = {"table": "tasks", "column": "*", "page": 1, "line": 5, "old": TASK.text, "value": ""}
NEW = {"table": "tasks", "column": "*", "page": 1, "line": 6, "old": "", "value": "Phòng Tổ chức mua sổ tay"}
NEW_RECIPIENT = Recipient(1, "UBND xã Bình An", None, "recipient", at(6, "UBND xã Bình An"))


def applied(*rows, tmp, records=RECORDS) -> tuple[Record, list[str]]:
    got, troubles = corrected(records, {}, book(*rows, tmp=tmp))
    assert len(tabulate(got, {}, ()).plans) == len(records)
    return got[0], told(troubles)


def test_a_fact_taken_out_is_gone_with_its_deadlines_and_the_others_are_numbered_anew(tmp_path):
    record, troubles = applied(correction(1, **OUT), tmp=tmp_path)
    assert not troubles and [(t.task_no, t.text) for t in record.tasks] == [(1, plan_record().tasks[1].text)]
    assert [(d.deadline_no, d.task_no, d.kind) for d in record.deadlines] == [(1, 1, "periodic")]


def test_a_fact_added_stands_in_its_place_with_its_evidence(tmp_path):
    record, troubles = applied(correction(1, **NEW), tmp=tmp_path)
    assert not troubles and [t.task_no for t in record.tasks] == [1, 2, 3]
    assert record.tasks[1].text == NEW["value"] and record.tasks[1].evidence.rule == "correction.c001"
    assert [(d.deadline_no, d.task_no) for d in record.deadlines] == [(1, 1), (2, 3)]


def test_a_fact_is_added_with_all_its_cells(tmp_path):
    cells = {"text": "Trạm y tế xã lập sổ", "responsible": ["Trạm y tế xã"], "section": "I", "targets": []}
    due = {"kind": "by", "end": "2024-10-05", "end_op": "<", "raw": "trước ngày 5/10"}
    cited = {"cited_id": "12/CT-TTg", "cited_type": "Chỉ thị", "relation": "can_cu"}
    rows = [
        correction(1, **NEW | {"value": json.dumps(cells)}),
        correction(2, **NEW | {"table": "deadlines", "line": 7, "value": json.dumps(due)}),
        correction(3, **NEW | {"table": "citations", "line": 3, "value": json.dumps(cited)}),
        correction(4, **NEW | {"table": "recipients", "line": 7, "value": "Trung tâm Y tế"}),
        correction(5, **NEW | {"table": "sections", "line": 6, "value": json.dumps({"section": "I.1", "title": "Sổ tay"})}),
    ]
    record, troubles = applied(*rows, tmp=tmp_path)
    assert not troubles
    task = next(t for t in record.tasks if t.text == cells["text"])
    assert (task.responsible, task.responsible_source, task.section) == (("Trạm y tế xã",), "own", "I")
    deadline = next(d for d in record.deadlines if d.end == "2024-10-05")
    assert deadline.evidence.raw == "trước ngày 5/10" and record.tasks[deadline.task_no - 1].evidence.line == 7
    assert [(c.citation_no, c.cited_id) for c in record.citations][-1] == (3, "12/CT-TTg")
    assert record.recipients[-1].name == "Trung tâm Y tế" and record.sections[-1].level == 2


@pytest.mark.parametrize("cells", [OUT, NEW])
def test_both_are_undone_by_a_further_row_and_leave_no_trace(tmp_path, cells):
    back = correction(2, **cells | {"old": cells["value"], "value": cells["old"]})
    assert corrected(RECORDS, {}, book(correction(1, **cells), back, tmp=tmp_path)) == (list(RECORDS), [])


def test_an_added_fact_can_be_corrected_and_is_not_added_to_the_same_that_was_found(tmp_path):
    better = correction(2, table="tasks", column="text", page=1, line=6, old=NEW["value"], value="Phòng Tổ chức mua 20 sổ tay")
    record, troubles = applied(correction(1, **NEW), better, tmp=tmp_path / "a")
    assert not troubles and "Phòng Tổ chức mua 20 sổ tay" in [t.text for t in record.tasks]
    found = replace(TASK, task_no=3, text=NEW["value"] + ".", evidence=at(6, "Phòng"))
    known = replace(plan_record(), tasks=(*plan_record().tasks, found))
    record, troubles = applied(correction(1, **NEW), tmp=tmp_path / "b", records=(known, *RECORDS[1:]))
    assert record.tasks == known.tasks and not troubles


def test_a_fact_to_be_taken_out_that_is_not_there_is_shown(tmp_path):
    record, troubles = applied(correction(1, **OUT | {"old": "Đội xe sửa cầu treo"}), tmp=tmp_path)
    assert record == RECORDS[0] and troubles == ["correction_orphan"]


@pytest.mark.parametrize(
    ("table", "value"),
    [
        ("tasks", '{"text": ""}'),
        ("tasks", '{"text": "x", "no_column": "y"}'),
        ("tasks", '{"text": "x", "task_no": 7}'),
        ("tasks", '{"text"'),
        ("deadlines", "trước ngày 5/10"),
        ("deadlines", '{"kind": "mai", "raw": "mai"}'),
        ("deadlines", '{"kind": "by", "raw": "trước 5/10", "end": "5/10/2024"}'),
        ("sections", "Sổ tay"),
    ],
)
def test_a_fact_that_its_table_cannot_hold_is_malformed(tmp_path, table, value):
    record, troubles = applied(correction(1, **NEW | {"table": table, "value": value}), tmp=tmp_path)
    assert record == RECORDS[0] and troubles == ["correction_malformed"]


@pytest.mark.parametrize("cells", [{"table": "plans"}, {"table": "lines"}, {"old": "x"}, {"value": ""}])
def test_a_document_or_a_line_is_no_fact_and_a_row_says_one_thing(tmp_path, cells):
    got = book(correction(1, plan_id=PLAN, **NEW | cells), tmp=tmp_path)
    assert not got.rows and told(got.troubles) == ["correction_malformed"]


def test_bodies_that_differ_in_a_letter_are_two_and_one_read_nearly_so_is_told(tmp_path):
    here = {"table": "recipients", "column": "*", "page": 1, "line": 6, "old": ""}
    one, two = correction(1, value="UBND xã Bình An", **here), correction(2, value="UBND xã Bình Ân", **here)
    record, troubles = applied(one, two, tmp=tmp_path / "a")
    assert {"UBND xã Bình An", "UBND xã Bình Ân"} <= {r.name for r in record.recipients} and not troubles
    near = replace(NEW_RECIPIENT, name="UBND xã Bính An")
    known = replace(plan_record(), recipients=(near,))
    record, troubles = applied(one, tmp=tmp_path / "b", records=(known, *RECORDS[1:]))
    assert record.recipients == (near,) and troubles == ["correction_conflict"]
    elsewhere = replace(near, evidence=at(7, "xã Bính An"))
    record, troubles = applied(one, tmp=tmp_path / "c", records=(replace(known, recipients=(elsewhere,)), *RECORDS[1:]))
    assert [r.name for r in record.recipients] == ["UBND xã Bình An", "UBND xã Bính An"] and not troubles
