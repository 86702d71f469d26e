"""Time words as dates, recurrence rules and anchors."""

from __future__ import annotations

import csv
import time
from datetime import date, datetime
from pathlib import Path

import pytest
from dateutil.rrule import rrulestr
from duties import doc_of

from pipeline.extract.calendar import add_months, add_working_days, is_working_day, tet
from pipeline.extract.deadlines import find
from pipeline.extract.numerals import in_words, number, quantity
from pipeline.extract.phrases import phrases
from pipeline.extract.rules import load
from pipeline.extract.times import TimeExpression, read

CASES = list(csv.DictReader((Path(__file__).parent / "cases" / "deadlines.csv").open(encoding="utf-8", newline="")))
Row = tuple[str, str, str, str, str, str]


def columns(t: TimeExpression) -> Row:
    return (t.kind, t.first or "", t.last or "", t.end_op or "", t.rrule or "", t.anchor or "")


def expected(case: dict[str, str]) -> list[Row]:
    if case["kind"] == "none":
        return []
    cells = [case[c].split(" | ") for c in ("start", "end", "end_op", "rrule")]
    n = max(map(len, cells))
    rows = list(zip(*(c * n if len(c) == 1 else c for c in cells), strict=True))
    return [(case["kind"], *r, case["anchor"]) for r in rows]


@pytest.mark.parametrize("case", CASES, ids=[c["text"] for c in CASES])
def test_phrases(case: dict[str, str]) -> None:
    assert [columns(t) for t in read(case["text"], date.fromisoformat(case["ref_date"]))] == expected(case)


def test_every_rule_of_repetition_expands_in_dateutil() -> None:
    rules = {r for c in CASES for r in c["rrule"].split(" | ") if r}
    assert len(rules) > 12
    for rule in rules:
        assert list(rrulestr(rule, dtstart=datetime(2024, 1, 1)).xafter(datetime(2024, 1, 1), 2))


@pytest.mark.parametrize("name", ["deadlines", "tasks"])
def test_rules_match_their_examples_and_nothing_of_never(name: str) -> None:
    for p, r in zip(phrases(name), load(name).rules, strict=True):
        for text, groups in r.examples:
            m = p.regex.fullmatch(text)
            assert m, (p.id, text)
            for group, value in groups:
                assert m[group] == value, (p.id, text, group)
        for text in r.never:
            assert not p.regex.fullmatch(text), (p.id, text)


def test_marks_may_be_lost() -> None:
    assert columns(read("gui bao cao truoc ngay 15/8/2024", date(2024, 1, 5))[0])[:4] == ("by", "", "2024-08-15", "<")
    assert columns(read("trong quy III/2024", date(2024, 1, 5))[0])[:3] == ("window", "2024-07-01", "2024-09-30")


def test_a_missing_year_is_the_first_one_not_over() -> None:
    assert read("trước ngày 05/3", date(2024, 3, 5))[0].last == "2024-03-05"
    assert read("trước ngày 05/3", date(2024, 3, 6))[0].last == "2025-03-05"
    assert read("trong tháng 3", date(2024, 3, 31))[0].last == "2024-03-31"
    assert read("trước ngày 05/3", None) == ()


def test_an_impossible_day_is_no_deadline() -> None:
    assert read("trước ngày 31/6/2024", date(2024, 1, 1)) == ()
    assert read("trước ngày 29/02/2025", date(2024, 1, 1)) == ()


def test_the_plans_own_period_is_no_deadline() -> None:
    period = (date(2024, 1, 1), date(2026, 12, 31))
    assert read("thực hiện từ năm 2024 đến năm 2026", date(2024, 1, 15), period) == ()
    assert len(read("thực hiện từ năm 2024 đến năm 2025", date(2024, 1, 15), period)) == 1
    year = (date(2024, 1, 1), date(2024, 12, 31))
    assert read("Trong năm 2024, mở 02 lớp tập huấn", date(2024, 1, 15), year) == ()


def test_a_bare_day_under_a_heading_that_says_so_is_the_last_one() -> None:
    assert read("30/6/2024", date(2024, 1, 1), due=True)[0].kind == "by"
    assert read("30/6/2024", date(2024, 1, 1))[0].kind == "exact"


PIECES = ("trước ngày ", "20/6 và ", "khi có ", "báo cáo năm ", "5 ngày kể từ ngày a ", "1/", "từ ", "hằng năm ", "năm học 2024 - ", "(a ")


@pytest.mark.bench
@pytest.mark.parametrize("piece", PIECES)
def test_hostile_text_takes_linear_time(piece: str) -> None:
    def seconds(size: int) -> float:
        begun = time.process_time()
        read(piece * (size // len(piece)), date(2024, 1, 1))
        return time.process_time() - begun

    seconds(1000)
    assert seconds(60_000) < 10 * max(seconds(12_000), 0.02)


def test_working_days_follow_the_table() -> None:
    assert add_working_days(date(2024, 2, 7), 1) == date(2024, 2, 15)  # Tết 2024: 8 to 14 February
    assert is_working_day(date(2024, 5, 4))  # a Saturday worked for 29 April
    assert not is_working_day(date(2024, 4, 29))
    assert not is_working_day(date(2035, 9, 2))  # outside the table: fixed holidays and weekends
    assert add_months(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert tet(name="Ất Tỵ") == date(2025, 1, 29)
    assert tet(2040) is None


def test_numbers_in_words() -> None:
    for words, value in (("ba trăm", 300), ("hai mươi lăm", 25), ("một nghìn hai trăm", 1200), ("mười hai", 12), ("năm mươi mốt", 51)):
        assert in_words(words) == value, words
    assert (number("2O"), number("IV"), quantity("1.250"), quantity("2,5")) == (20, 4, 1250.0, 2.5)


PLAN = """I. MỤC ĐÍCH
Hoàn thành trước ngày 01/5/2024 việc củng cố tổ chức.
II. NỘI DUNG
1. Trạm Y tế xã mở 02 lớp tập huấn trong quý II/2024; báo cáo kết quả trước ngày 10/7.
2. Thực hiện Quyết định số 15/QĐ-UBND ngày 20/01/2024 của Ủy ban nhân dân huyện.
3. Các thôn họp dân hằng tháng.
Trên đây là Kế hoạch thực hiện từ ngày 01/3/2024./.
Nơi nhận:
- Như trên;
"""


def test_only_times_inside_tasks_count() -> None:
    found = find(doc_of(PLAN, issue_date="2024-02-20"))
    assert [(d.deadline_no, d.task_no, d.kind, d.start, d.end, d.end_op, d.rrule) for d in found] == [
        (1, 1, "window", "2024-04-01", "2024-06-30", "<=", None),
        (2, 1, "by", None, "2024-07-10", "<", None),
        (3, 3, "periodic", None, None, None, "FREQ=MONTHLY"),
    ]
    assert [(d.evidence.line, d.evidence.raw) for d in found] == [(4, "trong quý II/2024"), (4, "trước ngày 10/7"), (6, "hằng tháng")]
    assert all(d.evidence.rule for d in found)


def test_a_year_by_inference_and_days_by_convention_are_less_sure() -> None:
    text = "I. NỘI DUNG\n1. Xong trước ngày 10/7/2024.\n2. Xong trước ngày 10/7.\n3. Khai mạc đầu tháng 9/2024."
    sure = [d.evidence.confidence for d in find(doc_of(text, issue_date="2024-02-20"))]
    assert sure[0] > sure[1] > sure[2]


def test_a_misread_stroke_of_a_quarter() -> None:
    ref = date(2024, 1, 5)
    for misread, proper in (
        ("quý II] năm 2024", "quý III năm 2024"),
        ("quý Il/2024", "quý II/2024"),
        ("quý lV/2024", "quý IV/2024"),
        ("quý 11/2024", "quý II/2024"),
    ):
        assert [columns(t) for t in read(misread, ref)] == [columns(t) for t in read(proper, ref)] != []
    assert not read("quý IVI/2024", ref)
