"""`kehoach show`: one plan for reading, and where each of its facts stands."""

from dataclasses import replace

import pytest
from corpus_records import DECISION, OTHER, PLAN, READINGS, RECORDS, corpus, plan_record

from pipeline.corpus import show, tabulate
from pipeline.corpus.tables import FIELD_SOURCES, SCHEMAS, codes
from pipeline.document import Evidence, Page, Reading
from pipeline.errors import Exit, UsageError
from pipeline.messages import LANGUAGES, catalogue, explain, say


@pytest.fixture(scope="module")
def tables():
    return corpus()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_plan_is_shown_whole(tables, lang):
    text = show.plan(tables, PLAN, lang)
    for told in ("45/KH-SYT", "I NỘI DUNG", "Phòng Nghiệp vụ Y chủ trì", "2024-09-30", "FREQ=YEARLY", f"→\n      {DECISION}", "VT (lưu)"):
        assert told in text
    assert ("Văn bản viện dẫn" in text) == (lang == "vi")
    assert ("bổ sung bằng một bản hiệu đính" in text) == (lang == "vi")  # problems too speak the language of the screen
    assert all(len(line) <= show.WIDTH for line in text.split("\n"))


def test_codes_are_said_in_words(tables):
    allowed: dict[str, set[str]] = {}
    for (table, column), words in show.CODED.items():
        own = FIELD_SOURCES if column == "source" else codes(SCHEMAS[table].columns[column])
        allowed.setdefault(words, set()).update(own)
    said = {key.removeprefix("code.") for key in catalogue() if key.startswith("code.")}
    assert said == {f"{words}.{code}" for words, own in allowed.items() for code in own}
    text = show.plan(tables, PLAN, "vi")
    assert "hạn cuối < 2024-09-30 “" in text and "định kỳ FREQ=YEARLY “" in text and "(căn cứ)" in text
    assert "can_cu" not in text and "periodic" not in text
    assert say("code.source.letterhead", "vi") in show.fact(tables, PLAN, "plans:number", "vi")


def test_a_document_names_who_cites_it(tables):
    assert "45/KH-SYT" in show.plan(tables, DECISION, "en").split("Cited by")[1]
    assert "Cited by" not in show.plan(tables, OTHER, "en")


def test_a_fact_of_a_scan_leads_back_to_pixels_and_raw_words(tables):
    text = show.fact(tables, DECISION, "plans:number", "en")
    assert "page 1, line 1" in text and "left 10, top 20, right 210, bottom 40" in text
    assert "Sô: 09/QD-UBND" in text and ">    1 │ Số: 09/QĐ-UBND" in text and "test.rule" in text and "0.90" in text
    assert show.fact(tables, DECISION, "plans:number_source", "en").count("page 1, line 1") == 1


@pytest.mark.parametrize(
    "fact", ["plans:number", "citations:1", "citations:2", "sections:I", "tasks:1", "tasks:2", "deadlines:2", "recipients:1"]
)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_kind_of_fact_stands_somewhere(tables, fact, lang):
    text = show.fact(tables, PLAN, fact, lang)
    assert ("trang 1, dòng" if lang == "vi" else "page 1, line") in text and "test.rule" in text and " >    " in text


def test_a_task_of_two_lines_shows_both_and_their_neighbours(tables):
    text = show.fact(tables, PLAN, "tasks:1", "en")
    assert "page 1, lines 5–6" in text
    marks = [line[:7] for line in text.split("\n") if "│" in line]
    assert marks == ["      4", " >    5", " >    6", "      7"]


def test_null_and_computed_cells_are_said_to_be_so(tables):
    assert "Absent" in show.fact(tables, PLAN, "plans:secrecy", "en")
    assert "Not read from the page" in show.fact(tables, PLAN, "plans:words", "en")


def test_further_mentions_are_shown():
    first = plan_record().citations[0]
    second = Evidence(1, 7, 7, None, "9/QĐ-UBND", 1.0, "test.rule")
    record = replace(plan_record(), citations=(replace(first, mentions=2, mention_evidence=(first.evidence, second)),))
    text = show.fact(tabulate([record], READINGS, ()), PLAN, "citations:1", "vi")
    assert "Lần nhắc 2" in text and ">    7 │" in text


def test_lines_of_a_text_count_through_its_pages_and_those_of_a_scan_do_not():
    (page,) = READINGS[PLAN].pages
    halves = Reading("text", (replace(page, lines=page.lines[:5]), Page(2, page.lines[5:], "text")))
    assert ">    6 │" in show.fact(tabulate(RECORDS, {PLAN: halves}, ()), PLAN, "tasks:1", "en")
    again = Reading("scan", (page, replace(page, number=2)))
    record = plan_record()
    record = replace(record, plan=replace(record.plan, source_kind="scan"))
    assert show.fact(tabulate([record], {PLAN: again}, ()), PLAN, "tasks:1", "en").count(">    5 │") == 1


def test_a_plan_is_named_by_the_beginning_of_its_id(tables):
    assert show.plan(tables, "FFEE", "en") == show.plan(tables, OTHER, "en")
    assert show.plan(tables, DECISION, "en") != show.plan(tables, PLAN, "en")


@pytest.mark.parametrize(
    ("plan_id", "fact", "key", "near"),
    [
        ("0a1b2c3d4e6f", "plans:number", "unknown_plan", DECISION),
        ("", "plans:number", "unknown_plan", DECISION),
        ("0a1b", "plans:number", "ambiguous_plan", PLAN),
        (PLAN, "tasks:9", "unknown_fact", "tasks:"),
        (PLAN, "task:1", "unknown_fact", "tasks:1"),
        (PLAN, "plans:nunber", "unknown_fact", "plans:number"),
        (PLAN, "plans", "unknown_fact", "plans:"),
    ],
)
def test_what_is_not_there_names_what_is_near(tables, plan_id, fact, key, near):
    with pytest.raises(UsageError) as e:
        show.fact(tables, plan_id, fact, "vi")
    assert e.value.key == key and e.value.exit_code == Exit.USAGE and near in explain(e.value, "vi")


def test_a_corpus_of_nothing_says_so():
    with pytest.raises(UsageError, match="unknown_plan"):
        show.plan(tabulate((), {}, ()), "0a", "en")


def test_hostile_text_cannot_steer_the_terminal():
    record = plan_record()
    record = replace(record, plan=replace(record.plan, title="\x1b[2J\x9b0mđen\u202e"))
    text = show.plan(tabulate([record], {}, ()), PLAN, "vi")
    assert "đen" in text and not any(c in text for c in "\x1b\x9b\u202e")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_reasons_for_review_are_told_in_words(lang):
    from pipeline.corpus.tables import SCHEMAS
    from pipeline.messages import catalogue, reason

    computed = {"plan_id", "source_path", "source_kind", "is_plan", "number_source", "issue_date_source", "uri", "pages", "words"}
    computed |= {"page_first", "page_last", "text_confidence", "needs_review", "review_reasons"}
    keys = {f"uncertain_{c}" for c in (*SCHEMAS["plans"].columns, "citations", "targets", "deadlines") if c not in computed}
    keys |= {"number_missing", "number_handwritten", "no_doc_type", "no_issue_date", "partial_issue_date", "no_issuing_authority"}
    assert not {k for k in keys | {"number_and_authority_disagree", "secrecy", "extract_failed"} if f"review.{k}" not in catalogue()}
    assert reason("a_key_of_tomorrow", lang) == "a_key_of_tomorrow"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_show_tells_reasons_in_words(lang):
    record = plan_record()
    record = replace(record, plan=replace(record.plan, needs_review=True, review_reasons=("number_handwritten",)))
    text = show.plan(tabulate((record,), {}, ()), PLAN, lang)
    assert "number_handwritten" not in text and ("by hand" if lang == "en" else "viết tay") in text
