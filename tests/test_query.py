"""Full text and SQL over a corpus."""

import unicodedata
from dataclasses import replace

import pytest
from corpus_records import DECISION, PLAN, PROBLEMS, READINGS, RECORDS, plan_record

from pipeline import query
from pipeline.corpus import store, tabulate
from pipeline.document import text_reading
from pipeline.errors import UsageError

TEXTS = {
    "aaaaaaaaaaaa": "Ủy ban nhân dân thành phố Đà Nẵng\nban hành kế hoạch số 12/KH-UBND\nvề đào tạo nghề\n",
    "bbbbbbbbbbbb": "Uỷ ban nhân dân xã Hòa Tiến\nđánh giá kẻ hoạch định chính sách\nDa dang sinh hoc\n",
    "cccccccccccc": "Trường THCS Nguyễn Huệ\nkế\nhoạch năm học\n",
}


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    out = tmp_path_factory.mktemp("corpus")
    records = [replace(plan_record(), plan=replace(plan_record().plan, plan_id=i, number=None)) for i in TEXTS]
    records[2] = replace(records[2], plan=replace(records[2].plan, secrecy="MẬT"))
    store.write(tabulate([*records, *RECORDS], {i: text_reading(t) for i, t in TEXTS.items()} | READINGS, PROBLEMS), out)
    return out


def plans(out, words, **options):
    return {hit.plan_id[0] for hit in query.search(out, words, **options)}


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("uy ban nhan dan", "ab"),
        ("ủy ban", "ab"),
        ("uỷ ban", "ab"),  # the tone mark in either place
        (unicodedata.normalize("NFD", "Ủy ban"), "ab"),
        ("da nang", "a"),  # đ = d
        ("ĐÀ NẴNG", "a"),
        ("da dang", "b"),
        ("đa dạng", "b"),  # nobody printed it so: found without diacritics
        ('"kế hoạch"', "a0"),  # not kẻ hoạch; the line KẾ HOẠCH of the records' plan too
        ("kế hoạch", "a0"),
        ("ke hoach", "ab0"),
        ("dao tao", "a"),
        ("12/KH-UBND", "a"),
        ('"hoach dinh"', "b"),
        ('"dinh hoach"', ""),
        ("nghiệ*", "0"),
        ("tien da", "b"),  # words on different lines of a page
        ("trường", ""),  # only in the secret one
        ("khong co gi", ""),
        ('dao" OR "tien', ""),  # words, never the query language of FTS5
        ("exact:dao NOT tien", ""),
    ],
)
def test_search(out, words, found):
    assert plans(out, words) == set(found)


def test_a_phrase_runs_over_the_end_of_a_line_and_secret_documents_come_out_on_demand(out):
    (hit,) = query.search(out, '"kế hoạch năm"', include_secret=True)
    assert hit.plan_id == "cccccccccccc" and (hit.page, hit.line, hit.text) == (1, 3, "hoạch năm học")


def test_a_hit_leads_to_its_line(out):
    (hit,) = query.search(out, "trạm y tế báo cáo")
    assert (hit.plan_id, hit.number, hit.line, hit.text) == (PLAN, "45/KH-SYT", 7, "- Các trạm y tế báo cáo hằng năm.")
    assert query.search(out, "QĐ-UBND")[0].plan_id == DECISION


def test_limit(out):
    assert len(query.search(out, "nhan dan", limit=1)) == 1 < len(query.search(out, "nhan dan"))


@pytest.mark.parametrize("words", ["", "  ", '""', "/ - *"])
def test_nothing_to_look_for_is_said(out, words):
    with pytest.raises(UsageError, match="no_words"):
        query.search(out, words)


def test_query(out):
    answer = query.query(out, "SELECT plan_id, count(*) AS n FROM tasks GROUP BY plan_id ORDER BY n DESC, plan_id LIMIT 1")
    assert answer.columns == ("plan_id", "n") and answer.rows == ((PLAN, 2),)
    assert query.query(out, "SELECT number FROM plans WHERE fold(title) = 'phong benh mua mua' AND number IS NOT NULL").rows == (
        ("45/KH-SYT",),
    )
    assert len(query.query(out, "SELECT * FROM overview", limit=1).rows) == 1


def test_query_takes_lists_apart_and_searches_the_full_text(out):
    sql = "SELECT value FROM tasks, json_each(tasks.responsible) WHERE plan_id = 'aaaaaaaaaaaa' ORDER BY task_no, key"
    assert query.query(out, sql).rows == (("Phòng Nghiệp vụ Y",), ("Các trạm y tế",), ("x | y",))
    sql = "SELECT plan_id FROM full_text JOIN page_texts ON id = full_text.rowid WHERE full_text MATCH 'da AND nang'"
    assert query.query(out, sql).rows == (("aaaaaaaaaaaa",),)
    assert len(query.query(out, "PRAGMA table_info(plans)").rows) == 31


@pytest.mark.parametrize(
    "sql",
    [
        "SELEC 1",
        "SELECT * FROM plns",
        "DELETE FROM plans",
        "DROP TABLE plans",
        "ATTACH DATABASE '/tmp/other.sqlite' AS o",
        "PRAGMA writable_schema = 1",
        "PRAGMA query_only = 0",
        "CREATE TABLE t (a)",
        "CREATE TEMP TABLE t (a)",
        "INSERT INTO full_text (full_text) VALUES ('optimize')",
        "VACUUM INTO '/tmp/kehoach-copy.sqlite'",
        "SELECT load_extension('x')",
        "SELECT 1; DELETE FROM plans",
    ],
)
def test_what_is_wrong_or_would_change_anything_is_refused(out, sql):
    before = (out / "corpus.sqlite").read_bytes()
    with pytest.raises(UsageError, match="bad_query"):
        query.query(out, sql)
    assert (out / "corpus.sqlite").read_bytes() == before


def test_no_corpus_is_said(tmp_path):
    for ask in (lambda: query.search(tmp_path, "kế hoạch"), lambda: query.query(tmp_path, "SELECT 1")):
        with pytest.raises(UsageError, match="no_corpus"):
            ask()
    (tmp_path / "corpus.sqlite").write_bytes(b"no database" * 100)
    with pytest.raises(UsageError, match="no_corpus"):
        query.search(tmp_path, "kế hoạch")
