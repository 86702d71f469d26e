"""Files of corrections and corrected facts: read whole, applied once, shown where they do not fit."""

from __future__ import annotations

import csv
import random
import threading

import pytest
from corpus_records import DECISION, PLAN, RECORDS, decision_record, plan_record, scan_reading
from correction_rows import book, correction, told, write

from pipeline.corpus import ProblemRow, store, tabulate
from pipeline.corpus.corrections import corrected
from pipeline.corrections import COLUMNS, Book, append, read
from pipeline.document import Box
from pipeline.errors import InputError

TARGETS = (
    '{{"quantity":{}.0,"op":">=","unit":"lớp","of":null,"raw":"{}"}} | '
    '{{"quantity":2.5,"op":"~","unit":"%","of":"trạm \\u007c điểm","raw":"2,5 %"}}'
)


# ---------------------------------------------------------------------------------------------- files


def test_a_row_is_read_as_it_was_written(tmp_path):
    rows = (correction(1, note="a, “b”;\nc"), correction(2, table="tasks", column="text", old="x | y", box=Box(1, 2, 3, 4), line=None))
    assert book(*rows, tmp=tmp_path).rows == rows


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_what_excel_saves_is_read(tmp_path, encoding, delimiter):
    write(tmp_path / "c.csv", (correction(),), delimiter)
    text = (tmp_path / "c.csv").read_text(encoding="utf-8")
    (tmp_path / "c.csv").write_bytes(text.replace("\n", "\r\n").encode(encoding))
    assert read(tmp_path).rows == (correction(),)


def test_no_folder_and_an_empty_file_hold_nothing(tmp_path):
    (tmp_path / "c.csv").write_bytes(b"")
    assert read(tmp_path) == read(tmp_path / "none") == Book() and read(tmp_path).digest() == ""


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("id", ""),
        ("plan_id", "../../etc"),
        ("table", "problems"),
        ("page", "0"),
        ("page", "zwei"),
        ("line", "0"),
        ("left", "7"),
        ("at", "hôm qua"),
    ],
)
def test_a_malformed_row_is_a_problem_and_the_rest_goes_on(tmp_path, column, value):
    write(tmp_path / "c.csv", (correction(1), correction(2, plan_id=DECISION)))
    rows = list(csv.reader((tmp_path / "c.csv").open(encoding="utf-8", newline="")))
    rows[1][COLUMNS.index(column)] = value
    with (tmp_path / "c.csv").open("w", encoding="utf-8", newline="") as f:
        csv.writer(f).writerows(rows)
    got = read(tmp_path)
    assert [r.id for r in got.rows] == ["c002"] and told(got.troubles) == ["correction_malformed"]
    assert "row 2" in got.troubles[0].problem.detail


def test_a_row_cut_short_and_a_file_that_is_none_are_problems(tmp_path):
    write(tmp_path / "a.csv", (correction(1),))
    with (tmp_path / "a.csv").open("a", encoding="utf-8") as f:
        f.write("c009,0a1b2c3d4e5f-2,plans,numb")
    (tmp_path / "b.csv").write_bytes("số\xff".encode("latin-1", "replace"))
    (tmp_path / "d.csv").write_text("plan_id,value\n1,2\n")
    (tmp_path / ".~lock.a.csv#").write_text("x")
    got = read(tmp_path)
    assert [r.id for r in got.rows] == ["c001"]
    assert sorted(told(got.troubles)) == ["correction_file", "correction_file", "correction_malformed"]


def test_order_of_files_and_rows_does_not_matter_and_a_copy_counts_once(tmp_path):
    rows = [correction(n, column="place", old=str(n), value=str(n + 1)) for n in range(30)]
    write(tmp_path / "0" / "all.csv", rows)
    for seed in range(3):
        random.Random(seed).shuffle(rows)
        write(tmp_path / str(seed + 1) / "z.csv", rows[:20])
        write(tmp_path / str(seed + 1) / "a.csv", rows[15:])
        assert read(tmp_path / str(seed + 1)) == read(tmp_path / "0")


def test_two_rows_of_one_id_are_both_set_aside(tmp_path):
    got = book(correction(1), correction(1, value="47/KH-SYT"), correction(2, plan_id=DECISION), tmp=tmp_path)
    assert [r.id for r in got.rows] == ["c002"] and told(got.troubles) == ["correction_conflict"]


def test_append_gives_an_id_of_its_own_and_loses_nothing(tmp_path):
    write(tmp_path / "corrections.csv", (correction(1),), ";")
    data = (tmp_path / "corrections.csv").read_bytes().rstrip(b"\n")
    (tmp_path / "corrections.csv").write_bytes(data)  # somebody's editor left no newline at the end

    def work(n: int) -> None:
        for k in range(5):
            append(tmp_path, plan_id=PLAN, table="tasks", column="text", page=1, line=k + 1, old=f"cũ {n}", value=f"mới; {k}", author="Lan")

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    got = read(tmp_path)
    assert len({r.id for r in got.rows}) == 21 and not got.troubles
    assert (tmp_path / "corrections.csv").read_bytes().startswith(data)
    with pytest.raises(InputError, match="correction_malformed"):
        append(tmp_path, plan_id="x", table="tasks", column="text", page=1, old="", value="", author="")


# ---------------------------------------------------------------------------------------------- facts


def test_a_corrected_cell_says_so_and_keeps_its_evidence(tmp_path):
    records, troubles = corrected(RECORDS, {}, book(correction(), tmp=tmp_path))
    assert not troubles and records[0].plan.number == "46/KH-SYT"
    (row,) = records[0].plan_fields
    assert (row.value, row.source, row.evidence) == ("46/KH-SYT", "correction", plan_record().plan_fields[0].evidence)
    assert records[1:] == list(RECORDS[1:])


def test_a_cell_that_nothing_was_read_into_leads_to_the_place_that_was_corrected(tmp_path):
    row = correction(plan_id=DECISION, column="signer_name", page=1, old="", value="Đàm Thị Sen", box=Box(60, 10, 220, 45), line=1)
    (record,), troubles = corrected([decision_record()], {DECISION: scan_reading()}, book(row, tmp=tmp_path))
    assert not troubles and record.plan.signer_name == "Đàm Thị Sen"
    field = next(f for f in record.plan_fields if f.column == "signer_name")
    assert field.source == "correction" and field.evidence.raw == "Sô: 09/QD-UBND" and field.evidence.rule == "correction.c001"


def test_every_kind_of_cell_can_be_corrected_and_the_tables_hold(tmp_path):
    rows = (
        correction(1, column="is_plan", old="true", value="false"),
        correction(2, column="issue_date", old="2024-03-11", value="2024-03-17", page=2),
        correction(3, column="place", old="Cà Mau", value=""),
        correction(4, table="tasks", column="responsible", page=1, line=7, old="Các trạm y tế | x ¦ y", value="Trạm y tế | Phòng Y"),
        correction(5, table="deadlines", column="end", page=1, line=6, old="2024-09-30", value="2024-09-20"),
        correction(6, table="tasks", column="targets", page=1, line=5, old=TARGETS.format(3, "ít nhất 03 lớp"), value=TARGETS.format(4, 4)),
        correction(7, table="citations", column="cited_id", page=1, line=1, old="9/QĐ-UBND", value="8/QĐ-UBND"),
        correction(8, table="recipients", column="name", page=1, line=7, old="VT", value="VT, NVY"),
        correction(9, table="sections", column="title", page=1, line=4, old="NỘI DUNG", value="NỘI DUNG CHÍNH"),
    )  # fmt: skip
    records, troubles = corrected(RECORDS, {}, book(*rows, tmp=tmp_path))
    assert not troubles
    plan, record = records[0].plan, records[0]
    assert (plan.is_plan, plan.issue_date, plan.place) == (False, "2024-03-17", None)
    assert record.tasks[1].responsible == ("Trạm y tế", "Phòng Y") and record.deadlines[0].end == "2024-09-20"
    assert [t.quantity for t in record.tasks[0].targets] == [4.0, 2.5] and record.citations[0].cited_id == "8/QĐ-UBND"
    assert record.recipients[1].name == "VT, NVY" and record.sections[0].title == "NỘI DUNG CHÍNH"
    assert len(tabulate(records, {}, ()).plans) == len(RECORDS)


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("plans", "issue_date", "17/3/2024"),
        ("plans", "number_source", "bịa"),
        ("plans", "plan_id", "ffee00112233"),
        ("plans", "no_column", "x"),
        ("deadlines", "kind", "mai"),
        ("deadlines", "kind", ""),
        ("deadlines", "task_no", "9"),
        ("tasks", "targets", "ba lớp"),
        ("tasks", "raw", "x"),
        ("tasks", "text", ""),
    ],
)
def test_a_value_that_its_column_cannot_hold_changes_nothing(tmp_path, table, column, value):
    records, troubles = corrected(RECORDS, {}, book(correction(table=table, column=column, page=1, line=6, value=value), tmp=tmp_path))
    assert records == list(RECORDS) and told(troubles) == ["correction_malformed"]


def test_a_correction_undone_leaves_no_trace(tmp_path):
    there = correction(1)
    back = correction(2, old=there.value, value=there.old)
    assert corrected(RECORDS, {}, book(there, back, tmp=tmp_path)) == (list(RECORDS), [])
    again = correction(3, value="48/KH-SYT")
    assert corrected(RECORDS, {}, book(there, back, again, tmp=tmp_path))[0][0].plan.number == "48/KH-SYT"


def test_a_later_correction_goes_on_from_the_one_before(tmp_path):
    records, troubles = corrected(RECORDS, {}, book(correction(1), correction(2, old="46/KH-SYT", value="64/KH-SYT"), tmp=tmp_path))
    assert records[0].plan.number == "64/KH-SYT" and not troubles


def test_two_people_who_disagree_are_shown(tmp_path):
    records, troubles = corrected(RECORDS, {}, book(correction(1), correction(2, value="47/KH-SYT"), tmp=tmp_path))
    assert records[0].plan.number == "47/KH-SYT" and told(troubles) == ["correction_conflict"] and "c001" in troubles[0].problem.detail


def test_what_no_longer_fits_is_shown(tmp_path):
    rows = (
        correction(1, plan_id="123456789abc"),
        correction(2, column="title", old="Rà soát vườn thú", value="Rà soát thư viện", line=None, page=3),
        correction(3, table="tasks", column="text", page=1, line=90, old="Trồng rừng phòng hộ ven biển", value="x"),
        correction(4, table="tasks", column="section", page=1, line=5, old="II", value="III"),
    )
    records, troubles = corrected(RECORDS, {}, book(*rows, tmp=tmp_path))
    assert records == list(RECORDS)
    assert [t.problem.code for t in sorted(troubles, key=lambda t: t.problem.detail)] == [
        "correction_orphan",
        "correction_conflict",
        "correction_orphan",
        "correction_conflict",
    ]
    assert all(t.path for t in troubles)


def test_the_same_corrections_give_the_same_bytes(tmp_path):
    rows = [
        correction(1),
        correction(2, value="x/KH"),
        correction(3, plan_id="123456789abc"),
        correction(4, column="title", old="q", value="r"),
    ]
    for name, some in (("a", rows), ("b", rows[::-1])):
        records, troubles = corrected(RECORDS, {}, book(*some, tmp=tmp_path / name))
        store.write(tabulate(records, {}, [ProblemRow(t.plan_id, t.path, t.problem) for t in troubles]), tmp_path / f"out-{name}")
    assert store.digest(tmp_path / "out-a") == store.digest(tmp_path / "out-b")
