"""The tables of a corpus: schema, keys, links, duplicates, faults."""

import tomllib
from dataclasses import fields, replace
from importlib import resources
from pathlib import Path

import pytest
from corpus_records import DECISION, OTHER, PLAN, PLAN_TEXT, PROBLEMS, READINGS, RECORDS, citation, corpus, plan_record

from pipeline.corpus import ProblemRow, dictionary, links, tabulate
from pipeline.corpus.checks import faults
from pipeline.corpus.tables import NAMES, SCHEMAS, to_arrow
from pipeline.document import EVIDENCE_COLUMNS, FACT_TABLES, Plan, Problem, Record


def test_schema_has_the_columns_of_the_dataclasses_in_their_order():
    assert list(SCHEMAS["plans"].columns) == [f.name for f in fields(Plan)]
    for name, kind in FACT_TABLES.items():
        own = [f.name for f in fields(kind) if f.name not in ("evidence", "mention_evidence")]
        assert list(SCHEMAS[name].columns) == ["plan_id", *own, *EVIDENCE_COLUMNS]


def test_types_are_null_safe_and_integers_stay_integers():
    tables = corpus()
    assert str(tables.plans["pages"].dtype) == "Int64" and str(tables.tasks["left"].dtype) == "Int64"
    assert str(tables.plans["is_plan"].dtype) == "boolean" and str(tables.plans["text_confidence"].dtype) == "Float64"
    assert tables.tasks["left"].isna().all() and tables.plan_fields.set_index("plan_id")["right"][DECISION] == 210
    assert list(tables.tasks["responsible"].iloc[0]) == ["Phòng Nghiệp vụ Y"]
    assert list(tables.plans.set_index("plan_id")["review_reasons"][PLAN]) == ["number_unsure", "no_signer"]


def whole(tables):
    """Whether tables keep to their schema, by our own rules and by pandera."""
    for name in NAMES:
        SCHEMAS[name].validate(tables[name], lazy=True)
    return faults({name: to_arrow(name, tables[name]) for name in NAMES}) == {}


def test_every_table_is_filled_and_without_fault():
    tables = corpus()
    assert whole(tables) and list(tables) == list(NAMES)
    assert list(tables.plans["plan_id"]) == [DECISION, PLAN, OTHER]
    assert list(tables.citation_mentions["mention_no"]) == [1, 1]
    overview = tables.overview.set_index("task_no")
    assert overview["next_deadline"][1] == "2024-09-30" and list(overview["time_words"][2]) == ["hằng năm"]
    assert overview["number"][1] == "45/KH-SYT" and overview["link"][1] == f"plans/{PLAN}/text.txt"


def test_lines_keep_their_numbers_and_blank_ones_have_no_row():
    lines = corpus().lines
    mine = lines[lines["plan_id"] == PLAN]
    printed = PLAN_TEXT.split("\n")
    assert [(n, t) for n, t in zip(mine["line"], mine["text"], strict=True)] == [(k, t) for k, t in enumerate(printed, 1) if t]
    scanned = lines[lines["plan_id"] == DECISION].iloc[0]
    assert (scanned["raw"], scanned["text"], scanned["right"]) == ("Sô: 09/QD-UBND", "Số: 09/QĐ-UBND", 210)
    assert scanned["confidence"] == 0.4167  # mean of 1/2 and 1/3, four digits


def test_problems_of_inputs_pages_and_records_are_rows_once():
    twice = (*PROBLEMS, ProblemRow(PLAN, "năm 2024/kế hoạch.txt", Problem("warning", "extract", "number_missing")))
    problems = tabulate(RECORDS, READINGS, twice).problems
    assert sorted(problems["code"]) == ["empty_file", "low_confidence", "number_missing", "page_timeout", "unsupported"]
    unsupported = problems.set_index("code").loc["unsupported"]
    assert "MZ" in unsupported["message"] and "PDF, TIFF" in unsupported["message"]
    assert "  " not in "".join(problems["message"])


def test_same_bytes_twice_are_one_plan_and_a_note():
    copies = [replace(r, plan=replace(r.plan, source_path="zz/bản sao.txt")) for r in RECORDS[:2]]
    tables = tabulate([*copies, *RECORDS], READINGS, ())
    assert list(tables.plans["plan_id"]) == [DECISION, PLAN, OTHER]
    assert "zz/bản sao.txt" not in set(tables.plans["source_path"])
    notes = tables.problems[tables.problems["code"] == "duplicate_file"]
    assert list(notes["source_path"]) == ["zz/bản sao.txt"] and "năm 2024/kế hoạch.txt" in notes["message"].iloc[0]


def broken_records():
    good = plan_record()
    task, deadline = good.tasks[0], good.deadlines[0]
    yield replace(good, citations=(replace(good.citations[0], relation="quotes"),)), "citations.relation"
    yield replace(good, tasks=(task, task)), "tasks"
    yield replace(good, deadlines=(replace(deadline, task_no=99),)), "deadlines.plan_id+task_no"
    yield replace(good, plan=replace(good.plan, issue_date="11/3/2024")), "plans.issue_date"
    yield replace(good, tasks=(replace(task, evidence=replace(task.evidence, confidence=1.5)),)), "tasks.confidence"


@pytest.mark.parametrize(("bad", "where"), list(broken_records()))
def test_a_record_that_breaks_the_schema_is_an_error_row_and_harms_no_other(bad, where):
    tables = tabulate([bad, *RECORDS[1:]], READINGS, PROBLEMS)
    assert list(tables.plans["plan_id"]) == [DECISION, OTHER] and whole(tables)
    row = tables.problems[tables.problems["code"] == "bad_record"]
    assert list(row["plan_id"]) == [PLAN] and list(row["level"]) == ["error"] and where in row["message"].iloc[0]


def test_texts_that_no_format_can_hold_are_made_storable():
    odd = replace(plan_record().plan, source_path="l\udcffi.txt", title="a\x00b", place="")
    row = tabulate([Record(odd)], {}, ()).plans.iloc[0]
    assert row["source_path"] == "l\\udcffi.txt" and row["title"] == "a\ufffdb" and row.isna()["place"]


# ------------------------------------------------------------------------------------------------ links


def test_a_citation_finds_its_document_by_symbol_date_and_completed_issuer():
    tables = corpus()
    cited = tables.citations.set_index("citation_no")["cited_plan_id"]
    assert cited[1] == DECISION  # 9/QĐ-UBND of "Ủy ban nhân dân tỉnh", cited by a body of Cà Mau: not that of Hà Nam
    assert cited.isna()[2]


def linked(cited_id, date, issuer, kind="Quyết định", citing="Sở Y tế tỉnh Cà Mau", **target):
    """cited_plan_id of one citation in a corpus of the citing plan and one other document."""
    mine = plan_record()
    mine = replace(mine, plan=replace(mine.plan, issuing_authority=citing), citations=(citation(1, cited_id, date, issuer, kind),))
    return links.Index([mine.plan, Plan(plan_id=OTHER, **target)]).linked(mine).citations[0].cited_plan_id


MINISTRY = {"number": "303/QĐ-BYT", "issue_date": "2023-03-10", "issuing_authority": "Bộ Y tế", "doc_type": "Quyết định"}
PROVINCE = {"number": "12/QĐ-UBND", "issue_date": "2023-03-10", "issuing_authority": "Ủy ban nhân dân tỉnh Hà Nam"}
LAW = {"number": "24/2021/QH15", "issuing_authority": "Quốc hội", "doc_type": "Nghị quyết"}
PARTY = {"number": "05-CT/TW", "issue_date": "2021-06-23", "issuing_authority": "Ban Bí thư Trung ương Đảng", "doc_type": "Chỉ thị"}
LINKED = [
    ("303/QĐ-BYT", "2023-03-10", "Bộ trưởng Bộ Y tế", MINISTRY),
    ("303/QĐ–BYT", "2023-03-10", None, MINISTRY),  # the code names the only body that has it
    ("303/QĐ-BYT", "2023", "Bộ Y tế", MINISTRY),
    ("012/QĐ-UBND", "2023-03-10", "Uỷ ban nhân dân tỉnh Hà Nam", PROVINCE),
    ("24/2021/QH15", None, "Quốc hội", LAW),
    ("5-CT/TW", "2021-06-23", "Ban Bí thư Trung ương Đảng", PARTY),
]
OPEN = [
    ("303/QĐ-BYT", "2022-03-10", "Bộ Y tế", MINISTRY),  # another year
    ("303/QĐ-BYT", None, "Bộ Y tế", MINISTRY),  # no year told
    ("303/QĐ-BTP", "2023-03-10", "Bộ Y tế", MINISTRY),
    ("303/Qđ-byt", "2023-03-10", "Bộ Y tế", MINISTRY),
    ("303/QĐ-BYT", "2023-03-10", "Bộ Y tế", MINISTRY | {"doc_type": "Thông báo"}),
    ("12/QĐ-UBND", "2023-03-10", None, PROVINCE),  # every province has one
    ("12/QĐ-UBND", "2023-03-10", "Ủy ban nhân dân tỉnh", PROVINCE),  # that of Cà Mau
    ("12/QĐ-UBND", "2023-03-10", "Ủy ban nhân dân tỉnh Hà Giang", PROVINCE),
    ("12/QĐ-UBND", "2023-03-10", "Ủy ban nhân dân tỉnh Hà Nam", PROVINCE | {"issuing_authority": None}),
    ("05-CT/TW", "2021", "Ban Bí thư Trung ương Đảng", PARTY),  # numbers run for a term
    ("05-CT/TW", "2016-05-15", "Ban Bí thư Trung ương Đảng", PARTY),
]


@pytest.mark.parametrize(("cited_id", "date", "issuer", "target"), LINKED)
def test_links(cited_id, date, issuer, target):
    assert linked(cited_id, date, issuer, target.get("doc_type"), **target) == OTHER


@pytest.mark.parametrize(("cited_id", "date", "issuer", "target"), OPEN)
def test_doubtful_links_stay_open(cited_id, date, issuer, target):
    assert linked(cited_id, date, issuer, "Quyết định" if "QĐ" in cited_id.upper() else None, **target) is None


def test_a_bare_committee_in_a_plan_of_a_committee_stays_open():
    committee = PROVINCE | {"issuing_authority": "Ủy ban nhân dân tỉnh Hà Nam"}
    low = "Ủy ban nhân dân huyện Bình Lục tỉnh Hà Nam"
    assert linked("12/QĐ-UBND", "2023-03-10", "Ủy ban nhân dân", citing=low, **committee) is None
    assert linked("12/QĐ-UBND", "2023-03-10", "Ủy ban nhân dân tỉnh", citing=low, **committee) == OTHER


@pytest.mark.parametrize(
    ("cited", "own", "date", "found"),
    [
        ("vn/ca-mau/stp/kh/2023/7", "vn/ca-mau/stp/kh/2023/7", "2023-02-01", OTHER),
        ("vn/ca-mau/stp/kh/2023/7", "vn/ca-mau/stp/kh/2023/7", "2023-02-02", None),  # the printed day says no
        ("vn/ca-mau/stp/kh/2023/7", "vn/ha-nam/stp/kh/2023/7", "2023-02-01", None),
        ("vn/ca-mau/stp/kh/0000/7", "vn/ca-mau/stp/kh/0000/7", "2023-02-01", None),
        (None, None, "2023-02-01", None),
    ],
)
def test_one_uri_is_one_document_where_the_names_of_the_issuer_differ(cited, own, date, found):
    told = replace(citation(1, "07/KH-STP", date, "Sở Tư pháp", "Kế hoạch"), cited_uri=cited)
    mine = replace(plan_record(), citations=(told,))
    target = Plan(plan_id=OTHER, number="7/KH-STP", issue_date="2023-02-01", issuing_authority="Sở Tư pháp (cũ)", uri=own)
    assert links.Index([mine.plan, target]).linked(mine).citations[0].cited_plan_id == found


def test_two_documents_of_one_symbol_leave_a_doubt_and_two_scans_do_not():
    mine = replace(plan_record(), citations=(citation(1, "303/QĐ-BYT", "2023", "Bộ Y tế"),))
    one, two = Plan(plan_id="111111111111", **MINISTRY), Plan(plan_id="222222222222", **MINISTRY)
    assert links.Index([mine.plan, two, one]).linked(mine).citations[0].cited_plan_id == "111111111111"
    other = replace(two, issue_date="2023-03-11")
    assert links.Index([mine.plan, one, other]).linked(mine).citations[0].cited_plan_id is None


def test_names_of_bodies_by_their_examples():
    head = tomllib.loads((resources.files("pipeline") / "rules/links.toml").read_text(encoding="utf-8"))["head"]
    assert len(head["examples"]) >= 3 and len(head["never"]) >= 3
    for one, other in head["examples"]:
        assert links.body(one) == links.body(other)
    for one, other in head["never"]:
        assert links.body(one) != links.body(other)


def test_a_document_is_no_link_to_itself():
    mine = plan_record()
    mine = replace(mine, citations=(citation(1, "45/KH-SYT", "2024-03-11", "Sở Y tế tỉnh Cà Mau", "Kế hoạch"),))
    assert links.Index([mine.plan]).linked(mine).citations[0].cited_plan_id is None


def test_the_data_dictionary_is_up_to_date():
    path = Path(__file__).parent.parent / "docs" / "tables.md"
    remedy = "run: python -c \"from pipeline.corpus.dictionary import markdown; print(markdown(), end='')\" > docs/tables.md"
    assert path.read_text(encoding="utf-8") == dictionary.markdown(), remedy
