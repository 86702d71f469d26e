"""Rows of corrections, and printed pages that they correct, for tests."""

from __future__ import annotations

import csv
import random
from dataclasses import replace
from pathlib import Path

from corpus_records import PLAN

from pipeline.corrections import COLUMNS, Book, Correction, read
from pipeline.document import Box, Line, Page, Reading, Word
from pipeline.text import bare

SOURCE = "aa00bb11cc22"
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


def shifted(line: Line, first: int) -> Line:
    words = line.words[first:]
    off = words[0].start
    moved = tuple(replace(w, start=w.start - off, raw_start=w.raw_start - off, raw_end=w.raw_end - off) for w in words)
    return Line(line.number + 1, line.raw[off:], line.text[off:], moved)


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
            lines += [first, shifted(line, cut)]
        else:
            lines.append(line)
    return replace(page, lines=tuple(replace(line, number=k) for k, line in enumerate(lines, 1)))


def corpus_of_lines(rng: random.Random, pages: int) -> list[list[str]]:
    return [[" ".join(rng.sample(WORDS, rng.randint(4, 9))) for _ in range(25)] for _ in range(pages)]
