"""Tables on disk: round trip, the same bytes in any order, CSV equal to Parquet, nothing half-written."""

import csv
import json
import random
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pyarrow as pa
import pytest
from corpus_records import PROBLEMS, READINGS, RECORDS, corpus, plan_record
from hypothesis import example, given, settings
from hypothesis import strategies as st

import pipeline
from pipeline.corpus import rows, store, tabulate
from pipeline.corpus.tables import NAMES, arrow_schema, to_arrow
from pipeline.document import Target
from pipeline.errors import Exit, UsageError


def test_what_is_written_is_read_again(tmp_path):
    tables = corpus()
    store.write(tables, tmp_path)
    again = store.read(tmp_path)
    for name in NAMES:
        pd.testing.assert_frame_equal(tables[name], again[name])
        assert len(tables[name]), f"{name} is not tried"


def test_any_order_gives_the_same_bytes(tmp_path):
    store.write(corpus(), tmp_path / "0")
    whole = store.digest(tmp_path / "0")
    for seed in range(1, 4):
        records, problems, readings = list(RECORDS), list(PROBLEMS), list(READINGS.items())
        for some in (records, problems, readings):
            random.Random(seed).shuffle(some)
        store.write(tabulate(records, dict(readings), problems), tmp_path / str(seed))
        assert store.digest(tmp_path / str(seed)) == whole
    store.write(tabulate(RECORDS[:1], READINGS, PROBLEMS), tmp_path / "less")
    assert store.digest(tmp_path / "less") != whole


def test_how_the_rows_came_together_does_not_show(tmp_path, monkeypatch):
    store.write(corpus(), tmp_path / "0")
    store.write(store.read(tmp_path / "0"), tmp_path / "1")
    monkeypatch.setattr(rows, "PLANS_A_PART", 1)
    store.write(corpus(), tmp_path / "2")
    assert store.digest(tmp_path / "0") == store.digest(tmp_path / "1") == store.digest(tmp_path / "2")


def open_database(out):
    return closing(sqlite3.connect(f"file:{out / 'corpus.sqlite'}?mode=ro", uri=True))


def csv_equals_parquet(tables, out):
    """Asserts that each cell of each CSV file says what the table holds."""
    for name in NAMES:
        with (out / "tables" / f"{name}.csv").open(encoding="utf-8", newline="") as f:
            got = list(csv.DictReader(f))
        want = to_arrow(name, tables[name]).to_pylist()
        assert [list(row) for row in got] == [list(row) for row in want]
        for row, true in zip(got, want, strict=True):
            for field in arrow_schema(name):
                assert_cell(row[field.name], true[field.name], field.type)


def assert_cell(text, value, kind):
    if pa.types.is_list(kind):
        assert store.unflat(text or None, kind) == [v.replace("|", "¦") if isinstance(v, str) else v for v in value]
    elif value is None:
        assert text == ""
    elif pa.types.is_boolean(kind):
        assert text == str(value).lower()
    elif pa.types.is_floating(kind):
        assert float(text) == value
    elif pa.types.is_integer(kind):
        assert text == str(value)  # no 1.0
    else:
        assert text == value


def test_csv_holds_what_parquet_holds(tmp_path):
    store.write(corpus(), tmp_path)
    csv_equals_parquet(corpus(), tmp_path)


HOSTILE = st.text(st.characters() | st.sampled_from('",;|\r\n\t\x00=+-@\ud800đủỷ'), max_size=12)


@settings(max_examples=8, deadline=None)
@example("\x00", "\ud800", ["a |", "| b", " | ", "|"], -0.0)
@example('"', "\r", ["\n", "", ","], 1e300)
@given(HOSTILE, HOSTILE, st.lists(HOSTILE, max_size=3), st.floats(allow_nan=False, allow_infinity=False))
def test_any_words_come_back_from_every_format(title, raw, names, quantity):
    good = plan_record()
    task = replace(good.tasks[0], responsible=tuple(names), targets=(Target(quantity, "=", title, None, raw),))
    record = replace(good, plan=replace(good.plan, title=title, source_path=f"x{raw}"), tasks=(task,), deadlines=())
    tables = tabulate([record], READINGS, ())
    assert list(tables.problems["code"]) == ["number_missing"]  # nothing was left out
    with TemporaryDirectory() as folder:
        store.write(tables, Path(folder))
        again = store.read(Path(folder))
        for name in NAMES:
            pd.testing.assert_frame_equal(tables[name], again[name])
        csv_equals_parquet(tables, Path(folder))
        with open_database(Path(folder)) as db:
            assert db.execute("SELECT title FROM plans").fetchone() == (
                None if pd.isna(tables.plans["title"][0]) else tables.plans["title"][0],
            )
    if title and "\x00" not in title and "\ud800" not in title and title.isprintable():
        assert tables.plans["title"][0] == title


def test_csv_is_utf8_with_lf_and_reads_in_pandas(tmp_path):
    store.write(corpus(), tmp_path)
    data = (tmp_path / "tables" / "plans.csv").read_bytes()
    assert b"\r" not in data and not data.startswith(b"\xef\xbb\xbf") and data.endswith(b"\n")
    tasks = pd.read_csv(tmp_path / "tables" / "tasks.csv")
    assert list(tasks["responsible"]) == ["Phòng Nghiệp vụ Y", "Các trạm y tế | x ¦ y"]


def test_unchanged_files_are_left_alone_and_nothing_else_lies_about(tmp_path):
    store.write(corpus(), tmp_path)
    before = {p: p.stat().st_ino for p in tmp_path.rglob("*") if p.is_file()}
    store.write(corpus(), tmp_path)
    assert before == {p: p.stat().st_ino for p in tmp_path.rglob("*") if p.is_file()}
    assert {p.name for p in tmp_path.iterdir()} >= {"tables", "datapackage.json"}
    assert not list(tmp_path.glob(".*"))


def test_leftovers_of_a_killed_write_are_swept_up(tmp_path):
    (tmp_path / ".tables.tmp" / "tables").mkdir(parents=True)
    (tmp_path / ".tables.tmp" / "tables" / "plans.csv").write_text("half")
    store.write(corpus(), tmp_path)
    assert not (tmp_path / ".tables.tmp").exists() and len(store.read(tmp_path).plans) == 3


def test_a_failed_write_leaves_the_old_tables(tmp_path, monkeypatch):
    store.write(corpus(), tmp_path)
    whole = store.digest(tmp_path)

    def full(path):
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(store, "_flush", full)
    with pytest.raises(UsageError) as e:
        store.write(tabulate(RECORDS[:1], READINGS, ()), tmp_path)
    assert e.value.key == "out_unwritable" and e.value.exit_code == Exit.USAGE
    assert store.digest(tmp_path) == whole and not (tmp_path / ".tables.tmp").exists()


def test_no_corpus_is_said(tmp_path):
    with pytest.raises(UsageError, match="no_corpus"):
        store.read(tmp_path)
    store.write(corpus(), tmp_path)
    (tmp_path / "tables" / "tasks.parquet").write_bytes(b"no parquet")
    with pytest.raises(UsageError, match="no_corpus"):
        store.read(tmp_path)


def test_datapackage_describes_the_csv_files(tmp_path):
    store.write(corpus(), tmp_path)
    package = json.loads((tmp_path / "datapackage.json").read_text(encoding="utf-8"))
    assert [r["name"] for r in package["resources"]] == list(NAMES)
    for resource in package["resources"]:
        path = tmp_path / resource["path"]
        header = next(csv.reader(path.open(encoding="utf-8", newline="")))
        assert header == [f["name"] for f in resource["schema"]["fields"]]
        assert all(f["description"] and f["description_vi"] and f["title_vi"] for f in resource["schema"]["fields"])


def test_empty_corpus_has_every_table(tmp_path):
    store.write(tabulate((), {}, ()), tmp_path)
    again = store.read(tmp_path)
    assert all(len(again[name]) == 0 for name in NAMES)


def test_the_database_holds_what_parquet_holds(tmp_path):
    tables = corpus()
    store.write(tables, tmp_path)
    with open_database(tmp_path) as db:
        for name in NAMES:
            if name == "overview":
                continue
            want = to_arrow(name, tables[name]).to_pylist()
            got = db.execute(f"SELECT * FROM {name} ORDER BY rowid").fetchall()
            lists = [pa.types.is_list(f.type) for f in arrow_schema(name)]
            assert [[json.loads(v) if j else v for v, j in zip(row, lists, strict=True)] for row in got] == [list(r.values()) for r in want]
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []


def test_the_view_overview_equals_its_csv(tmp_path):
    store.write(corpus(), tmp_path)
    with open_database(tmp_path) as db:
        rows = db.execute("SELECT * FROM overview")
        names = [d[0] for d in rows.description]
        got = [[("" if v is None else str(v)) for v in row] for row in rows]
    with (tmp_path / "tables" / "overview.csv").open(encoding="utf-8", newline="") as f:
        header, *want = csv.reader(f)
    assert names == header and len(want) == 2
    assert [[v.replace("x | y", "x ¦ y") for v in row] for row in got] == want


def test_the_database_has_the_same_bytes_in_any_order(tmp_path):
    store.write(corpus(), tmp_path / "0")
    store.write(tabulate(RECORDS[::-1], READINGS, PROBLEMS[::-1]), tmp_path / "1")
    assert (tmp_path / "0" / "corpus.sqlite").read_bytes() == (tmp_path / "1" / "corpus.sqlite").read_bytes()


def test_lists_of_the_database_come_apart(tmp_path):
    store.write(corpus(), tmp_path)
    with open_database(tmp_path) as db:
        found = db.execute("SELECT value FROM tasks, json_each(tasks.responsible) ORDER BY task_no, key").fetchall()
    assert [v for (v,) in found] == ["Phòng Nghiệp vụ Y", "Các trạm y tế", "x | y"]


def test_load_gives_notebooks_every_table(tmp_path):
    store.write(corpus(), tmp_path)
    tables = pipeline.load(str(tmp_path))
    assert list(tables) == list(NAMES) and tables["tasks"].explode("responsible")["responsible"].tolist()[1:] == ["Các trạm y tế", "x | y"]
