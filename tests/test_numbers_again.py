"""Numbers of a scan that are read again: what is doubted, and how the readings vote."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from paper import Sheet

from pipeline import settings
from pipeline.document import Box, Line
from pipeline.layout.order import Token, as_line
from pipeline.ocr import numbers
from pipeline.ocr.numbers import is_possible, numbers_again

PAGE = np.full((200, 1200), 255, np.uint8)
LIMITS = settings.Ocr()


def tokens(*words: tuple[str, float], step: int = 100) -> list[Token]:
    """Words of one line side by side, `step` pixels apart."""
    return [Token(text, Box(step * k + 10, 50, step * k + 90, 80), sure) for k, (text, sure) in enumerate(words)]


def line(*words: tuple[str, float]) -> Line:
    return as_line(tuple(tokens(*words)))


def looks(monkeypatch: pytest.MonkeyPatch, *readings: list[Token]) -> list[int]:
    """Lets further looks read these, one after the other, then nothing; the list counts the looks."""
    made: list[int] = []

    def read(image: np.ndarray, parts: list[Box], *_: object) -> list[list[Token]]:
        made.append(len(parts))
        reading = readings[len(made) - 1] if len(made) <= len(readings) else []
        return [[t for t in reading if p.left <= t.box.left < p.right] for p in parts]

    monkeypatch.setattr(numbers, "_read", read)
    return made


def again(*words: tuple[str, float]) -> Line:
    (out,) = numbers_again(PAGE, [line(*words)], 300, LIMITS)
    assert [out.text[w.start : w.end] for w in out.words] == [out.raw[w.raw_start : w.raw_end] for w in out.words] == out.text.split()
    return out


@pytest.mark.parametrize(
    ("text", "before", "possible"),
    [
        ("31", "ngày", True),
        ("92", "ngày", False),
        ("13", "tháng", False),
        ("Z018", "năm", False),
        ("20198", "năm", False),
        ("2099", "năm", False),
        ("05/4/2023", "ngày", True),
        ("05/14/2023", "ngày", False),
        ("24/KH-UBND", "số", True),
        ("24⁄KH-UBND", "số", True),
        ("24/KH-LBND", "số", False),
        ("Í24/KH-UBND", "số", False),
        ("36/2019/QH14", "số", True),
        ("1.200.000", "là", True),
        ("b.1.2)", "", True),
        ("02/2007/TT-", "số", True),
        ("5/2024.", "tháng", True),
        ("13/2024", "tháng", False),
        ("5/2024", "ngày", False),
        ("III/2018.", "quý", True),
        ("11/2018", "quý", False),
        ("2025./.", "năm", True),
        ("2.1/", "", True),
        ("2.1/", "số", False),
    ],
)
def test_what_a_number_can_be(text: str, before: str, possible: bool) -> None:
    assert is_possible(text, before, known=text != "02/2007/TT-") is possible


def test_two_readings_outvote_one(monkeypatch: pytest.MonkeyPatch) -> None:
    second = tokens(("số", 0.9), ("58/KH-UBND", 0.9), ("ngày", 0.9))
    looks(monkeypatch, second, second)
    out = again(("số", 0.96), ("53/KH-UBND", 0.5), ("ngày", 0.96))
    assert out.text == "số 58/KH-UBND ngày"
    assert 0.5 < (out.words[1].confidence or 0) < 0.9


def test_a_number_that_is_read_alike_again_stays_and_takes_one_look(monkeypatch: pytest.MonkeyPatch) -> None:
    words = (("số", 0.96), ("53/KH-UBND", 0.5), ("ngày", 0.96))
    made = looks(monkeypatch, tokens(("số", 0.9), ("53/KH-UBND", 0.8), ("ngày", 0.9)))
    assert again(*words).text == "số 53/KH-UBND ngày"
    assert made == [1]


def test_what_all_readings_agree_on_can_be_cited_but_is_no_own_number(monkeypatch: pytest.MonkeyPatch) -> None:
    looks(monkeypatch, tokens(("số", 0.9), ("53/KH-UBND", 0.4), ("ngày", 0.9)))
    sure = again(("số", 0.96), ("53/KH-UBND", 0.3), ("ngày", 0.96)).words[1].confidence or 0
    limits = settings.Extract()
    assert limits.review_below < sure < limits.digits_above


def test_where_no_two_agree_the_first_reading_stays_and_is_doubtful(monkeypatch: pytest.MonkeyPatch) -> None:
    others = ["51/KH-UBND", "58/KH-UBND", "68/KH-UBND", "83/KH-UBND"]
    looks(monkeypatch, *(tokens(("số", 0.9), (x, 0.9), ("ngày", 0.9)) for x in others))
    word = again(("số", 0.96), ("53/KH-UBND", 0.7), ("ngày", 0.96)).words[1]
    assert word.text == "53/KH-UBND" and (word.confidence or 0) <= numbers.NO_TWO_AGREE
    assert [a.text for a in word.alternatives] == others


def test_a_day_that_cannot_be_is_never_sure(monkeypatch: pytest.MonkeyPatch) -> None:
    same = tokens(("ngày", 0.96), ("92", 0.96), ("tháng", 0.96))
    looks(monkeypatch, same, same, same, same)
    word = again(("ngày", 0.96), ("92", 0.96), ("tháng", 0.96)).words[1]
    assert word.text == "92" and (word.confidence or 0) <= numbers.NO_TWO_AGREE


def test_a_number_of_a_form_that_is_not_known_is_believed_where_three_readings_are_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    same = tokens(("TCVN", 0.96), ("8215:2009", 0.7), ("về", 0.96))
    looks(monkeypatch, same, same)
    word = again(("TCVN", 0.96), ("8215:2009", 0.7), ("về", 0.96)).words[1]
    assert (word.text, word.alternatives) == ("8215:2009", ()) and (word.confidence or 0) > numbers.AGREED
    looks(monkeypatch, same, tokens(("TCVN", 0.96), ("8216:2009", 0.7), ("về", 0.96)))
    assert (again(("TCVN", 0.96), ("8215:2009", 0.7), ("về", 0.96)).words[1].confidence or 0) <= numbers.NO_TWO_AGREE


def test_a_number_read_in_two_pieces_is_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    joined = [
        Token("số", Box(10, 50, 90, 80), 0.9),
        Token("1340/NQ-HĐND", Box(110, 50, 290, 80), 0.9),
        Token("ngày", Box(310, 50, 390, 80), 0.9),
    ]
    looks(monkeypatch, joined, joined)
    out = again(("số", 0.96), ("1", 0.6), ("340/NQ-HĐND", 0.6), ("ngày", 0.96))
    assert out.text == "số 1340/NQ-HĐND ngày"
    assert out.words[1].box == Box(110, 50, 290, 80)


def test_a_letter_of_the_shape_of_a_digit_is_one_where_a_number_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    second = tokens(("năm", 0.9), ("2018", 0.9), ("của", 0.9))
    looks(monkeypatch, second)
    assert again(("năm", 0.96), ("Z018", 0.9), ("của", 0.96)).text == "năm 2018 của"


def test_words_and_sure_numbers_are_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    made = looks(monkeypatch)
    before = line(("Tổ", 0.2), ("số", 0.95), ("12", 0.96), ("hẽp", 0.1))
    assert numbers_again(PAGE, [before, line(*[("xã", 0.96)] * 40)], 300, LIMITS)[0] is before
    assert made == []


def test_no_second_look_where_the_setting_says_none(monkeypatch: pytest.MonkeyPatch) -> None:
    made = looks(monkeypatch)
    before = [line(("số", 0.96), ("53/KH-UBND", 0.1))]
    assert numbers_again(PAGE, before, 300, replace(LIMITS, look_again_below=0.0)) is before
    assert made == []


def test_print_is_read_again_where_it_stands() -> None:
    sheet = Sheet(200)
    sheet.write(30, 40, "Căn cứ Kế hoạch số 1297/KH-UBND ngày 18 tháng 9 năm 2021 của ủy ban")
    image = sheet.grey()
    dark = np.argwhere(image < 128)
    (top, left), (bottom, right) = dark.min(axis=0), dark.max(axis=0)
    words = ["Căn", "cứ", "Kế", "hoạch", "số", "1291/KH-UBND", "ngày", "18", "tháng", "9", "năm", "2021", "của", "ủy", "ban"]
    text, at = " ".join(words), 0
    boxes: list[Box] = []
    for w in words:
        scale = (right - left) / len(text)
        boxes.append(Box(int(left + scale * at), int(top), int(left + scale * (at + len(w))), int(bottom) + 1))
        at += len(w) + 1
    made = as_line(tuple(Token(w, b, 0.4 if "/" in w else 0.96) for w, b in zip(words, boxes, strict=True)))
    (out,) = numbers_again(image, [made], 200, LIMITS)
    assert "1297/KH-UBND" in out.text
