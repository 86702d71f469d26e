"""Exports, each read back by a parser that is not ours."""

import csv
import io
import itertools
import json
import re
import sqlite3
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import icalendar
import networkx
import openpyxl
import pytest
from dateutil import rrule
from export_records import DATES, HOSTILE, LONG, OPEN, PLAN, SECRET, SECRET_WORDS, UNDATED, corpus

from pipeline.corpus import store
from pipeline.corpus.tables import NAMES, SCHEMAS
from pipeline.errors import UsageError
from pipeline.export import FORMATS, catalogue, export, ical
from pipeline.export.recurrence import shown


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    out = tmp_path_factory.mktemp("corpus")
    store.write(corpus(), out)
    return out


def data(out, to, name="x", **options):
    """The only file of an export, or all of them by name."""
    files = export(out, to, Path("/nowhere") / name, **options).files
    return next(iter(files.values())) if len(files) == 1 else {path.name: value for path, value in files.items()}


def rows(content: bytes):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.fixture(scope="module")
def again(tmp_path_factory):
    again = tmp_path_factory.mktemp("again")
    store.write(corpus(), again)
    return again


@pytest.mark.parametrize("to", FORMATS)
def test_the_same_corpus_gives_the_same_bytes(out, again, to):
    assert data(out, to) == data(again, to)


@pytest.mark.parametrize("to", FORMATS)
def test_secret_documents_stay_out_unless_asked_for(out, to):
    def told(**options):
        got = data(out, to, **options)
        files = got.values() if isinstance(got, dict) else [got]
        if to == "xlsx":
            books = [openpyxl.load_workbook(io.BytesIO(f)) for f in files]
            return "\n".join(str(c) for b in books for s in b for r in s.iter_rows(values_only=True) for c in r)
        if to == "ics":
            return "\n".join(f.decode().replace("\r\n ", "") for f in files)
        return "\n".join(f.decode("utf-8", "replace") for f in files)

    kept, whole = told(), told(include_secret=True)
    assert SECRET not in kept and SECRET_WORDS not in kept and "phương án.pdf" not in kept
    assert SECRET in whole and SECRET_WORDS in whole
    assert OPEN in kept and export(out, to, Path("/nowhere/x")).secret == 1


# ------------------------------------------------------------------------------------------------ csv, xlsx


def test_raw_csv_is_that_of_the_corpus_and_every_table_is_there(out):
    files = export(out, "csv", Path("/nowhere/x"), include_secret=True).files
    assert {p.name for p in files} == {f"{n}{e}" for n in NAMES for e in (".csv", ".excel.csv")}
    assert all(files[Path(f"/nowhere/x/{n}.csv")] == (out / "tables" / f"{n}.csv").read_bytes() for n in NAMES)


def test_no_cell_of_an_excel_csv_is_a_formula_and_nothing_is_lost(out):
    files = data(out, "csv", include_secret=True)
    changed = 0
    for name in NAMES:
        raw, safe = rows(files[f"{name}.csv"]), rows(files[f"{name}.excel.csv"])
        assert len(raw) == len(safe)
        for a, b in zip(raw, safe, strict=True):
            for column in a:
                assert not b[column].strip().startswith(("=", "+", "@", "＝")) and not b[column].startswith(("\t", "\r", "\n"))
                assert b[column] in (a[column], "'" + a[column])
                changed += a[column] != b[column]
    assert changed >= 8
    texts = {row["text"] for row in rows(files["tasks.excel.csv"])}
    assert {"'=1+1", "'-1 lần", "'@SUM(A1)", "'\tthụt", "'＝1+1", "' =2+3", "007"} <= texts
    assert files["tasks.excel.csv"].startswith(b"\xef\xbb\xbf") and not files["tasks.csv"].startswith(b"\xef\xbb\xbf")


def test_a_csv_name_gives_the_overview_and_its_sister(out):
    files = data(out, "csv", "bảng.CSV")
    assert set(files) == {"bảng.CSV", "bảng.excel.csv"} and rows(files["bảng.CSV"])[0]["link"].startswith("plans/")


def test_nothing_in_a_workbook_is_live(out):
    book = openpyxl.load_workbook(io.BytesIO(data(out, "xlsx")))
    assert book.sheetnames[0] == "overview" and set(book.sheetnames) == set(NAMES) - {"lines"}
    for sheet in book:
        assert sheet.freeze_panes == "A2" and sheet["A1"].value == "plan_id"
        assert all(8 <= d.width <= 61 for d in sheet.column_dimensions.values())
        for row in sheet.iter_rows(min_row=2):
            for cell in row:
                assert cell.data_type != "f" and cell.hyperlink is None
    texts = [c.value for c in book["tasks"]["C" if book["tasks"]["C1"].value == "text" else "D"]]
    assert {t.strip() for t in HOSTILE} - {"007"} <= {str(t).strip() for t in texts} and "007" in texts  # still a text, not 7
    assert book.properties.created.year == 2020
    assert isinstance(book["plans"]["C2"].value, int)


def test_a_sheet_or_a_cell_that_is_full_loses_nothing_in_silence(monkeypatch):
    from pipeline.export import workbook

    monkeypatch.setattr(workbook, "MAX_ROWS", 20)
    monkeypatch.setattr(workbook, "MAX_TEXT", 200)
    book = openpyxl.load_workbook(io.BytesIO(workbook.workbook(corpus())))
    rows_of = {name: book[name].max_row - 1 for name in ("tasks", "tasks (2)", "tasks (3)")}
    assert rows_of == {"tasks": 19, "tasks (2)": 19, "tasks (3)": len(corpus().tasks) - 38}
    longest = max(
        (c.value for c in next(book["tasks"].iter_cols(4, 4)) + next(book["tasks"].iter_cols(3, 3)) if c.value), key=lambda v: len(str(v))
    )
    assert len(longest) == 200 and longest.endswith("…")


# ------------------------------------------------------------------------------------------------ json, sqlite


def test_json_holds_the_record_of_every_document(out):
    whole = json.loads(data(out, "json"))
    assert [json.loads(line) for line in data(out, "jsonl").splitlines()] == whole
    by_id = {r["plan"]["plan_id"]: r for r in whole}
    tables = store.read(out)
    assert SECRET not in by_id and len(by_id) == len(tables.plans) - 1
    assert by_id[PLAN]["tasks"][0]["targets"][0] == {"quantity": 3.0, "op": ">=", "unit": "lớp", "of": None, "raw": "ít nhất 03 lớp"}
    assert len(by_id[OPEN]["deadlines"]) == len(DATES) and by_id[OPEN]["citations"][0]["cited_plan_id"] is None
    assert set(by_id[PLAN]) == {
        "plan", "plan_fields", "citations", "citation_mentions", "sections", "tasks", "deadlines", "recipients", "problems",
    }  # fmt: skip


def test_the_database_is_the_corpus_without_what_is_secret(out, tmp_path):
    assert data(out, "sqlite", include_secret=True) == (out / "corpus.sqlite").read_bytes()
    path = tmp_path / "x.sqlite"
    path.write_bytes(data(out, "sqlite"))
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",) and not db.execute("PRAGMA foreign_key_check").fetchall()
        assert db.execute("SELECT count(*) FROM plans WHERE secrecy IS NOT NULL").fetchone() == (0,)
        assert db.execute("SELECT count(*) FROM full_text WHERE full_text MATCH 'folded : hanh'").fetchone() == (0,)
        assert db.execute("SELECT count(*) FROM full_text WHERE full_text MATCH 'folded : tram'").fetchone() == (1,)


# ------------------------------------------------------------------------------------------------ ics


@pytest.fixture(scope="module")
def events(out):
    read = icalendar.Calendar.from_ical(data(out, "ics", lang="vi"))
    return {str(e["uid"]): e for e in read.walk("VEVENT")}


def event(events, plan_id, number):
    return events[f"{plan_id}.p1.l{number}.1@kehoach"]


def days(e):
    return e["dtstart"].dt, e["dtend"].dt - timedelta(1)


@pytest.mark.parametrize(
    ("number", "first", "last"),
    [
        (1, date(2024, 9, 30), date(2024, 9, 30)),
        (3, date(2024, 5, 19), date(2024, 5, 19)),
        (4, date(2024, 4, 1), date(2024, 6, 30)),
        (5, date(2024, 4, 1), date(2024, 10, 31)),
        (6, date(2024, 7, 1), date(2024, 7, 1)),
        (7, date(2025, 12, 31), date(2025, 12, 31)),
    ],
)
def test_days_windows_and_ranges_are_all_day(events, number, first, last):
    e = event(events, OPEN, number)
    assert days(e) == (first, last) and not isinstance(e["dtstart"].dt, datetime) and "rrule" not in e


def test_an_hour_is_kept_in_vietnamese_time(events):
    moment = event(events, OPEN, 2)["dtstart"].dt
    assert moment.utcoffset() == timedelta(0) and (moment + timedelta(hours=7)).replace(tzinfo=None) == datetime(2024, 4, 12, 17)


def occurrences(e):
    rule = rrule.rrulestr(e["rrule"].to_ical().decode(), dtstart=datetime.combine(e["dtstart"].dt, datetime.min.time()))
    return [d.date() for d in itertools.islice(rule, 200)]


def test_a_month_without_a_day_is_shown_on_its_last_within_the_period(events):
    assert occurrences(event(events, OPEN, 8)) == [date(y, 11, 30) for y in (2024, 2025, 2026)]


def test_a_series_starts_at_the_issue_date_and_ends_with_the_period(events):
    quarter = occurrences(event(events, OPEN, 9))
    assert quarter[0] == date(2024, 3, 25) and quarter[-1] == date(2026, 12, 25) and len(quarter) == 12
    monthly = occurrences(event(events, OPEN, 10))  # issued on the 31st: no month may fall out
    assert len(monthly) == 36 and monthly[:3] == [date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31)]
    fridays = occurrences(event(events, OPEN, 11))
    assert fridays[0] == date(2024, 2, 2) and {d.weekday() for d in fridays} == {4}
    assert occurrences(event(events, OPEN, 12)) == [date(2025, m, 15) for m in (1, 4, 7, 10)]  # what is printed counts
    assert all(e["dtstart"].dt == occurrences(e)[0] for e in events.values() if "rrule" in e)  # else clients show one more


def test_what_has_no_day_is_listed_and_not_exported(out, events):
    left_out = export(out, "ics", None, "vi").left_out
    assert not any(f"{OPEN}.p1.l{n}." in uid for uid in events for n in (13, 14))
    assert f"{UNDATED}.p1.l12.1@kehoach" in events and f"{UNDATED}.p1.l8.1@kehoach" not in events
    listed = [line for line in left_out if UNDATED in line]
    assert len(listed) == 6 and any("vào tháng 11 hằng năm" in line and "nhiệm vụ 8, trang 1, dòng 8" in line for line in listed)
    assert len(events) + len(left_out) == len(store.read(out).deadlines) - len(DATES)  # the secret plan's


def test_long_vietnamese_text_is_folded_and_comes_back_whole(out, events):
    raw = data(out, "ics", lang="vi")
    assert all(len(line) <= 75 for line in raw.split(b"\r\n")) and b"\n" not in raw.replace(b"\r\n", b"")
    told = str(event(events, OPEN, 1)["description"])
    assert told.startswith(LONG.strip()) and "Chữ chỉ thời hạn: trước ngày 30/9/2024" in told
    assert len(str(event(events, OPEN, 1)["summary"])) < 170 and "Trước" in str(event(events, OPEN, 1)["summary"])


def test_the_lines_are_those_that_icalendar_writes(out):
    made = data(out, "ics", lang="vi")
    assert icalendar.Calendar.from_ical(made).to_ical() == made
    for line in ("X:" + "đ" * 36 + "\\\\n" * 20, "X:" + "a" * 72, "X:" + "a" * 73, "X:ộ" * 30, "X:" + "^" * 90, "X:" + "\\," * 70):
        assert ical.folded(line).decode() == str(icalendar.parser.Contentline(line).to_ical().decode())


def test_uids_stay_when_another_deadline_is_lost(out, tmp_path, events):
    tables = corpus()
    fewer = tables.deadlines[~((tables.deadlines["plan_id"] == OPEN) & (tables.deadlines["deadline_no"] == 1))]
    numbers = fewer.groupby("plan_id").cumcount() + 1
    parts = {name: tables[name] for name in NAMES} | {"deadlines": fewer.assign(deadline_no=numbers.astype("Int64"))}
    store.write(type(tables)(**parts), tmp_path)
    now = {str(e["uid"]) for e in icalendar.Calendar.from_ical(data(tmp_path, "ics")).walk("VEVENT")}
    assert set(events) - now == {f"{OPEN}.p1.l1.1@kehoach"}


@pytest.mark.parametrize("start", [date(2023, 1, 28), date(2023, 1, 29), date(2023, 1, 31), date(2024, 2, 29), date(2023, 12, 30)])
@pytest.mark.parametrize(
    ("rule", "a_year"),
    [
        ("FREQ=MONTHLY", 12),
        ("FREQ=MONTHLY;BYMONTHDAY=31", 12),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", 12),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", 12),
        ("FREQ=MONTHLY;INTERVAL=3", 4),
        ("FREQ=MONTHLY;INTERVAL=6", 2),
        ("FREQ=YEARLY", 1),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", 1),
        ("FREQ=YEARLY;BYMONTH=3,6,9,12;BYMONTHDAY=31", 4),
        ("FREQ=YEARLY;BYMONTH=6", 1),
        ("FREQ=YEARLY;BYMONTH=3,6,9,12", 4),
    ],
)
def test_no_month_or_year_falls_out_of_a_series(rule, a_year, start):
    found = shown(rule, start, None)
    text = ";".join(f"{k}={v}" for k, v in found.rule.items())
    series = rrule.rrulestr(text, dtstart=datetime.combine(found.first, datetime.min.time()))
    years = Counter(d.year for d in series.between(datetime(2025, 1, 1), datetime(2030, 12, 31), inc=True))
    assert found.first >= start and set(years.values()) == {a_year} and len(years) == 6


def test_a_series_that_ends_before_it_begins_is_none_and_no_rule_is_an_error():
    assert shown("FREQ=YEARLY;BYMONTH=6", date(2024, 7, 1), date(2024, 12, 31)) is None
    with pytest.raises(ValueError):
        shown("hằng năm", date(2024, 7, 1), None)


# ------------------------------------------------------------------------------------------------ graphml


def test_the_graph_is_read_back_with_its_doubts(out):
    made = networkx.parse_graphml(data(out, "graphml", include_secret=True).decode(), force_multigraph=True)
    assert made.nodes[OPEN]["in_corpus"] and made.nodes[OPEN]["number"] == "=1+1/KH-X"
    assert SECRET in made.successors(OPEN)
    shared = "vn/ttg/qd/2020/749"
    assert set(made.predecessors(shared)) == {OPEN, UNDATED} and made.nodes[shared]["label"] == "749/QĐ-TTg"
    doubtful = {n for n, told in made.nodes(data=True) if told.get("number") == "12/QĐ-UBND"}
    assert len(doubtful) == 2  # of two bodies, for all that is known
    (told,) = made.get_edge_data(shared, f"{OPEN}:4").values()
    assert told["relation"] == "thuc_hien" and told["told_by"] == OPEN and (told["page"], told["line"]) == (1, 4)
    assert SECRET not in networkx.parse_graphml(data(out, "graphml").decode())
    ids = [key for _, _, key in made.edges(keys=True)]
    assert len(set(ids)) == len(ids) == len(made.edges) and f"{OPEN}:4" in ids


# ------------------------------------------------------------------------------------------------ tt02


def test_the_catalogue_of_records(out):
    files = data(out, "tt02", include_secret=True)
    assert set(files) == {"tt02.csv", "tt02.excel.csv", "tt02.xml"}
    found = rows(files["tt02.csv"])
    names = """DocCode FileCode DocOrdinal TypeName CodeNumber CodeNotation IssuedDate OrganName Subject Language PageAmount Description
        InforSign Keyword Mode ConfidenceLevel Autograph Format"""
    assert list(found[0]) == [f.name for f in catalogue.rules().fields] == names.split()
    by_code = {row["DocCode"]: row for row in found}
    plan = by_code[PLAN]
    assert (plan["FileCode"], plan["TypeName"], plan["CodeNumber"], plan["CodeNotation"]) == ("năm 2024", "Kế hoạch", "45", "KH-SYT")
    assert (plan["IssuedDate"], plan["OrganName"], plan["PageAmount"]) == ("11/03/2024", "Sở Y tế tỉnh Cà Mau", "2")
    assert plan["Autograph"] == plan["Mode"] == plan["InforSign"] == plan["ConfidenceLevel"] == ""
    assert by_code["0a1b2c3d4e5f"]["ConfidenceLevel"] == "Số hóa"  # a scan
    assert [by_code[i]["DocOrdinal"] for i in (UNDATED, OPEN)] == ["1", "2"]  # kh 9 before kh 10
    assert by_code["ffee00112233"]["FileCode"] == "" and by_code[SECRET]["Description"] == "Độ mật: MẬT"
    assert by_code[UNDATED]["IssuedDate"] == by_code[UNDATED]["CodeNumber"] == ""
    assert rows(data(out, "tt02", "a.csv")["a.excel.csv"])


def test_the_catalogue_as_xml_says_the_same(out):
    root = ElementTree.fromstring(data(out, "tt02", "a.xml"))
    read = [{field.tag: field.text or "" for field in entry} for entry in root]
    assert read == rows(data(out, "tt02", "a.csv")["a.csv"])


def test_the_rules_of_the_catalogue_name_columns_that_are_there():
    for f in catalogue.rules().fields:
        columns = {f.column, f.needs, *(p.column for p in f.parts)} - {None}
        assert columns <= set(SCHEMAS["plans"].columns) and f.special in (None, "folder", "ordinal") and f.vi


def test_numbers_are_parted_as_the_rules_say():
    number = catalogue.rules().number
    for example in number.examples:
        match = re.fullmatch(number.pattern, example.text)
        assert match and match.groupdict() == {"number": example.number, "notation": example.notation}
    assert not any(re.fullmatch(number.pattern, text) for text in number.never) and number.never


def test_a_field_is_cut_only_where_the_rules_give_a_length(out, monkeypatch):
    whole = catalogue.rules()
    assert {f.length for f in whole.fields} == {None}
    short = replace(whole, fields=tuple(replace(f, length=12) if f.name == "OrganName" else f for f in whole.fields))
    monkeypatch.setattr(catalogue, "rules", lambda: short)
    tables = store.read(out)
    names = {row[7] for row in catalogue.entries(tables, tables)}
    assert "Sở Y tế tỉn…" in names and all(len(name) <= 12 for name in names)


def test_a_place_in_a_dossier_stays_when_a_secret_document_is_left_out(out):
    with_it = {r["DocCode"]: r["DocOrdinal"] for r in rows(data(out, "tt02", include_secret=True)["tt02.csv"])}
    without = {r["DocCode"]: r["DocOrdinal"] for r in rows(data(out, "tt02")["tt02.csv"])}
    assert without == {k: v for k, v in with_it.items() if k != SECRET}


# ------------------------------------------------------------------------------------------------ wrong use


@pytest.mark.parametrize(
    ("to", "target", "key"),
    [("xls", "x", "bad_format"), ("", "x", "bad_format"), ("xlsx", None, "export_needs_path"), ("csv", None, "export_needs_path")],
)
def test_wrong_use_is_said(out, to, target, key):
    with pytest.raises(UsageError, match=key):
        export(out, to, Path(target) if target else None)


def test_nothing_is_written_into_the_corpus_or_over_a_file(out, tmp_path):
    for target in (out, out / "tables" / "plans.csv", out / "new.json"):
        with pytest.raises(UsageError, match="output_in_corpus"):
            export(out, "csv", target)
    (tmp_path / "a file").write_text("x")
    with pytest.raises(UsageError, match="output_no_folder"):
        export(out, "tt02", tmp_path / "a file")
    with pytest.raises(UsageError, match="no_corpus"):
        export(tmp_path, "json", None)
