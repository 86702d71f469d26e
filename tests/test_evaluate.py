"""Measures agree with their definitions on hand-made cases; gold against itself is 1, the order of facts doesn't matter."""

from __future__ import annotations

import copy
import importlib.util
import json
import random
import tomllib
import unicodedata
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from pipeline import cli, evaluate
from pipeline.document import text_reading
from pipeline.errors import InputError
from pipeline.evaluate import (
    calibration,
    damaged_plans,
    damaged_report,
    extraction_report,
    facts,
    intervals,
    report,
    runs,
    same,
    sheet,
    text,
)
from pipeline.evaluate.scores import Figure, fact_figures
from pipeline.evaluate.tally import COMPONENTS, FactCounts, Tally
from pipeline.evaluate.text import TextCounts
from pipeline.messages import LANGUAGES

RULES = Path(evaluate.__file__).parents[1] / "rules/equal.toml"
DEV = Path(__file__).parent / "plans/dev"
GOLD = sorted(DEV.glob("*.record.json"))

# ---------------------------------------------------------------------------------------------- texts

PRINTED = "Uỷ ban nhân dân xã Bình An\ntổ chức trồng 500 cây bàng trong tháng 9."


def test_counts_of_a_text_with_one_error_of_each_sort():
    got = text.compare("Tố chức lễ phát dọng\n24 đội", "Tổ chức lễ phát động\n25 đội")
    # Tố: a mark; dọng: letters (d for đ is a stroke, a mark), so base-equal; 24: a letter
    assert (got.words, got.word_errors, got.base_errors) == (7, 3, 1)
    assert (got.letters_right, got.marks_wrong) == (6, 2)
    assert got.characters == len("Tổ chức lễ phát động 25 đội") and got.character_errors == 4  # ố, d, ọ, 4
    assert got.lines_kept == 1


def test_rates_are_those_of_the_contract():
    raw, made, gold = "T6 chire h6i thao xã", "Tổ chức hội thao xá", "Tổ chức hội thao xã"
    got = text.compare(made, gold, raw)
    assert got.shares["wer"] == (1, 5) and got.shares["base_wer"] == (0, 5) and got.shares["diacritic_error_rate"] == (1, 5)
    assert got.shares["overcorrection"] == (1, 2)  # raw had `thao` and `xã` right; `xã` is wrong now
    assert got.shares["mended_share"] == (3, 3)
    assert text.compare("ngày 2/4 có 25 đội", "ngày 2/4 có 24 đội").shares["digit_error_rate"] == (1, 2)
    assert text.compare(made, gold).shares["overcorrection"] == (0, 0)  # nothing is said without a raw text


def test_a_word_joined_or_split_counts_by_alignment():
    assert text.compare("hộinghị", "hội nghị").word_errors == 2
    assert text.compare("hội ng hị", "hội nghị").word_errors == 2
    assert text.compare("", "hội nghị").shares["cer"] == (8, 8)
    assert text.compare("", "").shares["wer"] == (0, 0)


def test_forms_of_unicode_blanks_and_long_dashes_are_no_errors():
    decomposed = unicodedata.normalize("NFD", PRINTED).replace(" ", "  ")
    assert text.compare("\ufeff" + decomposed, PRINTED).character_errors == 0
    assert text.compare("2021 — 2025", "2021 – 2025").word_errors == 0 and text.compare("2021 - 2025", "2021 – 2025").word_errors == 1
    assert text.graphemes("q\u0323ua") == ["q\u0323", "u", "a"]


def test_lines_are_parted_by_line_feeds_alone():
    assert text.lines_of("a\r\nb\f\n\n \n") == ["a", "b\f"]
    assert text.compare("a\nb\n\n", "a\nb").lines_kept == 1 and text.compare("a b", "a\nb").lines_kept == 0


words = st.lists(st.sampled_from(["kế", "hoạch", "tuyên", "truyền", "đường", "Đ", "12/KH", "a", "q̣", "ủy", "uỷ"]), max_size=12).map(
    " ".join
)


@given(words, words, words)
@settings(max_examples=150, deadline=None)
def test_properties_of_text_counts(a, b, c):
    assert text.compare(a, a, c).word_errors == text.compare(a, a).character_errors == text.compare(a, a, c).overcorrected == 0
    got = text.compare(a, b, c)
    assert got.base_errors <= got.word_errors and got.marks_wrong <= got.letters_right <= got.words
    assert got.overcorrected <= got.raw_right and got.mended <= got.raw_wrong and got.raw_right + got.raw_wrong == got.words
    assert got.word_errors == text.compare(b, a).word_errors
    unchanged = text.compare(c, b, c)
    assert unchanged.overcorrected == unchanged.mended == 0


def test_counts_add_up_field_by_field():
    a, b = text.compare("xa 1", "xã 1"), text.compare("b", "c d", "c")
    assert all(getattr(a + b, f.name) == getattr(a, f.name) + getattr(b, f.name) for f in fields(TextCounts))


# ---------------------------------------------------------------------------------------------- what is equal


def test_the_rules_of_equality_hold_on_their_examples():
    rules = tomllib.loads(RULES.read_text(encoding="utf-8"))["pair"]
    forms = {"any": same.key, "purpose": same.purpose_key, "campaign": same.campaign_key}
    assert {r["where"] for r in rules} == set(forms)
    for rule in rules:
        form = forms[rule["where"]]
        assert form(rule["same"][0]) == form(rule["same"][1]) != "", rule
        assert form(rule["never"][0]) != form(rule["never"][1]), rule


@pytest.mark.parametrize(
    ("a", "b", "equal"),
    [
        ("“Vườn xanh”  trường em;", "vườn xanh trường em", True),
        ("hoà giải ở thuỷ điện", "hòa giải ở thủy điện", True),
        ("năm 2021 – 2025", "năm 2021-2025", True),
        ("**Phòng Nội vụ**", "phòng Nội vụ.", True),
        ("Sở Nội vụ", "Sơ Nội vụ", False),
        ("quý I", "qúy I", False),
        ("", None, True),
    ],
)
def test_key(a, b, equal):
    assert (same.key(a) == same.key(b)) is equal


@pytest.mark.parametrize(
    ("a", "b", "equal"),
    [
        ("05-CT/TW", "5 – CT/TW", True),
        ("07/KH-UBND", "7/KH – UBND", True),
        ("12/QĐ-TTg", "12/QĐ-TTG", False),
        ("12/QĐ-UBND", "12/QD-UBND", False),
        ("100/KH", "1/KH", False),
        ("120/KH", "12/KH", False),
    ],
)
def test_symbol_key(a, b, equal):
    assert (same.symbol_key(a) == same.symbol_key(b)) is equal


def target(quantity: float, unit: str, op: str = "=") -> dict[str, Any]:
    return {"quantity": quantity, "unit": unit, "op": op}


@pytest.mark.parametrize(
    ("a", "b", "equal"),
    [
        (target(5, "hộ"), target(5.0, "hộ nghèo"), True),
        (target(5, "hộ", "≥"), target(5, "hộ", ">="), True),
        (target(5, "hộ", ">="), target(5, "hộ"), False),
        (target(5, "hộ"), target(6, "hộ"), False),
        (target(90, "%"), target(90, "phần trăm"), False),
        (target(5, ""), target(5, "hộ"), False),
        ({"unit": "hộ"}, target(5, "hộ"), False),
    ],
)
def test_same_target(a, b, equal):
    assert same.same_target(a, b) is equal


def due(kind: str = "by", **cells: str | None) -> dict[str, Any]:
    return {"kind": kind, "task_no": 1, "start": None, "end": None, "end_op": None, "rrule": None, "anchor": None, **cells}


@pytest.mark.parametrize(
    ("gold", "made", "equal"),
    [
        (due(end="2024-06-30", end_op="<="), due(end="2024-06-30"), True),
        (due(end="2024-06-30", end_op="<"), due(end="2024-06-30", end_op="<="), False),
        (due("window", start="2024-02", end="2024-02"), due("window", start="2024-02-01", end="2024-02-29"), True),
        (due("window", start="2023", end="2023"), due("window", start="2023-01-01", end="2023-12-31"), True),
        (due(end="2024-06-30T17:00"), due(end="2024-06-30"), True),
        (due(end="2024-06-30T17:00"), due(end="2024-06-30T16:00"), False),
        (due("exact", end="2024-06-30"), due("by", end="2024-06-30"), False),
        (due("periodic", rrule="FREQ=YEARLY;BYMONTH=12,6"), due("periodic", rrule="BYMONTH=6,12;FREQ=YEARLY;INTERVAL=1"), True),
        (due("periodic", rrule="FREQ=YEARLY"), due("periodic", rrule="FREQ=MONTHLY"), False),
        (due("conditional", anchor="khi có mưa lớn"), due("relative", anchor="có mưa lớn"), True),
        (due("conditional", anchor="khi có mưa lớn"), due("conditional", anchor="sau khi khai giảng"), False),
        (due("conditional", anchor="khi có mưa lớn"), due("by_guidance", anchor="khi có mưa lớn"), False),
        (due("relative", end="2024-06-30", anchor="kể từ ngày ký"), due("relative", end="2024-06-30"), True),
    ],
)
def test_same_deadline(gold, made, equal):
    assert same.same_deadline(gold, made) is equal


# ---------------------------------------------------------------------------------------------- records


def task(number: int, words: str, **cells: Any) -> dict[str, Any]:
    return {
        "task_no": number,
        "section": "II.1",
        "text": words,
        "responsible": [],
        "coordinating": [],
        "reports_to": [],
        "targets": [],
        **cells,
    }


RECORD: dict[str, Any] = {
    "plan": {"is_plan": True, "doc_type": "Kế hoạch", "number": "31/KH-UBND", "issue_date": "2024-03-05", "title": "Trồng cây ven sông"},
    "citations": [
        {"cited_id": "12/QĐ-UBND", "cited_date": "2023-01-02", "cited_type": "Quyết định", "relation": "thuc_hien", "mentions": 2},
        {"cited_id": "40/NQ-HĐND", "cited_date": None, "relation": "can_cu", "mentions": 1},
        {"cited_id": None, "subject": "Luật Lâm nghiệp", "relation": "can_cu", "mentions": 1},
    ],
    "sections": [{"section": "II", "title": "Nội dung"}, {"section": "II.1", "title": "Trồng cây"}],
    "tasks": [
        task(1, "Trồng 500 cây bàng dọc bờ sông", responsible=["Đoàn xã"], targets=[target(500, "cây bàng")]),
        task(2, "Tuyên truyền trên loa truyền thanh", responsible=["Đài truyền thanh xã"], coordinating=["Hội Nông dân"]),
    ],
    "deadlines": [due(end="2024-09-30"), {**due("periodic", rrule="FREQ=MONTHLY"), "task_no": 2}],
    "recipients": [{"name": "UBND huyện", "purpose": "b/c", "kind": "recipient"}, {"name": "VT", "purpose": "lưu", "kind": "archive"}],
}


def counted(change: Any = None, optional: bool = False, gold: dict[str, Any] = RECORD) -> FactCounts:
    made = copy.deepcopy(RECORD)
    if change:
        change(made)
    return facts.compare([made], [gold], optional)


def test_gold_against_itself_is_one_in_every_component():
    got = counted()
    assert got.macro_f1 == 1 and not got.errors and all(got.tally(c).f1 == 1 for c in COMPONENTS)
    assert all(part == of > 0 for name, (part, of) in got.shares.items() if name in ("exact_text", "relation", "purpose", "is_plan"))


def test_nothing_made_is_nothing_right():
    got = facts.compare([], [RECORD])
    assert got.macro_f1 == 0 and got.tally("tasks") == Tally(0, 0, 2) and {e.kind for e in got.errors} == {"missing"}


def test_everything_invented_is_false():
    got = facts.compare([RECORD], [])
    assert got.macro_f1 == 0 and got.tally("tasks") == Tally(0, 2, 0) and {e.kind for e in got.errors} == {"false"}


def test_what_is_absent_on_both_sides_is_no_free_one():
    empty = {"plan": {"is_plan": False}}
    got = facts.compare([empty], [empty])
    assert got.macro_f1 is None and all(got.tally(c).f1 is None for c in COMPONENTS)
    half = {"plan": RECORD["plan"]}
    assert facts.compare([half], [half]).macro_f1 == 1  # the mean of one component


@pytest.mark.parametrize(
    ("change", "component", "expected"),
    [
        (lambda r: r["plan"].update(number=None), "header", Tally(3, 3, 4)),
        (lambda r: r["plan"].update(number="13/KH-UBND"), "header", Tally(3, 4, 4)),
        (lambda r: r["plan"].update(place="Bình An"), "header", Tally(4, 5, 4)),
        (lambda r: r["citations"][0].update(cited_date="2023-01-03"), "citations", Tally(1, 2, 2)),
        (lambda r: r["citations"][0].update(cited_date="2023-01-03"), "citations_by_id", Tally(2, 2, 2)),
        (lambda r: r["citations"].append(r["citations"][0]), "citations", Tally(2, 3, 2)),
        (lambda r: r["citations"][2].update(subject="Luật Đất đai"), "named_documents", Tally(0, 1, 1)),
        (lambda r: r["sections"][1].update(title="Trồng rừng"), "sections", Tally(1, 2, 2)),
        (lambda r: r["sections"][1].update(title="Trồng rừng"), "sections_by_path", Tally(2, 2, 2)),
        (lambda r: r["tasks"].pop(0), "tasks", Tally(1, 1, 2)),
        (lambda r: r["tasks"].pop(0), "task_facts", Tally(2, 2, 4)),  # leaving out a hard task cannot raise a score
        (lambda r: r["tasks"].pop(0), "deadlines", Tally(1, 2, 2)),
        (lambda r: r["tasks"].append(task(3, "Việc khác hẳn", responsible=["Công an xã"])), "responsible", Tally(2, 3, 2)),
        (lambda r: r["tasks"][0]["targets"].append(target(500, "cây bàng")), "targets", Tally(1, 2, 1)),
        (lambda r: r["deadlines"][0].update(task_no=2), "deadlines", Tally(1, 2, 2)),
        (lambda r: r["deadlines"].append(r["deadlines"][0]), "deadlines", Tally(2, 3, 2)),
        (lambda r: r["recipients"][0].update(name="UBND tỉnh"), "recipients", Tally(1, 2, 2)),
    ],
)
def test_one_change_costs_what_it_should(change, component, expected):
    got = counted(change)
    assert got.tally(component) == expected and got.errors


def test_units_of_a_task_are_a_set():
    assert not counted(lambda r: r["tasks"][0]["responsible"].append("đoàn xã")).errors


def test_shares_beside_the_tallies():
    assert counted(lambda r: r["tasks"][0].update(text="Trồng 500 cây bàng dọc sông")).shares["exact_text"] == (1, 2)
    assert counted(lambda r: r["tasks"][0].update(section="III")).shares["task_section"] == (1, 2)
    assert counted(lambda r: r["citations"][0].update(relation="theo")).shares["relation"] == (1, 2)
    assert counted(lambda r: r["recipients"][0].update(purpose="báo cáo")).shares["purpose"] == (2, 2)
    assert counted(lambda r: r["recipients"][0].update(purpose=None)).shares["purpose"] == (1, 2)
    assert counted(lambda r: r["plan"].update(is_plan=False)).shares["is_plan"] == (0, 1)


def test_optional_tasks_neither_earn_nor_cost():
    goal = task(9, "Phấn đấu đến năm 2030 che phủ xanh bốn mươi phần trăm diện tích toàn xã", targets=[target(40, "%")])
    gold = {**RECORD, "tasks_optional": [goal]}

    def with_goal(r: dict[str, Any]) -> None:
        r["tasks"].append(goal)
        r["deadlines"].append({**due(end="2030"), "task_no": 9})

    def with_part(r: dict[str, Any]) -> None:
        r["tasks"].append(task(9, "che phủ xanh bốn mươi phần trăm"))

    assert counted(with_goal, True, gold).macro_f1 == counted(with_part, True, gold).macro_f1 == counted(None, True, gold).macro_f1 == 1
    assert counted(with_goal, False, gold).tally("tasks") == Tally(2, 3, 2)
    assert counted(lambda r: r["tasks"].pop(), True, gold).tally("tasks") == Tally(1, 1, 2)  # a firm task stays asked for


def test_several_documents_in_one_file_are_matched_in_order_and_pooled():
    decision = {"plan": {"doc_type": "Quyết định", "is_plan": False}}
    both = facts.compare([decision, RECORD], [decision, RECORD])
    assert both.macro_f1 == 1 and both.tally("header") == Tally(5, 5, 5)
    assert facts.compare([RECORD], [decision, RECORD]).tally("tasks") == Tally(0, 2, 2)


@pytest.mark.parametrize("path", GOLD, ids=lambda p: p.name[:2])
def test_invented_gold_against_itself_in_any_order(path):
    gold = json.loads(path.read_text(encoding="utf-8"))
    gold = gold if isinstance(gold, list) else [gold]
    made = copy.deepcopy(gold)
    random.Random(path.name).shuffle(made[0].get("citations", []))
    for record in made:
        for name in ("citations", "sections", "tasks", "deadlines", "recipients"):
            random.Random(name + path.name).shuffle(record.get(name) or [])
    got = facts.compare(made, gold)
    assert got.macro_f1 == 1 and not got.errors


def test_tasks_pair_with_the_likest_first_and_only_once():
    made, gold = ["a b c d", "a b c d e f"], ["a b c d e f", "x y z"]
    assert same.greedy_pairs(made, gold, 0.5) == [(1, 0)]
    assert same.greedy_pairs(["a b"], ["a b", "a b"], 0.5) == [(0, 0)]
    assert same.greedy_pairs(["a b c"], ["a x y"], 0.5) == []


# ---------------------------------------------------------------------------------------------- intervals and calibration


def test_an_interval_is_by_document_seeded_and_holds_the_value():
    rows = [(9, 10), (5, 10), (10, 10), (7, 10), (10, 10), (8, 10)]
    low, high = intervals.interval(rows, intervals.ratio) or (1, 0)
    assert low < 49 / 60 < high and (low, high) == intervals.interval(rows, intervals.ratio)
    # by the central limit: standard error of a mean of six documents
    spread = np.std([r / n for r, n in rows]) / np.sqrt(len(rows))
    assert (high - low) / 2 == pytest.approx(1.96 * spread, rel=0.15)


def test_an_interval_needs_two_documents_and_something_to_count():
    assert intervals.interval([(1, 2)], intervals.ratio) is None
    assert intervals.interval([(0, 0), (0, 0)], intervals.ratio) is None
    assert intervals.interval([(3, 3), (4, 4)], intervals.ratio) == (1, 1)


def test_macro_f1_of_sums_leaves_empty_components_out():
    sums = np.array([[1, 1, 1, 0, 0, 0, 1, 2, 2], [0, 0, 0, 0, 0, 0, 0, 0, 0]], float)
    got = intervals.macro_f1(sums)
    assert got[0] == 0.75 and np.isnan(got[1])


def test_calibration_bins_and_error():
    pairs = [(0.95, True)] * 8 + [(0.95, False)] * 2 + [(0.25, False), (1.0, True)]
    got = calibration.calibration(pairs)
    assert [(b.low, b.count, b.right) for b in got.bins] == [(0.2, 1, 0), (0.9, 11, 9)]
    mean = (9.5 + 1) / 11
    assert got.ece == pytest.approx((1 * 0.25 + 11 * abs(mean - 9 / 11)) / 12)
    assert calibration.calibration([(0.5, True), (0.5, False)]).ece == 0 and calibration.calibration([]).ece is None
    with pytest.raises(ValueError, match="no confidence"):
        calibration.calibration([(1.2, True)])


def test_confidence_pairs_of_words_come_from_the_alignment():
    from dataclasses import replace

    reading = text_reading("Tổ chúc lễ\nkhánh thành")
    page = reading.pages[0]
    sure = tuple(replace(x, words=tuple(replace(w, confidence=0.9 if k == 0 else None) for w in x.words)) for k, x in enumerate(page.lines))
    reading = replace(reading, pages=(replace(page, lines=sure),))
    assert calibration.word_pairs(reading, "Tổ chức lễ khánh thành") == [(0.9, True), (0.9, False), (0.9, True)]


# ---------------------------------------------------------------------------------------------- files and command


def write(folder: Path, **contents: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in contents.items():
        path = folder / name.replace("__", ".")
        path.write_text(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), encoding="utf-8")
    return folder


def test_folders_match_by_stem_and_a_file_without_prediction_is_missing(tmp_path):
    gold = write(tmp_path / "gold", a__record__json=RECORD, b__json=RECORD, a__txt="bỏ qua")
    made = write(tmp_path / "made", a__json=RECORD, c__json=RECORD)
    scores = evaluate.evaluate(made, gold)
    assert [d.name for d in scores.documents] == ["a", "b"] and scores.unmatched == ("c",)
    assert scores.facts.tally("tasks") == Tally(2, 2, 4)
    (macro, *_) = fact_figures([d.facts for d in scores.documents if d.facts])
    assert macro.interval is not None and macro.interval[0] == 0 and macro.interval[1] == 1


def test_texts_are_pooled_with_their_raw_texts(tmp_path):
    gold = write(tmp_path / "gold", a__txt="xã Bình An", b__txt="một hai ba bốn")
    raw = write(tmp_path / "raw", a__txt="xa Binh An", b__txt="một hai ba bốn")
    made = write(tmp_path / "made", a__txt="xã Bình An", b__txt="một hai ba bón")
    got = evaluate.evaluate(made, gold, raw).text
    assert (got.texts, got.word_errors, got.words) == (2, 1, 7)
    assert got.shares["overcorrection"] == (1, 5) and got.shares["mended_share"] == (2, 2)


@pytest.mark.parametrize(
    ("name", "content", "key"), [("x.json", "[3]", "no_record"), ("x.json", "{", "no_record"), ("x.txt", "a", "not_one_kind")]
)
def test_what_cannot_be_compared_is_said(tmp_path, name, content, key):
    (tmp_path / name).write_text(content, encoding="utf-8")
    gold = write(tmp_path, g__json=RECORD) / "g.json"
    for pred, wanted in ((tmp_path / name, key), (tmp_path / "none.json", "file_missing"), (tmp_path, "not_one_kind")):
        with pytest.raises(InputError, match=wanted):
            evaluate.evaluate(pred, gold)


def test_a_text_in_another_encoding_is_refused(tmp_path):
    (tmp_path / "x.txt").write_bytes("kế hoạch".encode("utf-16"))
    (tmp_path / "g.txt").write_text("kế hoạch", encoding="utf-8")
    with pytest.raises(InputError, match="not_text"):
        evaluate.evaluate(tmp_path / "x.txt", tmp_path / "g.txt")


def test_the_command_prints_a_table_or_json(tmp_path):
    gold = write(tmp_path, gold__json=[RECORD, RECORD], made__json=RECORD) / "gold.json"
    run = CliRunner().invoke(cli.app, ["evaluate", str(tmp_path / "made.json"), str(gold), "--json"])
    value = json.loads(run.stdout)
    assert run.exit_code == 0 and value["measures"]["tasks"] == {
        "precision": 1.0, "recall": 0.5, "f1": 0.666667, "right": 2, "false": 0, "missing": 2, "interval": None,
    }  # fmt: skip
    for lang in LANGUAGES:
        run = CliRunner().invoke(cli.app, ["evaluate", str(tmp_path / "made.json"), str(gold), "--lang", lang])
        assert run.exit_code == 0 and "2/2/4" in run.stdout and "0.6667" in run.stdout
    assert CliRunner().invoke(cli.app, ["evaluate", str(tmp_path / "nothing"), str(gold)]).exit_code == 4


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_figure_has_its_name_in_both_languages(lang, tmp_path):
    made = write(tmp_path / "a", t__txt="a b", r__json=RECORD)
    whole = evaluate.evaluate(made, made, made)
    shown = evaluate.render(whole, lang)
    assert len(shown.splitlines()) > len(whole.figures()) and "None" not in shown
    assert asdict(whole.text)["texts"] == 1 and set(COMPONENTS) <= {f.name for f in whole.figures()}


# ---------------------------------------------------------------------------------------------- report


def test_phrases_are_right_only_with_their_rows_and_no_other():
    row = {
        "text": "Báo cáo trước ngày 25/4/2024",
        "ref_date": "2024-03-01",
        "kind": "by",
        "start": "",
        "end": "2024-04-25",
        "end_op": "<",
        "rrule": "",
    }
    assert runs.deadline_right(row) and not runs.deadline_right({**row, "kind": "none"})
    assert not runs.deadline_right({**row, "end": "2024-04-26"})
    assert runs.deadline_right({**row, "text": "Trồng cây bàng", "kind": "none"})
    symbol = {"input": "Quyết định số 112/QĐ-UBND", "is_identifier": "1", "cited_id": "112/QĐ-UBND"}
    assert runs.identifier_right(symbol) and not runs.identifier_right({**symbol, "is_identifier": "0"})
    assert not runs.identifier_right({**symbol, "cited_id": "12/QĐ-UBND"})


def test_garbled_samples_are_found_and_only_their_transcribed_lines_count(tmp_path):
    write(tmp_path / "garbled", p__eng__txt="Ké hoach\n", p__gold__txt="Kế hoạch\n")
    (tmp_path / "gold").mkdir()
    (tmp_path / "gold/7.lines-1-2.gold.txt").write_text("Lễ hội\n\n", encoding="utf-8")
    write(tmp_path / "texts", **{"7_ab__txt": "Lé hội\n\nphần sau\n"})
    found = runs.repairs(tmp_path)
    assert [(name, lines) for name, _, _, lines in found] == [("p", 1), ("7.lines-1-2", 2)]
    name, raw, gold, lines = found[1]
    after, before, pairs = runs.repair_measures(text_reading("Lễ hội\n\nphần sau\n"), raw, gold, lines)
    assert (after.word_errors, before.word_errors, after.words) == (0, 1, 2) and after.shares["mended_share"] == (1, 1) and not pairs


def test_a_scan_that_cannot_be_read_is_wrong_as_a_whole(tmp_path, capsys):
    (tmp_path / "degraded/003/light").mkdir(parents=True)
    (tmp_path / "degraded/003/light/003_p01.jpg").write_bytes(b"\xff\xd8\xff\xe0 and no more")
    (tmp_path / "gold/degraded_003").mkdir(parents=True)
    (tmp_path / "gold/degraded_003/003.p01.txt").write_text("Kế hoạch tháng 5", encoding="utf-8")
    (document,) = runs.degraded(tmp_path, "light", runs.Settings())
    assert document.text is not None and document.text.shares["wer"] == (4, 4)
    assert "003_p01.jpg" in capsys.readouterr().err


def test_the_report_says_what_it_skips_and_prints_no_held_out_row(tmp_path, monkeypatch):
    half = {"dev": "Trồng cây ven sông", "heldout": "Chữ mật của nửa để riêng", "heldout2": "Chữ mật của phần thứ hai"}
    for name, title in half.items():
        gold = {"plan": {"title": title, "doc_type": "Kế hoạch"}, "tasks": [task(1, title)]}
        write(tmp_path / "tests/plans" / name, x__record__json=gold, x__txt="Một dòng chữ\n")
    monkeypatch.setattr(report, "ROOT", tmp_path)
    monkeypatch.setattr(damaged_plans, "_damaged", lambda *_: [])
    monkeypatch.setattr(damaged_plans, "_garbled", lambda *_: "Mot dong chu\n")
    parts = list(report.report(tmp_path / "absent", runs.Settings(), "en", errors=True, folder=tmp_path))
    said = "\n".join(f"{p.title} {p.note} {p.rows} {p.values}" for p in parts)
    assert half["dev"] in said and half["heldout"] not in said and half["heldout2"] not in said
    assert sum(p.note.startswith("Skipped") for p in parts) >= 3 and {k for p in parts for k in p.values} >= {
        "extraction_dev",
        "extraction_heldout",
        "extraction_heldout2",
        "targets_extraction",
        "damaged_plans",
        "errors_dev",
        "skipped",
    }


def test_a_target_is_met_by_its_figure_and_by_no_false_one():
    def figure(name: str, right: int, made: int, there: int) -> Figure:
        return Figure(name, "f1", (right, made, there), 2 * right / (made + there) if made + there else None)

    plain, strict = extraction_report.Needed("tasks", 0.9), extraction_report.Needed("citations", 0.9, none_false=True)
    assert extraction_report.reached(figure("tasks", 95, 99, 100), plain) is True
    assert extraction_report.reached(figure("tasks", 80, 99, 100), plain) is False
    assert extraction_report.reached(figure("citations", 95, 96, 100), strict) is False
    assert extraction_report.reached(figure("citations", 95, 95, 100), strict) is True
    assert extraction_report.reached(figure("citations", 0, 0, 0), strict) is None


def test_of_damaged_plans_the_gap_and_the_false_symbols_are_told(tmp_path, monkeypatch):
    """Own plans of one line each; a reader that reads one word wrong, so that a symbol comes out that gold lacks."""
    text = "Căn cứ Quyết định số 12/QĐ-UBND ngày 05/01/2031 của Ủy ban nhân dân tỉnh;\n"
    gold = {"plan": {}, "citations": [{"cited_id": "12/QĐ-UBND", "cited_date": "2031-01-05"}]}
    for name in ("dev", "heldout"):
        write(tmp_path / "tests/plans" / name, x__record__json=gold, x__txt=text, y__record__json=gold, y__txt="a\tb\tc\n" + text)
    monkeypatch.setattr(damaged_plans, "_garbled", lambda *_: text.replace("12/", "13/"))
    monkeypatch.setattr(damaged_plans, "_damaged", lambda *_: [])
    (part,) = damaged_report.parts(tmp_path, tmp_path / "kept", runs.Settings(), "en", ("light",))
    dev = part.values["damaged_plans"]["light.dev"]
    assert dev["clean"] > dev["made"] and dev["gap"] == pytest.approx(dev["clean"] - dev["made"]) and dev["false_ids"] == 1
    assert [row[1] for row in part.rows[1:]] == ["1", "1"]  # plans with tables are left out
    monkeypatch.setattr(damaged_plans, "_garbled", lambda *_: pytest.fail("read again"))
    assert list(damaged_report.parts(tmp_path, tmp_path / "kept", runs.Settings(), "en", ("light",))) == [part]


def test_print_breaks_paragraphs_and_keeps_columns_apart():
    lines, size = sheet.printed("**Số: 12/KH-UBND**      Phú Lộc, ngày 05\n\n" + "Mở lớp tập huấn cho cán bộ. " * 20, "Tinos", 13.0)
    assert lines[:2] == ["Số: 12/KH-UBND      Phú Lộc, ngày 05", ""] and len(lines) > 6 and size == 13.0
    (page,) = sheet.pages(lines, "Tinos", size)
    columns = [k for k, dark in enumerate((np.asarray(page)[200:300] < 128).any(axis=0)) if dark]
    assert max(b - a for a, b in zip(columns, columns[1:], strict=False)) > 40  # between the two columns


# ---------------------------------------------------------------------------------------------- the scorer of the samples

SCORER = Path(__file__).parents[2] / "shared/tools/score.py"


def damaged(record: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    """A record with facts left out, doubled, moved and changed at random."""
    out = copy.deepcopy(record)
    for name in ("citations", "sections", "tasks", "deadlines", "recipients"):
        rows = out.get(name) or []
        for row in list(rows):
            what = dice.random()
            if what < 0.1:
                rows.remove(row)
            elif what < 0.15:
                rows.append(copy.deepcopy(row))
            elif what < 0.4:
                column = dice.choice(sorted(row))
                value = row[column]
                if isinstance(value, str):
                    cut = dice.randrange(len(value) + 1)
                    row[column] = dice.choice((value.upper(), value[:cut], None))
                elif isinstance(value, list) and value:
                    value.pop(dice.randrange(len(value)))
        dice.shuffle(rows)
    for column in dice.sample(sorted(out["plan"]), 4):
        out["plan"][column] = dice.choice((None, "Khác"))
    return out


@pytest.mark.skipif(not SCORER.is_file(), reason="the samples' scorer lies outside the project")
@pytest.mark.parametrize("path", GOLD, ids=lambda p: p.name[:2])
def test_counts_agree_with_the_scorer_of_the_samples(path):
    spec = importlib.util.spec_from_file_location("score", SCORER)
    assert spec is not None and spec.loader is not None
    score = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(score)
    gold = json.loads(path.read_text(encoding="utf-8"))
    dice = random.Random(path.name)
    for record in gold if isinstance(gold, list) else [gold]:
        for optional in (False, True) * 2:
            made = damaged(record, dice)
            theirs, ours = score.score_record(made, record, optional), facts.compare([made], [record], optional)
            cells = theirs["tasks"]
            expected = {
                "header": theirs["header"],
                "citations": theirs["citations"]["by_id_and_date"],
                "citations_by_id": theirs["citations"]["by_id"],
                "named_documents": theirs["citations"]["unnumbered"],
                "sections": theirs["sections"],
                "tasks": cells,
                "task_facts": cells["facts"],
                **{name: cells[name] for name in ("responsible", "coordinating", "reports_to", "targets")},
                "deadlines": theirs["deadlines"],
                "recipients": theirs["recipients"],
            }
            for name, count in expected.items():
                t = ours.tally(name)
                assert (t.right, t.made - t.right, t.there - t.right) == (count["right"], count["false"], count["missing"]), name
            assert ours.macro_f1 == pytest.approx(theirs["macro_f1"], abs=2e-6)
