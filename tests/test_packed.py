"""Rows that a worker leaves ready for the tables: the same as those made from records and readings, and never those of anything else."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from corpus_records import READINGS, RECORDS
from test_build import digest, kehoach, raw  # noqa: F401

from pipeline import packed
from pipeline.corpus.tables import SCHEMAS, TARGETS_ARROW, TEXTS_ARROW, arrow_schema

ARROW = {"text": "string", "integer": "int64", "number": "double", "flag": "bool", "texts": str(TEXTS_ARROW), "targets": str(TARGETS_ARROW)}


@pytest.mark.parametrize("name", packed.COLUMNS)
def test_columns_and_their_kinds_are_those_of_the_schema(name: str) -> None:
    assert ("plan_id", *packed.COLUMNS[name]) == tuple(SCHEMAS[name].columns)
    assert [ARROW[packed.kind(c)] for c in packed.COLUMNS[name]] == [str(field.type) for field in arrow_schema(name)][1:]


def test_only_what_this_code_made_of_these_files_is_taken(tmp_path: Path) -> None:
    made = [packed.rows(r, READINGS[r.plan.plan_id].pages if r.plan.plan_id in READINGS else ()) for r in RECORDS]
    path, source = tmp_path / packed.FILE, tmp_path / "records.json"
    source.write_text("1")
    packed.keep(path, made, "code", [source])
    assert packed.kept(path, "code", [source]) == tuple(made)
    assert packed.kept(path, "other code", [source]) is None
    whole = path.read_bytes()
    for at in (0, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert packed.kept(path, "code", [source]) is None
        path.write_bytes(whole[:at])
        assert packed.kept(path, "code", [source]) is None
    path.write_bytes(whole)
    os.utime(source, ns=(1, 1))
    assert packed.kept(path, "code", [source]) is None
    source.unlink()
    assert packed.kept(path, "code", [source]) is None


def test_a_text_is_packed_as_every_format_can_hold_it() -> None:
    record = replace(RECORDS[0], plan=replace(RECORDS[0].plan, title="a\0b", place="\udcff", campaign=""))
    count, cells = packed.rows(record, ()).tables["plans"]
    assert count == 1
    assert {"a\ufffdb".encode(), b"\\udcff"} <= set(cells)


def test_rows_that_are_gone_damaged_or_those_of_another_plan_are_made_again(raw: Path, tmp_path: Path) -> None:  # noqa: F811
    out = tmp_path / "out"
    assert kehoach("build", raw, out).returncode == 0
    whole = digest(out)
    kept = sorted((out / ".work").glob(f"*/{packed.FILE}"))
    assert len(kept) == 3  # the workers left them
    kept[0].unlink()
    kept[1].write_bytes(kept[1].read_bytes()[:-9] + b"?" * 9)
    kept[2].write_bytes(b"")
    (out / "tables" / "lines.csv").unlink()  # the tables are written again
    assert kehoach("build", raw, out).returncode == 0
    assert digest(out) == whole
    assert all(path.stat().st_size > 1000 for path in kept)
    changed = raw / "đợt 1" / "kh4.txt"
    changed.write_text(changed.read_text().replace("04 xã", "05 xã"))
    assert kehoach("build", raw, out).returncode == 0
    fresh = tmp_path / "fresh"
    assert kehoach("build", raw, fresh).returncode == 0
    assert digest(out) == digest(fresh) != whole
