"""Corrections: found again after new OCR, other line breaks and other numbering, or shown in problems; never lost, never applied twice."""

from __future__ import annotations

import csv
import hashlib
import json
import random
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from corpus_records import DECISION, PLAN, RECORDS, at, decision_record, plan_record, scan_reading
from test_build import digest, kehoach, plan

from pipeline.corpus import ProblemRow, store, tabulate
from pipeline.corpus.corrections import corrected
from pipeline.corrections import COLUMNS, Book, Correction, append, read
from pipeline.corrections.lines import amended
from pipeline.document import Box, Evidence, Line, Page, Plan, Reading, Record, Task, Word, text_reading
from pipeline.errors import InputError
from pipeline.text import bare

SOURCE = "aa00bb11cc22"
TARGETS = (
    '{{"quantity":{}.0,"op":">=","unit":"lớp","of":null,"raw":"{}"}} | '
    '{{"quantity":2.5,"op":"~","unit":"%","of":"trạm \\u007c điểm","raw":"2,5 %"}}'
)
PROSE = (
    "phòng nghiệp vụ chủ trì phối hợp với trung tâm văn hóa tổ chức tập huấn kỹ năng cho cán bộ thôn bản rà soát hồ sơ lưu trữ "
    "tiếp nhận đơn thư kiểm tra định kỳ báo cáo kết quả trước khi kết thúc quý hằng năm bố trí kinh phí mua sắm thiết bị y tế trường "
    "học nông nghiệp thủy lợi đường sá cầu cống chiếu sáng công cộng vệ sinh môi trường thu gom rác thải trồng cây xanh"
)
WORDS = PROSE.split()
HEIGHT, WIDTH, GLYPH = 40, 1400, 12


def correction(no: int = 1, **cells: object) -> Correction:
    """A correction of the number of the plan, or of what `cells` say."""
    made = Correction(
        f"c{no:03}", PLAN, "plans", "number", 2, "45/KH-SYT", "46/KH-SYT", f"2024-05-01T08:{no // 60:02}:{no % 60:02}", line=2
    )
    return replace(made, **cells)


def book(*rows: Correction, tmp: Path) -> Book:
    write(tmp / "c.csv", rows)
    return read(tmp)


def write(path: Path, rows: tuple[Correction, ...] | list[Correction], delimiter: str = ",") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as f:
        out = csv.writer(f, delimiter=delimiter)
        out.writerow(COLUMNS)
        for r in rows:
            sides = (r.box.left, r.box.top, r.box.right, r.box.bottom) if r.box else ("",) * 4
            out.writerow((r.id, r.plan_id, r.table, r.key, r.column, r.page, r.line or "", *sides, r.old, r.value, r.author, r.at, r.note))


def told(troubles: object) -> list[str]:
    return [t.problem.code for t in troubles]  # type: ignore[attr-defined]


# ---------------------------------------------------------------------------------------------- files


def test_a_row_is_read_as_it_was_written(tmp_path):
    rows = (correction(1, note="a, “b”;\nc"), correction(2, table="tasks", column="text", old="x | y", box=Box(1, 2, 3, 4), line=None))
    assert book(*rows, tmp=tmp_path).rows == rows


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_what_excel_saves_is_read(tmp_path, encoding, delimiter):
    write(tmp_path / "c.csv", (correction(),), delimiter)
    text = (tmp_path / "c.csv").read_text(encoding="utf-8")
    (tmp_path / "c.csv").write_bytes(text.replace("\n", "\r\n").encode(encoding))
    assert read(tmp_path).rows == (correction(),)


def test_no_folder_and_an_empty_file_hold_nothing(tmp_path):
    (tmp_path / "c.csv").write_bytes(b"")
    assert read(tmp_path) == read(tmp_path / "none") == Book() and read(tmp_path).digest() == ""


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("id", ""),
        ("plan_id", "../../etc"),
        ("table", "problems"),
        ("page", "0"),
        ("page", "zwei"),
        ("line", "0"),
        ("left", "7"),
        ("at", "hôm qua"),
    ],
)
def test_a_malformed_row_is_a_problem_and_the_rest_goes_on(tmp_path, column, value):
    write(tmp_path / "c.csv", (correction(1), correction(2, plan_id=DECISION)))
    rows = list(csv.reader((tmp_path / "c.csv").open(encoding="utf-8", newline="")))
    rows[1][COLUMNS.index(column)] = value
    with (tmp_path / "c.csv").open("w", encoding="utf-8", newline="") as f:
        csv.writer(f).writerows(rows)
    got = read(tmp_path)
    assert [r.id for r in got.rows] == ["c002"] and told(got.troubles) == ["correction_malformed"]
    assert "row 2" in got.troubles[0].problem.detail


def test_a_row_cut_short_and_a_file_that_is_none_are_problems(tmp_path):
    write(tmp_path / "a.csv", (correction(1),))
    with (tmp_path / "a.csv").open("a", encoding="utf-8") as f:
        f.write("c009,0a1b2c3d4e5f-2,plans,numb")
    (tmp_path / "b.csv").write_bytes("số\xff".encode("latin-1", "replace"))
    (tmp_path / "d.csv").write_text("plan_id,value\n1,2\n")
    (tmp_path / ".~lock.a.csv#").write_text("x")
    got = read(tmp_path)
    assert [r.id for r in got.rows] == ["c001"]
    assert sorted(told(got.troubles)) == ["correction_file", "correction_file", "correction_malformed"]


def test_order_of_files_and_rows_does_not_matter_and_a_copy_counts_once(tmp_path):
    rows = [correction(n, column="place", old=str(n), value=str(n + 1)) for n in range(30)]
    write(tmp_path / "0" / "all.csv", rows)
    for seed in range(3):
        random.Random(seed).shuffle(rows)
        write(tmp_path / str(seed + 1) / "z.csv", rows[:20])
        write(tmp_path / str(seed + 1) / "a.csv", rows[15:])
        assert read(tmp_path / str(seed + 1)) == read(tmp_path / "0")


def test_two_rows_of_one_id_are_both_set_aside(tmp_path):
    got = book(correction(1), correction(1, value="47/KH-SYT"), correction(2, plan_id=DECISION), tmp=tmp_path)
    assert [r.id for r in got.rows] == ["c002"] and told(got.troubles) == ["correction_conflict"]


def test_append_gives_an_id_of_its_own_and_loses_nothing(tmp_path):
    write(tmp_path / "corrections.csv", (correction(1),), ";")
    data = (tmp_path / "corrections.csv").read_bytes().rstrip(b"\n")
    (tmp_path / "corrections.csv").write_bytes(data)  # somebody's editor left no newline at the end

    def work(n: int) -> None:
        for k in range(5):
            append(tmp_path, plan_id=PLAN, table="tasks", column="text", page=1, line=k + 1, old=f"cũ {n}", value=f"mới; {k}", author="Lan")

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    got = read(tmp_path)
    assert len({r.id for r in got.rows}) == 21 and not got.troubles
    assert (tmp_path / "corrections.csv").read_bytes().startswith(data)
    with pytest.raises(InputError, match="correction_malformed"):
        append(tmp_path, plan_id="x", table="tasks", column="text", page=1, old="", value="", author="")


# ---------------------------------------------------------------------------------------------- facts


def test_a_corrected_cell_says_so_and_keeps_its_evidence(tmp_path):
    records, troubles = corrected(RECORDS, {}, book(correction(), tmp=tmp_path))
    assert not troubles and records[0].plan.number == "46/KH-SYT"
    (row,) = records[0].plan_fields
    assert (row.value, row.source, row.evidence) == ("46/KH-SYT", "correction", plan_record().plan_fields[0].evidence)
    assert records[1:] == list(RECORDS[1:])


def test_a_cell_that_nothing_was_read_into_leads_to_the_place_that_was_corrected(tmp_path):
    row = correction(plan_id=DECISION, column="signer_name", page=1, old="", value="Đàm Thị Sen", box=Box(60, 10, 220, 45), line=1)
    (record,), troubles = corrected([decision_record()], {DECISION: scan_reading()}, book(row, tmp=tmp_path))
    assert not troubles and record.plan.signer_name == "Đàm Thị Sen"
    field = next(f for f in record.plan_fields if f.column == "signer_name")
    assert field.source == "correction" and field.evidence.raw == "Sô: 09/QD-UBND" and field.evidence.rule == "correction.c001"


def test_every_kind_of_cell_can_be_corrected_and_the_tables_hold(tmp_path):
    rows = (
        correction(1, column="is_plan", old="true", value="false"),
        correction(2, column="issue_date", old="2024-03-11", value="2024-03-17", page=2),
        correction(3, column="place", old="Cà Mau", value=""),
        correction(4, table="tasks", column="responsible", page=1, line=7, old="Các trạm y tế | x ¦ y", value="Trạm y tế | Phòng Y"),
        correction(5, table="deadlines", column="end", page=1, line=6, old="2024-09-30", value="2024-09-20"),
        correction(6, table="tasks", column="targets", page=1, line=5, old=TARGETS.format(3, "ít nhất 03 lớp"), value=TARGETS.format(4, 4)),
        correction(7, table="citations", column="cited_id", page=1, line=1, old="9/QĐ-UBND", value="8/QĐ-UBND"),
        correction(8, table="recipients", column="name", page=1, line=7, old="VT", value="VT, NVY"),
        correction(9, table="sections", column="title", page=1, line=4, old="NỘI DUNG", value="NỘI DUNG CHÍNH"),
    )  # fmt: skip
    records, troubles = corrected(RECORDS, {}, book(*rows, tmp=tmp_path))
    assert not troubles
    plan, record = records[0].plan, records[0]
    assert (plan.is_plan, plan.issue_date, plan.place) == (False, "2024-03-17", None)
    assert record.tasks[1].responsible == ("Trạm y tế", "Phòng Y") and record.deadlines[0].end == "2024-09-20"
    assert [t.quantity for t in record.tasks[0].targets] == [4.0, 2.5] and record.citations[0].cited_id == "8/QĐ-UBND"
    assert record.recipients[1].name == "VT, NVY" and record.sections[0].title == "NỘI DUNG CHÍNH"
    assert len(tabulate(records, {}, ()).plans) == len(RECORDS)


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("plans", "issue_date", "17/3/2024"),
        ("plans", "number_source", "bịa"),
        ("plans", "plan_id", "ffee00112233"),
        ("plans", "no_column", "x"),
        ("deadlines", "kind", "mai"),
        ("deadlines", "kind", ""),
        ("deadlines", "task_no", "9"),
        ("tasks", "targets", "ba lớp"),
        ("tasks", "raw", "x"),
        ("tasks", "text", ""),
    ],
)
def test_a_value_that_its_column_cannot_hold_changes_nothing(tmp_path, table, column, value):
    records, troubles = corrected(RECORDS, {}, book(correction(table=table, column=column, page=1, line=6, value=value), tmp=tmp_path))
    assert records == list(RECORDS) and told(troubles) == ["correction_malformed"]


def test_a_correction_undone_leaves_no_trace(tmp_path):
    there = correction(1)
    back = correction(2, old=there.value, value=there.old)
    assert corrected(RECORDS, {}, book(there, back, tmp=tmp_path)) == (list(RECORDS), [])
    again = correction(3, value="48/KH-SYT")
    assert corrected(RECORDS, {}, book(there, back, again, tmp=tmp_path))[0][0].plan.number == "48/KH-SYT"


def test_a_later_correction_goes_on_from_the_one_before(tmp_path):
    records, troubles = corrected(RECORDS, {}, book(correction(1), correction(2, old="46/KH-SYT", value="64/KH-SYT"), tmp=tmp_path))
    assert records[0].plan.number == "64/KH-SYT" and not troubles


def test_two_people_who_disagree_are_shown(tmp_path):
    records, troubles = corrected(RECORDS, {}, book(correction(1), correction(2, value="47/KH-SYT"), tmp=tmp_path))
    assert records[0].plan.number == "47/KH-SYT" and told(troubles) == ["correction_conflict"] and "c001" in troubles[0].problem.detail


def test_what_no_longer_fits_is_shown(tmp_path):
    rows = (
        correction(1, plan_id="123456789abc"),
        correction(2, column="title", old="Rà soát vườn thú", value="Rà soát thư viện", line=None, page=3),
        correction(3, table="tasks", column="text", page=1, line=90, old="Trồng rừng phòng hộ ven biển", value="x"),
        correction(4, table="tasks", column="section", page=1, line=5, old="II", value="III"),
    )
    records, troubles = corrected(RECORDS, {}, book(*rows, tmp=tmp_path))
    assert records == list(RECORDS)
    assert [t.problem.code for t in sorted(troubles, key=lambda t: t.problem.detail)] == [
        "correction_orphan",
        "correction_conflict",
        "correction_orphan",
        "correction_conflict",
    ]
    assert all(t.path for t in troubles)


def test_the_same_corrections_give_the_same_bytes(tmp_path):
    rows = [
        correction(1),
        correction(2, value="x/KH"),
        correction(3, plan_id="123456789abc"),
        correction(4, column="title", old="q", value="r"),
    ]
    for name, some in (("a", rows), ("b", rows[::-1])):
        records, troubles = corrected(RECORDS, {}, book(*some, tmp=tmp_path / name))
        store.write(tabulate(records, {}, [ProblemRow(t.plan_id, t.path, t.problem) for t in troubles]), tmp_path / f"out-{name}")
    assert store.digest(tmp_path / "out-a") == store.digest(tmp_path / "out-b")


# ---------------------------------------------------------------------------------------------- lines


def printed(texts: list[str], top: int = 0, number: int = 1) -> Page:
    """A scanned page of these lines, each letter GLYPH pixels wide."""
    lines = []
    for k, text in enumerate(texts):
        words, x = [], 0
        for word in text.split():
            start = len(" ".join(w.text for w in words)) + (1 if words else 0)
            words.append(
                Word(
                    word, start, start, start + len(word), Box(x, top + k * HEIGHT, x + GLYPH * len(word), top + (k + 1) * HEIGHT - 8), 0.5
                )
            )
            x += GLYPH * (len(word) + 1)
        lines.append(Line(k + 1, " ".join(text.split()), " ".join(text.split()), tuple(words)))
    return Page(number, tuple(lines), "ocr", WIDTH, 2000, 150)


def whole(page: Page) -> None:
    for line in page.lines:
        assert all(line.text[w.start : w.end] == w.text for w in line.words)
        assert all(0 <= w.raw_start <= w.raw_end <= len(line.raw) for w in line.words)
        assert " ".join(line.text.split()) == " ".join(w.text for w in line.words)


def said(reading: Reading) -> list[str]:
    return [line.text for _, line in reading.lines()]


def line_correction(no: int, page: Page, index: int, value: str, **cells: object) -> Correction:
    line = page.lines[index]
    made = correction(
        no, plan_id=SOURCE, table="lines", column="text", page=page.number, line=line.number, box=line.box, old=line.text, value=value
    )
    return replace(made, **cells)


def test_a_line_of_a_text_keeps_its_blanks_and_the_count_of_lines():
    reading = text_reading("A\n  - Phong  Y\tte chu tri.\n\nB\n")
    row = correction(
        plan_id=SOURCE, table="lines", column="text", page=1, line=2, old="- Phong Y te chu tri.", value="- Phòng Y tế chủ trì."
    )
    got, troubles = amended(reading, (row,))
    assert said(got) == ["A", "  - Phòng Y tế chủ trì.", "", "B"] and not troubles
    whole(got.pages[0])
    assert [line.corrected for _, line in got.lines()] == [None, (2, 2 + len(row.value)), None, None]
    assert [line.raw for _, line in got.lines()] == [line.raw for _, line in reading.lines()]


def test_a_line_since_cut_in_two_and_one_since_joined_are_found():
    before = printed(["phòng nội vụ chủ trì xét duyệt hồ sơ", "trung tâm y tế báo cáo"])
    rows = (line_correction(1, before, 0, "phòng nội vụ chủ trì thẩm định hồ sơ"),)
    x = before.lines[0].words
    cut = replace(
        before, lines=(replace(before.lines[0], text="phòng nội vụ chủ", words=x[:4]), _shifted(before.lines[0], 4), before.lines[1])
    )
    got, troubles = amended(Reading("scan", (cut,)), rows)
    assert said(got) == ["phòng nội vụ chủ", "trì thẩm định hồ sơ", "trung tâm y tế báo cáo"] and not troubles
    joined = printed(["phòng nội vụ chủ trì xét duyệt hồ sơ trước ngày làm việc"])
    got, troubles = amended(Reading("scan", (joined,)), rows)
    assert said(got) == ["phòng nội vụ chủ trì thẩm định hồ sơ trước ngày làm việc"] and not troubles


def _shifted(line: Line, first: int) -> Line:
    words = line.words[first:]
    off = words[0].start
    moved = tuple(replace(w, start=w.start - off, raw_start=w.raw_start - off, raw_end=w.raw_end - off) for w in words)
    return Line(line.number + 1, line.raw[off:], line.text[off:], moved)


def test_the_words_at_the_ends_of_a_misread_line_belong_to_it():
    before = printed(["phòng nội vụ chủ trì", "dòng sau"])
    now = printed(["ph#~g nội vụ chủ ~|1", "dòng sau"])
    got, troubles = amended(Reading("scan", (now,)), (line_correction(1, before, 0, "phòng nội vụ chủ trì."),))
    assert said(got) == ["phòng nội vụ chủ trì.", "dòng sau"] and not troubles


def test_a_corrected_line_undone_or_corrected_again(tmp_path):
    page = printed(["so 12 cua so y te"])
    one = line_correction(1, page, 0, "số 12 của sở y tế")
    two = replace(one, id="c002", at="2024-05-02T08:00:00", old=one.value, value="số 13 của sở y tế")
    assert said(amended(Reading("scan", (page,)), (one, two))[0]) == ["số 13 của sở y tế"]
    undo = replace(one, id="c003", at="2024-05-03T08:00:00", old=one.value, value=one.old)
    write(tmp_path / "c.csv", (one, undo))
    assert read(tmp_path).rows == ()
    clash = replace(two, old=one.old, value="số 21 của xã y tế phường", id="c004")
    got, troubles = amended(Reading("scan", (page,)), (one, clash))
    assert said(got) == ["số 21 của xã y tế phường"] and told(troubles) in (["correction_conflict"], [])


# ---------------------------------------------------------------------------------------------- 200 corrections, another OCR


def misread(rng: random.Random, text: str) -> str:
    """The words as another model might read them: diacritics lost, letters taken for others, a word now and then joined to the next."""
    out = []
    for word in text.split():
        if rng.random() < 0.25:
            word = bare(word)
        if rng.random() < 0.08 and len(word) > 2:
            k = rng.randrange(len(word))
            word = word[:k] + rng.choice("il1o0e") + word[k + 1 :]
        out.append(word)
    return " ".join(out)


def laid_out(rng: random.Random, texts: list[str], number: int) -> Page:
    """The same page read anew: words misread, some lines cut in two, some joined, all a few pixels off."""
    page = printed([misread(rng, t) for t in texts], number=number)
    lines: list[Line] = []
    dx, dy = rng.randint(-6, 6), rng.randint(-6, 6)
    for line in page.lines:
        words = tuple(replace(w, box=Box(w.box.left + dx, w.box.top + dy, w.box.right + dx, w.box.bottom + dy)) for w in line.words)
        line = replace(line, words=words)
        if rng.random() < 0.2 and len(words) > 4:
            cut = rng.randrange(2, len(words) - 1)
            first = replace(line, text=line.text[: words[cut].start - 1], raw=line.raw[: words[cut].start - 1], words=words[:cut])
            lines += [first, _shifted(line, cut)]
        else:
            lines.append(line)
    return replace(page, lines=tuple(replace(line, number=k) for k, line in enumerate(lines, 1)))


def corpus_of_lines(rng: random.Random, pages: int) -> list[list[str]]:
    return [[" ".join(rng.sample(WORDS, rng.randint(4, 9))) for _ in range(25)] for _ in range(pages)]


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
