"""200 random corrections outlive another OCR, other lines and other numbering, or are shown; builds apply them."""

from __future__ import annotations

import hashlib
import json
import random
from dataclasses import replace

import pytest
from corpus_records import at, plan_record
from correction_rows import (
    HEIGHT,
    SOURCE,
    book,
    corpus_of_lines,
    correction,
    laid_out,
    line_correction,
    misread,
    printed,
    told,
    whole,
)
from test_build import digest, kehoach, plan

from pipeline.corpus import store
from pipeline.corpus.cells import text_of
from pipeline.corpus.corrections import corrected
from pipeline.corrections import Book, append, read
from pipeline.corrections.lines import amended
from pipeline.document import Box, Citation, Deadline, Evidence, Plan, Reading, Recipient, Record, Section, Task


@pytest.mark.parametrize("seed", [1, 2])
def test_200_corrected_lines_outlive_another_ocr_and_other_lines(seed):
    rng = random.Random(seed)
    texts = corpus_of_lines(rng, 20)
    before = [printed([misread(rng, t) for t in page], number=n) for n, page in enumerate(texts, 1)]
    places = rng.sample([(p, k) for p in range(20) for k in range(25)], 200)
    rows = tuple(line_correction(n, before[p], k, texts[p][k] + " đã sửa") for n, (p, k) in enumerate(places, 1))
    after = Reading("scan", tuple(laid_out(rng, page, n) for n, page in enumerate(texts, 1)))
    got, troubles = amended(after, rows)
    assert amended(after, rows) == (got, troubles)
    lost = {t.problem.detail.split(":")[0] for t in troubles}
    for page in got.pages:
        whole(page)
    applied = 0
    for row in rows:
        text = " ".join(line.text for line in got.pages[row.page - 1].lines)
        assert text.count(row.value) == (0 if row.id in lost else 1), row
        applied += row.id not in lost
    assert applied >= 180  # measured: 200 of 200
    meant = {(p + 1, k) for p, k in places}
    for old, new in zip(after.lines(), got.lines(), strict=True):  # nothing beside what was corrected has changed
        if (old[0].number, round(old[1].box.top / HEIGHT)) not in meant:
            assert old[1] == new[1]


@pytest.mark.parametrize("seed", [1, 2])
def test_200_corrected_facts_outlive_another_ocr_and_other_numbering(seed, tmp_path):
    rng = random.Random(seed)
    texts = corpus_of_lines(rng, 20)
    flat = [(p, k, text) for p, page in enumerate(texts, 1) for k, text in enumerate(page)]

    def record(read_as: random.Random, skip: float) -> Record:
        """Tasks at their places, some of them not found, numbered anew, their lines counted otherwise."""
        tasks = []
        off = read_as.randint(-5, 5)
        for p, k, text in flat:
            if read_as.random() >= skip:
                box = Box(off + 10, off + k * HEIGHT + 10, off + 900, off + (k + 1) * HEIGHT)
                words = misread(read_as, text)
                where = Evidence(p, k + 1 + (k > 12), k + 1 + (k > 12), box, words, 0.8, "test")
                tasks.append(Task(len(tasks) + 1, "I", words, (), None, (), (), (), None, False, where))
        return Record(Plan(SOURCE, "a.pdf", 1, 20, "scan"), tasks=tuple(tasks))

    before, after = record(random.Random(seed), 0), record(random.Random(seed + 50), 0.1)
    chosen = rng.sample(before.tasks, 200)
    rows = [
        correction(
            n,
            plan_id=SOURCE,
            table="tasks",
            column="text",
            page=t.evidence.page,
            line=t.evidence.line,
            box=t.evidence.box,
            old=t.text,
            value=f"việc {n}: {flat[t.task_no - 1][2]}",
        )
        for n, t in enumerate(chosen, 1)
    ]
    (got,), troubles = corrected([after], {}, book(*rows, tmp=tmp_path))
    lost = {t.problem.detail.split(":")[0] for t in troubles}
    values = [t.text for t in got.tasks]
    for row in rows:
        assert values.count(row.value) == (0 if row.id in lost else 1)
    for old, new in zip(after.tasks, got.tasks, strict=True):  # each value at its own place
        if old.text != new.text:
            row = next(r for r in rows if r.value == new.text)
            assert row.page == new.evidence.page and abs(row.box.top - new.evidence.box.top) < HEIGHT / 2
    assert len(lost) <= 200 * 0.2
    assert all(t.problem.code in ("correction_orphan", "correction_conflict") for t in troubles)


def test_what_the_evidence_of_a_fact_says_counts_not_its_number(tmp_path):
    tasks = plan_record().tasks
    swapped = replace(plan_record(), tasks=(replace(tasks[1], task_no=1), replace(tasks[0], task_no=2)), deadlines=())
    row = correction(table="tasks", key="2", column="text", page=1, line=7, old=tasks[1].text, value="Các trạm y tế báo cáo hằng quý.")
    (got,), troubles = corrected([swapped], {}, book(row, tmp=tmp_path))
    assert got.tasks[0].text.endswith("hằng quý.") and got.tasks[1] == swapped.tasks[1] and not troubles


def test_facts_alike_in_one_place_are_left_and_shown(tmp_path):
    base = plan_record()
    twins = replace(base, deadlines=(base.deadlines[0], replace(base.deadlines[0], deadline_no=3, evidence=at(6, "x"))))
    row = correction(table="deadlines", column="end", page=1, line=6, old="2024-09-30", value="2024-09-20")
    (got,), troubles = corrected([twins], {}, book(row, tmp=tmp_path))
    assert got == twins and told(troubles) == ["correction_conflict"]


def test_a_build_applies_corrections(tmp_path):
    raw, out, folder = tmp_path / "raw", tmp_path / "out", tmp_path / "corrections"
    raw.mkdir()
    (raw / "kh4.txt").write_bytes(plan(4))
    same = {"plan_id": hashlib.sha256(plan(4)).hexdigest()[:12], "page": 1, "author": "Lan"}
    text = "1. Phòng Tư pháp chủ trì, phối hợp với Công an huyện kiểm tra 04 xã, hoàn thành trước ngày 30/6/2022."
    mended = text.replace("04 xã", "09 xã").replace("30/6", "25/6")
    append(folder, table="lines", column="text", line=16, old=text, value=mended, **same)
    append(folder, table="plans", column="signer_name", old="Lê Thị Bích Hạnh", value="Lê Thị Bích Hằng", **same)
    assert kehoach("build", raw, out, "--jobs", 1, "--corrections", folder).returncode == 0
    tables = store.read(out)
    # Digits that a person wrote are sure, although other ones were read.
    assert list(tables.deadlines["end"]) == ["2022-06-25", "2022-07-15"] and tables.tasks["targets"].iloc[0][0]["quantity"] == 9
    assert "09 xã" in " ".join(tables.tasks["text"]) and list(tables.plans["signer_name"]) == ["Lê Thị Bích Hằng"]
    assert not len(tables.problems)
    assert kehoach("build", raw, out, "--corrections", tmp_path / "corrrections").returncode == 2


@pytest.mark.long
def test_a_build_redoes_the_corrected_plan_alone_and_an_undone_correction_leaves_no_trace(tmp_path):
    raw, out, folder = tmp_path / "raw", tmp_path / "out", tmp_path / "corrections"
    raw.mkdir()
    folder.mkdir()
    for n in (3, 4):
        (raw / f"kh{n}.txt").write_bytes(plan(n))

    def build() -> list[str]:
        run = kehoach("build", raw, out, "--jobs", 1, "--corrections", folder)
        assert run.returncode == 0, run.stderr
        return [step["source_path"] for step in json.loads((out / "run.json").read_text(encoding="utf-8"))["steps"]]

    assert build() == ["kh3.txt", "kh4.txt"]
    before, tables = digest(out), store.read(out)
    plan_id = str(tables.plans["plan_id"][tables.plans["source_path"] == "kh4.txt"].iloc[0])
    lines = tables.lines[tables.lines["plan_id"] == plan_id]
    at_line = lines[lines["text"].str.contains("30/6/2022")].iloc[0]
    old, where = str(at_line["text"]), {"page": int(at_line["page"]), "line": int(at_line["line"])}
    new = old.replace("30/6/2022", "25/6/2022")
    append(folder, plan_id=plan_id, table="lines", column="text", old=old, value=new, author="Lan", **where)
    signer = {"plan_id": plan_id, "table": "plans", "column": "signer_name", "page": 1, "author": "Lan"}
    append(folder, old="Lê Thị Bích Hạnh", value="Lê Thị Bích Hằng", **signer)
    append(folder, old="Trần Nam", value="Trần Năm", **signer | {"column": "title"})
    files = {p: p.read_bytes() for p in folder.iterdir()}
    assert build() == ["kh4.txt"]
    tables = store.read(out)
    mine = tables.deadlines[tables.deadlines["plan_id"] == plan_id]
    assert list(mine["end"]) == ["2022-06-25", "2022-07-15"] and "30/6/2022" in mine["raw"].iloc[0]
    assert list(tables.plans["signer_name"]).count("Lê Thị Bích Hằng") == 1
    assert list(tables.problems["code"]) == ["correction_conflict"] and tables.problems["source_path"][0] == "kh4.txt"
    assert "25/6/2022" in (out / "plans" / plan_id / "text.txt").read_text(encoding="utf-8")
    assert "25/6/2022" not in (out / "plans" / plan_id / "raw.txt").read_text(encoding="utf-8")
    assert files == {p: p.read_bytes() for p in folder.iterdir()}
    append(folder, plan_id=plan_id, table="lines", column="text", old=new, value=old, author="Lan", **where)
    append(folder, old="Lê Thị Bích Hằng", value="Lê Thị Bích Hạnh", **signer)
    append(folder, old="Trần Năm", value="Trần Nam", **signer | {"column": "title"})
    assert read(folder) == Book()  # so the stamps are those of the first build, and with them every byte:
    assert build() == ["kh4.txt"] and digest(out) == before


CODES = [  # of each table a cell that many facts of a page share
    ("sections", "kind", "heading", "leadin"),
    ("recipients", "kind", "recipient", "archive"),
    ("deadlines", "kind", "by", "exact"),
    ("tasks", "responsible", "Ủy ban nhân dân các xã", "Ủy ban nhân dân các phường"),
    ("tasks", "product", "", "Báo cáo tổng kết"),
    ("citations", "relation", "can_cu", "theo"),
]


def _stacked(table: str, boxed: bool) -> tuple[Record, list[Evidence]]:
    """Four facts of one table under one another, all of which say the same; their lines (or boxes) touch those of the next."""
    where = [
        Evidence(1, k, k + 1, Box(100, 40 * k, 900, 40 * k + 90) if boxed else None, f"câu thứ {k}", 0.9, "test") for k in (10, 11, 12, 13)
    ]
    body = ("Ủy ban nhân dân các xã",)
    made = {
        "sections": [Section(f"{k}", 1, f"Mục {k}", "heading", e) for k, e in enumerate(where, 1)],
        "recipients": [Recipient(k, f"Nơi thứ {k}", None, "recipient", e) for k, e in enumerate(where, 1)],
        "tasks": [Task(k, "I", f"Việc thứ {k}", body, "own", (), (), (), None, False, e) for k, e in enumerate(where, 1)],
        "deadlines": [Deadline(k, k, "by", None, None, None, None, None, e) for k, e in enumerate(where, 1)],
        "citations": [
            Citation(k, f"{k}/QĐ-X", None, None, None, None, "can_cu", "this", 1, None, None, e, (e,)) for k, e in enumerate(where, 1)
        ],
    }
    tasks = made["tasks"] if table == "deadlines" else []
    return Record(Plan(SOURCE, "a.pdf", 1, 1, "scan"), **{"tasks": tuple(tasks), table: tuple(made[table])}), where


@pytest.mark.parametrize("boxed", [True, False])
@pytest.mark.parametrize(("table", "column", "old", "value"), CODES)
def test_a_cell_that_many_facts_share_is_corrected_on_its_own_spot_or_nowhere(tmp_path, table, column, old, value, boxed):
    record, where = _stacked(table, boxed)
    for k, e in enumerate(where):
        row = correction(plan_id=SOURCE, table=table, column=column, page=1, line=e.line, box=e.box, old=old, value=value)
        (got,), troubles = corrected([record], {}, book(row, tmp=tmp_path))
        changed = [n for n, (a, b) in enumerate(zip(getattr(record, table), getattr(got, table), strict=True)) if a != b]
        assert changed == [k] and not troubles
        # The fact is no longer found; its neighbours, which say the same, are others.
        gone = replace(record, **{table: tuple(f for f in getattr(record, table) if f.evidence != e)})
        (got,), troubles = corrected([gone], {}, book(row, tmp=tmp_path))
        assert got == gone and told(troubles) in (["correction_conflict"], ["correction_orphan"])


def test_targets_are_told_alike_however_their_parts_are_spaced(tmp_path):
    record = plan_record()
    old = '{"quantity":3,"op":">=","unit":"lớp","of":null,"raw":"ít nhất 03 lớp"} | ' + text_of(record.tasks[0].targets[1:])
    row = correction(table="tasks", column="targets", page=1, line=5, old=old, value="")
    back = replace(row, id="c002", at="2024-05-02T08:00:00", old="", value=text_of(record.tasks[0].targets))
    assert '"op": ">=", "unit": "lớp"' in back.value  # as tasks.csv has it
    (got,), troubles = corrected([record], {}, book(row, tmp=tmp_path))
    assert got.tasks[0].targets == () and not troubles
    (got,), troubles = corrected([record], {}, book(row, back, tmp=tmp_path))
    assert got == record and not troubles
