"""The hand-made gold under tests/plans is well-formed: every fact stands in its text, on the line it names."""

from __future__ import annotations

import copy
import json
import re
import unicodedata
from datetime import date
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent / "plans"
PAIRS = sorted((p, p.with_suffix("").with_suffix(".txt")) for p in FOLDER.glob("*/*.record.json"))
KINDS = {"by", "exact", "window", "range", "periodic", "relative", "conditional", "by_guidance"}
RELATIONS = {
    "can_cu", "thuc_hien", "theo", "ban_hanh_kem_theo", "huong_dan", "sua_doi_bo_sung", "thay_the", "bai_bo", "phe_duyet", "gia_han",
    "dinh_chinh", "hop_nhat", "tra_loi", "theo_de_nghi", "dan_chieu",
}  # fmt: skip
PAGE_NUMBER = re.compile(r"\s*[-–]?\s*\d{1,3}\s*[-–]?\s*")
RULE_PARTS = re.compile(r"FREQ=(?:DAILY|WEEKLY|MONTHLY|YEARLY)(?:;(?:INTERVAL|BYMONTH|BYMONTHDAY|BYDAY|BYSETPOS)=[-\d,A-Z]+)*")
OFFSET = re.compile(r"anchor[+-]P\d+(?:D|WD|M|Y|W)")
LEAST = {"dev": 16, "heldout": 10, "heldout2": 4}  # how many texts a part holds at the least
RAW_LINES = 16  # no paragraph of these texts runs over more printed lines (blank ones counted)


def joined(lines: list[str]) -> str:
    """Printed lines as running text, as samples/README.md joins them: blank lines, page numbers and `*` left out."""
    out = ""
    for line in lines:
        line = " ".join(line.replace("*", "").split())
        if not line or PAGE_NUMBER.fullmatch(line):
            continue
        out += line if re.search(r"\d-$", out) and line[0].isdigit() else (" " if out else "") + line
    return out


def is_day(value: str) -> bool:
    """A whole ISO date (a time of day may follow), or a year, or a year and month; and one that the calendar has."""
    if not re.fullmatch(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d)?)?)?", value):
        return False
    try:
        date.fromisoformat((value[:10] + "-01-01")[:10])
    except ValueError:
        return False
    return True


def complaints(text: str, record: dict[str, Any]) -> list[str]:
    """What is wrong with a record of this text; an empty list for a sound one."""
    lines = text.rstrip("\n").split("\n")
    whole = joined(lines).casefold()
    said: list[str] = []

    def check(right: bool, *what: object) -> None:
        if not right:
            said.append(" ".join(map(str, what)))

    def stands(words: str, name: str, near: int | None = None) -> None:
        place = whole if near is None else joined(lines[near - 1 : near - 1 + RAW_LINES]).casefold()
        check(joined([words]).casefold() in place, name, "is not in the text:", words)

    plan = record["plan"]
    for field in ("title", "issuing_authority_printed", "place", "signer_name", "signer_title", "campaign"):
        if plan[field]:
            printed = set(re.findall(r"\w+", whole))
            check(set(re.findall(r"\w+", plan[field].casefold())) <= printed, "plan", field, "has words that are not printed:", plan[field])
    if plan["number"]:
        stands(plan["number"], "plan number")
    for field in ("issue_date", "period_start", "period_end"):
        check(plan[field] is None or is_day(plan[field]), "plan", field, plan[field])
    for table, key in (("citations", "citation_no"), ("tasks", "task_no"), ("deadlines", "deadline_no"), ("recipients", "ordinal")):
        check([row[key] for row in record[table]] == list(range(1, len(record[table]) + 1)), table, "are not numbered 1, 2, 3")
    for table in ("citations", "sections", "tasks", "deadlines", "recipients", "tasks_optional"):
        for row in record.get(table, ()):
            check(1 <= row["line"] <= len(lines) and bool(lines[row["line"] - 1].strip()), table, "line", row["line"], "is not there")
            stands(row["raw"], f"{table} raw", row["line"])
            check(row["plan_id"] == plan["plan_id"], table, "of another plan")
    for row in record["citations"]:
        check(row["relation"] in RELATIONS, "relation", row["relation"])
        check(row["cited_date"] is None or is_day(row["cited_date"]), "cited_date", row["cited_date"])
        if row["cited_id"]:
            mentions = len(re.findall(r"(?<![\w/-])" + re.escape(row["cited_id"].casefold()) + r"(?![\w/-])", whole))
            check(1 <= row["mentions"] <= mentions, row["cited_id"], "stands", mentions, "times")
        else:
            check(bool(row["subject"]), "a named document without a name")
        if row["subject"]:
            stands(row["subject"], "subject")
    paths = [row["section"] for row in record["sections"]]
    check(len(paths) == len(set(paths)), "a section twice:", paths)
    for row in record["sections"]:
        check((row["title"] is None) == (row["kind"] == "numbered_paragraph"), "title of section", row["section"])
        check(row["level"] == row["section"].count(".") + 1, "level of section", row["section"])
        if row["title"]:
            stands(row["title"], "section title", row["line"])
    for row in record["tasks"] + record.get("tasks_optional", []):
        if row["from_table"] and row["line_last"] > row["line"]:  # a cell over several lines: its words in order, other cells between
            left = iter(re.findall(r"\w+", joined(lines[row["line"] - 1 : row["line_last"]]).casefold()))
            check(all(w in left for w in re.findall(r"\w+", row["text"].casefold())), "cell is not in its lines:", row["text"])
        else:
            stands(row["text"], "task text", row["line"])
        check(row["section"] is None or row["section"] in paths, "section of a task", row["section"])
        check(row["line"] <= row["line_last"] <= len(lines), "last line of a task")
        check(bool(row["responsible"]) == (row["responsible_source"] in ("own", "inherited")), "responsible_source of", row["text"][:40])
        own = row["responsible"] if row["responsible_source"] == "own" else []
        for unit in [*own, *row["coordinating"], *row["reports_to"], *([row["product"]] if row["product"] else [])]:
            stands(unit, "unit", row["line"])
        for unit in row["responsible"]:
            stands(unit, "unit")
        for target in row["targets"]:
            stands(target["raw"], "target", row["line"])
            check(target["op"] in ("=", ">=", ">", "<=", "~") and target["quantity"] >= 0 and bool(target["unit"]), "target", target)
            check(target["of"] is None or target["unit"] == "%", "of without %", target)
    numbers = {row["task_no"] for row in record["tasks"]}
    for row in record["deadlines"]:
        check(row["task_no"] in numbers, "deadline of no task", row["raw"])
        check(row["kind"] in KINDS, "kind", row["kind"])
        for end in ("start", "end"):
            check(row[end] is None or is_day(row[end]) or bool(OFFSET.fullmatch(row[end])), "deadline", end, row[end])
        check(row["end_op"] in (None, "<", "<="), "end_op", row["end_op"])
        check((row["kind"] == "periodic") == bool(row["rrule"]), "rrule of", row["raw"])
        check(row["rrule"] is None or bool(RULE_PARTS.fullmatch(row["rrule"])), "rrule", row["rrule"])
        check(row["kind"] not in ("by", "exact", "window") or bool(row["end"]), "no end:", row["raw"])
        if row["anchor"]:
            stands(row["anchor"], "anchor", row["line"])
    for row in record["recipients"]:
        stands(row["name"], "recipient", row["line"])
        check((row["kind"], row["purpose"] == "lưu") in (("recipient", False), ("archive", True)), "kind of recipient", row["name"])
    return said


def records(path: Path) -> list[dict[str, Any]]:
    """The records of a gold file: one, or a list where the text holds several documents."""
    found = json.loads(path.read_text(encoding="utf-8"))
    return found if isinstance(found, list) else [found]


@pytest.mark.parametrize(("gold", "text"), PAIRS, ids=[f"{g.parent.name}/{t.stem}" for g, t in PAIRS])
def test_gold_stands_in_its_text(gold: Path, text: Path) -> None:
    words = text.read_text(encoding="utf-8")
    assert unicodedata.is_normalized("NFC", words)
    for record in records(gold):
        assert complaints(words, record) == []


@pytest.mark.parametrize("half", sorted(p.name for p in FOLDER.iterdir() if p.is_dir()))
def test_every_text_of_a_half_has_gold(half: str) -> None:
    texts = {p.stem for p in (FOLDER / half).glob("*.txt")}
    assert texts == {t.stem for g, t in PAIRS if g.parent.name == half}
    assert len(texts) >= LEAST[half]


def test_the_checker_sees_what_is_wrong() -> None:
    gold, text = next((g, t) for g, t in PAIRS if (r := records(g)[0])["tasks"] and r["deadlines"] and r["recipients"])
    words, sound = text.read_text(encoding="utf-8"), records(gold)[0]

    def broken(table: str, column: str, value: object) -> list[str]:
        record = copy.deepcopy(sound)
        row = record[table] if table == "plan" else record[table][0]
        row[column] = value
        return complaints(words, record)

    assert complaints(words, sound) == []
    assert broken("plan", "title", "Một tên không in ở đâu")
    assert broken("plan", "issue_date", "2024-02-30")
    assert broken("tasks", "text", "Việc không có trong văn bản")
    assert broken("tasks", "line", len(words.split("\n")) + 1)
    assert broken("tasks", "task_no", 7)
    assert broken("deadlines", "start", "5/3/2024")
    assert broken("deadlines", "kind", "soon")
    assert broken("recipients", "name", "Nơi không nhận")
