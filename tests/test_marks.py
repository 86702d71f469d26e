"""What the print says of marks over vowels and at the ends of words, and of words that are read again."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from pipeline import settings
from pipeline.document import Box, Line, Word
from pipeline.layout.order import Token, as_line
from pipeline.ocr import weak_words as again
from pipeline.ocr.marks import with_marks
from pipeline.repair.doubtful import mended_lines
from pipeline.repair.store import DEFAULT, load
from pipeline.settings import Repair
from pipeline.synth.fonts import font_path

LIMITS = settings.Ocr()
PAGE = (
    "Tổ dân phố báo cáo kết quả dọn vệ sinh ngõ xóm trước ngày lễ",
    "Các hộ để rác đúng chỗ và đúng giờ, không đổ ra bờ ao cầu cảng",
    "Trẻ nhỏ cần được đưa đến trạm y tế để tiêm chủng đầy đủ mũi",
    "Hội phụ nữ thăm hỏi, tặng quà cho những nhà gần cầu thấp trũng",
    "Đội văn nghệ tập bài mới ở sân đình, mời bà con đến xem; ông Sáu",
    "giữ chìa khóa nhà văn hóa, ai mượn ghế ký vào sổ của thủ quỹ.",
)


def printed(lines: tuple[str, ...], face: str, size: int) -> tuple[np.ndarray, list[Line]]:
    """A page of lines and what a recogniser that errs in nothing says of it; `size` of the letters in pixels."""
    font = ImageFont.truetype(str(font_path(face)), size)
    page = Image.new("L", (size * 40, size * (2 * len(lines) + 2)), 255)
    draw, made = ImageDraw.Draw(page), []
    for k, line in enumerate(lines):
        at, tokens = float(size), []
        for word in line.split():
            box = draw.textbbox((at, size * (2 * k + 1)), word, font=font)
            draw.text((at, size * (2 * k + 1)), word, fill=0, font=font)
            tokens.append(Token(word, Box(*map(int, box)), 0.96))
            at += font.getlength(word + " ")
        made.append(as_line(tuple(tokens)))
    return np.asarray(page), made


def read_as(line: Line, was: str, now: str, sure: float = 0.96) -> Line:
    """The line with one of its words read as another."""
    words = tuple(replace(w, text=now if w.text == was else w.text, confidence=sure if w.text == was else w.confidence) for w in line.words)
    text = " ".join(w.text for w in words)
    starts = [len(" ".join(w.text for w in words[:k])) + (k > 0) for k in range(len(words))]
    words = tuple(replace(w, start=s, raw_start=s, raw_end=s + len(w.text)) for w, s in zip(words, starts, strict=True))
    return replace(line, raw=text, text=text, words=words)


@pytest.mark.parametrize("size", [38, 56])  # of 14 pt at 200 and 300 dpi
@pytest.mark.parametrize("face", ["Tinos", "Arimo", "DejaVu Serif"])
def test_the_print_tells_whether_marks_are_as_read(face: str, size: int) -> None:
    image, lines = printed(PAGE, face, size)
    told = [w for line in with_marks(lines, image) for w in line.words if w.marks is not None]
    assert len(told) > 40 and np.mean([(w.marks or 0) > 0.8 for w in told]) > 0.75
    for was, now in (("cầu", "câu"), ("nhỏ", "nhò"), ("ngõ", "ngo"), ("dân", "dận"), ("quả", "qua"), ("thăm", "thâm")):
        wrong = [read_as(line, was, now) for line in lines]
        assert all(w.marks is None or w.marks < 0.5 for line in with_marks(wrong, image) for w in line.words if w.text == now), now


def test_nothing_is_said_of_small_print_and_capitals() -> None:
    image, lines = printed(PAGE, "Tinos", 24)
    assert all(w.marks is None for line in with_marks(lines, image) for w in line.words)
    image, lines = printed(tuple(x.upper() for x in PAGE), "Tinos", 50)
    assert all(w.marks is None for line in with_marks(lines, image) for w in line.words)


@pytest.mark.parametrize("size", [38, 56])
@pytest.mark.parametrize(
    ("was", "now", "sure", "made"),
    [
        ("giờ,", "giờ.", 0.96, "giờ,"),
        ("xem;", "xem:", 0.96, "xem;"),
        ("quỹ.", "quỹ,", 0.8, "quỹ."),
        ("quỹ.", "quỹ,", 0.96, "quỹ,"),  # a tail that is faint is lost before it is invented
        ("quỹ.", "quỹ.", 0.8, "quỹ."),
        ("xem;", "xem;", 0.5, "xem;"),
        ("xem;", "xem,", 0.5, "xem,"),  # a second dot is no matter of a tail
    ],
)
def test_stops_and_commas_are_told_by_their_tails(was: str, now: str, sure: float, made: str, size: int) -> None:
    image, lines = printed(PAGE, "Tinos", size)
    out = with_marks([read_as(line, was, now, sure) for line in lines], image)
    (word,) = [w for before, line in zip(lines, out, strict=True) for v, w in zip(before.words, line.words, strict=True) if v.text == was]
    assert word.text == made
    assert all(line.text == line.raw == " ".join(w.text for w in line.words) for line in out)
    assert all(line.text[w.start : w.end] == w.text for line in out for w in line.words)


@pytest.mark.parametrize("word", ["câu", "cầu"])
def test_a_word_that_is_printed_wrong_stays_and_one_that_was_read_wrong_is_mended(word: str) -> None:
    image, lines = printed((*PAGE[:-1], f"Các xã nêu rõ yêu {word} quản lý và chất lượng của công trình"), "Tinos", 50)
    lines = [read_as(x, word, "câu", 0.9) if "nêu" in x.text else x for x in lines]
    (line,) = [x for x in mended_lines(with_marks(lines, image), load(DEFAULT), Repair()) if "nêu" in x.text]
    assert f"yêu {word} quản" in line.text


@pytest.mark.parametrize(("read", "text"), [("!ệ", "lệ"), ("Thóng", "Thông"), ("lễ", "lễ")])
def test_torn_words_and_names_are_mended_only_where_they_were_doubted(read: str, text: str) -> None:
    lines = {"!ệ": "Hồ sơ không hợp {} thì trả lại cho người nộp", "Thóng": "Theo quy định của {} tư này về quản lý đất đai"}
    before = lines.get(read, "Tổ chức {} khai giảng năm học mới cho học sinh").format(read)
    for sure in (0.5, 0.96):
        words, at = [], 0
        for w in before.split():
            words.append(Word(w, at, at, at + len(w), Box(at * 20, 0, (at + len(w)) * 20, 40), sure if w == read else 0.96))
            at += len(w) + 1
        (line,) = mended_lines([Line(1, before, before, tuple(words))], load(DEFAULT), Repair())
        assert line.text == before.replace(read, text if sure < 0.9 else read)


def weak(*words: tuple[str, float]) -> Line:
    return as_line(tuple(Token(text, Box(100 * k + 10, 50, 100 * k + 90, 80), sure) for k, (text, sure) in enumerate(words)))


def second(monkeypatch: pytest.MonkeyPatch, *tokens: tuple[str, float, int, int]) -> list[int]:
    """Lets the second reading give these words (text, confidence, left, right); the list counts the pieces that it read."""
    made: list[int] = []

    def read(_: np.ndarray, parts: list[Box], *__: object) -> list[list[Token]]:
        made.append(len(parts))
        found = [Token(text, Box(left, 50, right, 80), sure) for text, sure, left, right in tokens]
        return [[t for t in found if p.left <= t.box.left < p.right] for p in parts]

    monkeypatch.setattr(again, "recognise_parts", read)
    monkeypatch.setattr("pipeline.ocr.again.tesseract_models", lambda: frozenset({"vie", "Vietnamese"}))
    return made


WHITE = np.full((200, 1200), 255, np.uint8)


def test_weak_words_become_what_is_read_surer(monkeypatch: pytest.MonkeyPatch) -> None:
    line = weak(("Nhưtrên;", 0.1), ("tờ", 0.96), ("trìih", 0.4), ("số", 0.95), ("12", 0.3), ("của", 0.7), ("tổ", 0.96))
    read = [("Như", 0.9, 10, 40), ("trên;", 0.9, 50, 90), ("trình", 0.6, 212, 288), ("13", 0.96, 412, 488), ("cúa", 0.5, 512, 588)]
    made = second(monkeypatch, *read)
    (out,) = again.words_again(WHITE, [line], 300, LIMITS)
    assert out.text == out.raw == "Như trên; tờ trình số 12 của tổ"
    assert all(out.text[w.start : w.end] == w.text for w in out.words) and made == [1]
    trinh = next(w for w in out.words if w.text == "trình")
    assert (trinh.confidence, trinh.alternatives[0].text) == (0.6, "trìih")
    assert [a.text for w in out.words if w.text == "của" for a in w.alternatives] == ["cúa"]


def test_a_second_reading_that_parts_the_line_elsewhere_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    line = weak(("dâ", 0.1), ("nphố", 0.2), ("tư", 0.3), ("xã", 0.96))
    second(monkeypatch, ("dân phố", 0.95, 10, 190))
    assert again.words_again(WHITE, [line], 300, LIMITS) == [line]


def test_a_page_with_few_weak_words_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    made = second(monkeypatch, ("xóm", 0.95, 10, 90))
    line = weak(("xốm", 0.1), ("bản", 0.96), ("làng", 0.96), ("tư", 0.2))
    assert again.words_again(WHITE, [line], 300, LIMITS) == [line]
    assert again.words_again(WHITE, [weak(("xốm", 0.1), ("b", 0.1), ("l", 0.1))], 300, replace(LIMITS, look_again_below=0.0))
    assert not made


def test_a_blank_page_has_no_marks() -> None:
    assert with_marks([], np.full((50, 50), 255, np.uint8)) == []
    noise = cv2.randu(np.zeros((60, 400), np.uint8), 0, 255)
    (line,) = with_marks([weak(("xóm", 0.96), ("bản", 0.96))], noise)
    assert line.text == "xóm bản"
