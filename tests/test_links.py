"""What documents say of one another: links, inferred numbers and dates, doubts, copies and later versions. Never a guess."""

from __future__ import annotations

import random
import tomllib
from dataclasses import replace
from importlib import resources

import pytest

from pipeline.corpus import show, store, tabulate
from pipeline.corpus.inferred import same_subject, witness
from pipeline.corpus.links import one_of_its_name
from pipeline.corpus.relations import related
from pipeline.document import Citation, Evidence, Plan, PlanField, Record, text_reading

TITLE = "Kiểm soát dịch tả lợn trên địa bàn tỉnh năm 2031"
ISSUER = "Sở Nông nghiệp và Môi trường tỉnh Đồng Tháp"
NUMBER, DATE = "71/KH-SNNMT", "2031-02-14"


def plan(no: int, number: str | None = NUMBER, date: str | None = DATE, **cells: object) -> Record:
    """A plan of the department; `no` makes its id."""
    made = Plan(
        f"{no:012x}", f"{no}.pdf", is_plan=True, doc_type="Kế hoạch", number=number, issue_date=date, title=TITLE, issuing_authority=ISSUER
    )
    made = replace(made, number_source="letterhead" if number else None, issue_date_source="letterhead" if date else None)
    return Record(replace(made, **cells))


def citing(no: int, number: str | None = NUMBER, date: str | None = DATE, confidence: float = 0.9, **cells: object) -> Record:
    """A plan of a district's health centre that cites the department's; `no` makes its id and number."""
    where = Evidence(2, no, no, None, f"Kế hoạch số {number}", confidence, "citation.full")
    cited = Citation(1, number, "Kế hoạch", date, ISSUER, f"về {TITLE.lower()}", "thuc_hien", "this", 1, None, None, where, (where,))
    own = Plan(
        f"{no:012x}", f"{no}.txt", is_plan=True, doc_type="Kế hoạch", number=f"{no}/KH-TTYT", issue_date="2031-03-01", title=f"Việc {no}"
    )
    return Record(replace(own, issuing_authority=f"Trung tâm Y tế huyện {no}"), citations=(replace(cited, **cells),))


def codes(record: Record) -> list[str]:
    return [p.code for p in record.problems]


# ---------------------------------------------------------------------------------------------- subjects


def rules(part: str = "subject") -> dict[str, list]:
    return tomllib.loads((resources.files("pipeline") / "rules/links.toml").read_text(encoding="utf-8"))[part]


@pytest.mark.parametrize("pair", rules()["examples"])
def test_titles_that_say_the_same(pair):
    assert same_subject(*pair) and same_subject(*pair[::-1])


@pytest.mark.parametrize("pair", rules()["never"])
def test_titles_that_do_not(pair):
    assert not same_subject(*pair) and not same_subject(*pair[::-1])


def test_bodies_of_which_there_is_one():
    assert all(one_of_its_name(name) for name in rules("place")["examples"])
    assert not any(one_of_its_name(name) for name in rules("place")["never"])


# ---------------------------------------------------------------------------------------------- inferred


def test_a_number_and_date_that_are_not_printed_are_told_by_those_who_cite():
    got = related([plan(1, None, None), citing(2), citing(3)], {})
    own = got[0].plan
    assert (own.number, own.number_source, own.issue_date, own.issue_date_source) == (NUMBER, "inferred", DATE, "inferred")
    assert [(f.column, f.value, f.source, f.evidence.raw) for f in got[0].plan_fields] == [
        ("number", NUMBER, "citation", f"Kế hoạch số {NUMBER}"),
        ("issue_date", DATE, "citation", f"Kế hoạch số {NUMBER}"),
    ]
    assert witness(got[0].plan_fields[0].evidence.rule) == (f"{2:012x}", 1)
    assert [r.citations[0].cited_plan_id for r in got[1:]] == [own.plan_id] * 2  # and now it is linked


def test_only_what_is_lacking_is_told():
    printed = PlanField("number", NUMBER, "letterhead", Evidence(1, 2, 2, None, NUMBER, 0.9, "test"))
    record = replace(plan(1, date=None), plan_fields=(printed,))
    got = related([record, citing(2)], {})[0]
    assert (got.plan.number_source, got.plan.issue_date, got.plan.issue_date_source) == ("letterhead", DATE, "inferred")
    assert got.plan_fields[0] == printed


@pytest.mark.parametrize(
    ("own", "cited"),
    [
        ({}, {"cited_issuer": "Sở Nông nghiệp và Môi trường tỉnh An Giang"}),
        ({}, {"cited_issuer": None}),
        ({}, {"cited_type": "Quyết định"}),
        ({}, {"cited_id": None}),
        ({}, {"subject": None}),
        ({}, {"subject": "về kiểm soát dịch tả lợn trên địa bàn tỉnh năm 2030"}),
        ({}, {"subject": "về kiểm soát bệnh dại trên địa bàn tỉnh năm 2031"}),
        ({"issuing_authority": None}, {}),
        ({"title": None}, {}),
        ({"doc_type": None}, {}),
        ({"title": "Năm 2031"}, {"subject": "năm 2031"}),
        ({"issue_date": "2031-02-15"}, {}),
        ({"period_start": "2027-01-01"}, {}),
    ],
)
def test_nothing_is_told_where_anything_disagrees(own, cited):
    got = related([plan(1, None, None, **own), citing(2, **cited)], {})
    assert got[0].plan.number is None and got[0].plan.issue_date == own.get("issue_date") and not got[0].plan_fields


def test_nothing_is_told_where_those_who_cite_disagree_or_two_could_be_meant():
    got = related([plan(1, None, None), citing(2), citing(3, "17/KH-SNNMT")], {})
    assert got[0].plan.number is None
    got = related([plan(1, None, None), citing(2), citing(3, date="2031-02-15")], {})
    assert (got[0].plan.number, got[0].plan.issue_date) == (NUMBER, None)
    got = related([plan(1, None, None), plan(4, None, None), citing(2)], {})
    assert got[0].plan.number is None and got[1].plan.number is None


def test_a_printed_number_is_never_touched_nor_given_twice():
    got = related([plan(1, "70/KH-SNNMT"), citing(2)], {})
    assert got[0].plan.number == "70/KH-SNNMT" and got[1].citations[0].cited_plan_id is None
    got = related([plan(1, None, None, title=TITLE), plan(5), citing(2)], {})
    assert got[0].plan.number is None and got[2].citations[0].cited_plan_id == got[1].plan.plan_id


@pytest.mark.parametrize(
    "cells",
    [
        {"cited_issuer": "Sở Nông nghiệp và Môi trường tỉnh An Giang"},
        {"cited_date": "2030-02-14"},
        {"cited_date": None},
        {"cited_type": "Quyết định"},
        {"cited_issuer": None},
    ],
)
def test_the_same_symbol_of_another_issuer_year_or_kind_is_never_linked(cells):
    got = related([plan(1), citing(2, **cells)], {})
    assert got[1].citations[0].cited_plan_id is None
    assert related([plan(1), citing(2)], {})[1].citations[0].cited_plan_id == got[0].plan.plan_id


def test_the_tables_hold_inferred_cells_in_any_order_and_show_leads_to_who_told_them(tmp_path):
    records = [plan(1, None, None), *(citing(n) for n in range(2, 6))]
    text = text_reading("\n".join(f"dòng {k}" for k in range(1, 9)))
    readings = {r.plan.plan_id: text for r in records}
    for seed in range(3):
        random.Random(seed).shuffle(records)
        store.write(tabulate(records, readings, ()), tmp_path / str(seed))
    assert store.digest(tmp_path / "0") == store.digest(tmp_path / "1") == store.digest(tmp_path / "2")
    tables = store.read(tmp_path / "0")
    told = show.fact(tables, f"{1:012x}", "plans:number", "en")
    assert f"2.txt · {2:012x} · citations:1" in told


# ---------------------------------------------------------------------------------------------- doubts


def test_a_number_that_one_reads_otherwise_is_a_note_on_it():
    got = related([citing(2), citing(3), citing(4, "77/KH-SNNMT")], {})
    assert [codes(r) for r in got] == [[], [], ["identifier_doubtful"]]
    assert "71/KH-SNNMT" in got[2].problems[0].detail and "citations:1" in got[2].problems[0].detail
    assert got[2].citations[0].cited_id == "77/KH-SNNMT"  # what was read stays


def test_a_date_that_one_reads_otherwise_is_a_note_too_and_the_document_itself_outweighs():
    got = related([plan(1), citing(2, date="2031-02-11")], {})
    assert [codes(r) for r in got] == [[], ["identifier_doubtful"]] and "the document itself" in got[1].problems[0].detail
    got = related([plan(1, "7/KH-SNNMT"), citing(2), citing(3)], {})
    assert [codes(r) for r in got] == [["identifier_doubtful"], [], []]
    got = related([plan(1, "7/KH-SNNMT"), citing(2)], {})
    assert codes(got[0]) == []  # one alone does not speak against a letterhead


@pytest.mark.parametrize(
    "cells",
    [
        {"subject": "về chăm sóc cây xanh đô thị"},
        {"subject": None},
        {"cited_issuer": "Sở Nông nghiệp và Môi trường tỉnh An Giang"},
        {"cited_issuer": "Sở Nông nghiệp và Môi trường"},
        {"cited_id": "78/KH-SNN"},
        {"cited_type": "Quyết định"},
    ],
)
def test_another_document_of_the_same_day_is_no_doubt(cells):
    got = related([citing(2), citing(3), replace_citation(citing(4, "77/KH-SNNMT"), cells)], {})
    assert [codes(r) for r in got] == [[], [], []]


def replace_citation(record: Record, cells: dict[str, object]) -> Record:
    return replace(record, citations=(replace(record.citations[0], **cells),))


def test_a_bad_reading_without_a_subject_is_doubted():
    got = related([citing(2), citing(3), replace_citation(citing(4, "77/KH-SNNMT", confidence=0.4), {"subject": None})], {})
    assert codes(got[2]) == ["identifier_doubtful"]


# ---------------------------------------------------------------------------------------------- signers


def signed(*names: str | None) -> list[list[str]]:
    """The codes of notes on documents with other numbers, signed so."""
    got = related([plan(k, f"{k}/KH-SNNMT", signer_name=name) for k, name in enumerate(names, 1)], {})
    assert [r.plan.signer_name for r in got] == list(names)
    return [codes(r) for r in got]


def test_a_signer_spelt_with_other_marks_is_a_note_on_the_rarer_spelling():
    assert signed("Lê Thị Hiền", "Lê Thị Hiên") == [["signer_spelt_otherwise"]] * 2
    assert signed("Lê Thị Hiền", "Lê Thị Hiên", "Lê Thị  Hiền", "Lê Thị Hiền") == [[], ["signer_spelt_otherwise"], [], []]
    assert signed("Lê Thị Hiền", "Lê Thị Hà", None, "Lê Thị Hiền") == [[]] * 4


def test_signers_of_other_bodies_are_other_people():
    records = [
        plan(1, signer_name="Lê Thị Hiền"),
        plan(2, "9/KH-SYT", signer_name="Lê Thị Hiên", issuing_authority="Sở Y tế tỉnh An Giang"),
    ]
    assert [codes(r) for r in related(records, {})] == [[], []]


# ---------------------------------------------------------------------------------------------- copies and versions

WORDS = [f"từ{n}" for n in range(200)]


def test_a_second_scan_and_another_text_under_one_number_are_told_apart():
    rng = random.Random(5)
    first = " ".join(rng.choices(WORDS, k=300))
    again = " ".join(w if rng.random() < 0.9 else "sai" for w in first.split())
    other = " ".join(f"khác{n}" for n in range(300))
    records = [plan(1), plan(2), plan(3)]
    readings = dict(zip((r.plan.plan_id for r in records), map(text_reading, (first, again, other)), strict=True))
    got = related(records, readings)
    assert [sorted(codes(r)) for r in got] == [["same_document", "same_identifier"]] * 2 + [["same_identifier"] * 2]
    assert f"{2:012x} (2.pdf)" in [p.detail for p in got[0].problems]
    assert not codes(related([plan(1), plan(2, date="2030-02-14")], readings)[0])
    assert not codes(related([plan(1), plan(2, issuing_authority="Sở Y tế tỉnh Đồng Tháp")], readings)[0])


@pytest.mark.parametrize(("relation", "subject", "told"), [("thay_the", "this", 1), ("thuc_hien", "this", 0), ("thay_the", "9/QĐ-TTg", 0)])
def test_a_later_version_is_told(relation, subject, told):
    got = related([plan(1), citing(2, relation=relation, relation_subject=subject)], {})
    assert codes(got[0]) == ["newer_version"] * told and not codes(got[1])
    assert all("2/KH-TTYT" in p.detail for p in got[0].problems)
