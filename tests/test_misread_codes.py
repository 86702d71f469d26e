"""Codes of symbols and stray marks on scanned pages: what is mended, and what never is."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from pipeline.document import Line, text_reading
from pipeline.repair.misread_codes import mended_codes, mended_symbol, with_texts
from pipeline.repair.stray_marks import without_stray_marks


def lines(text: str, confidence: float = 0.8) -> list[Line]:
    found = text_reading(text).pages[0].lines
    return [replace(x, words=tuple(replace(w, confidence=confidence) for w in x.words)) for x in found]


def cleaned(text: str, confidence: float = 0.8) -> str:
    return "\n".join(x.text for x in without_stray_marks(lines(text, confidence)))


@pytest.mark.parametrize(
    ("read", "before", "confidence", "printed"),
    [
        ("88/QĐĐ-BYT;", "theo Quyết định số", 0.95, "88/QĐ-BYT;"),
        ("88⁄QĐ-BYT", "", 0.95, "88/QĐ-BYT"),
        ("31/CT-TTEg", "Chỉ thị số", 0.95, "31/CT-TTg"),
        ("5/TTT-SYT", "Tờ trình số", 0.95, "5/TTr-SYT"),
        ("5/TTT-SYT", "", 0.95, "5/TTT-SYT"),
        ("60/Đ-BYT", "Quyết định số", 0.7, "60/QĐ-BYT"),
        ("60/KH)SYT", "", 0.7, "60/KH-SYT"),
        ("7/2019/NQ-HDND,", "Nghị quyết", 0.95, "7/2019/NQ-HĐND,"),
        ("1O/KH-UBND", "", 0.5, "1O/KH-UBND"),
        ("71/BYT-KCBX", "Công văn số", 0.5, "71/BYT-KCBX"),
        ("71/VPUBND-TH", "", 0.5, "71/VPUBND-TH"),
        ("417/QĐ-UBNB", "Quyết định số", 0.5, "417/QĐ-UBND"),
        ("12/KH-PGD", "Kế hoạch số", 0.95, "12/KH-PGD"),
        ("36/2019/QH14", "", 0.5, "36/2019/QH14"),
        ("1⁄4", "", 0.9, "1/4"),
        ("và/hoặc", "", 0.5, "và/hoặc"),
    ],
)
def test_letters_of_known_codes_are_put_right(read: str, before: str, confidence: float, printed: str) -> None:
    assert mended_symbol(read, before, confidence, Counter()) == printed


def test_a_code_that_the_page_prints_again_is_its_own() -> None:
    assert mended_codes(lines("Kế hoạch số 4/KH-UBNK và Quyết định số 5/QĐ-BYT", 0.8))[0].text.split()[3] == "4/KH-UBND"
    twice = "Kế hoạch số 4/KH-UBNK ngày 2/3/2020 và Kế hoạch số 9/KH-UBNK"
    assert mended_codes(lines(twice, 0.8))[0].text == twice


def test_the_noun_may_end_the_line_before() -> None:
    assert mended_codes(lines("theo Tờ trình\nsố 5/TTT-SYT", 0.95))[1].text == "số 5/TTr-SYT"


@pytest.mark.parametrize(
    ("read", "printed"),
    [
        ("phạm nhân có mức-án trên năm năm", "phạm nhân có mức án trên năm năm"),
        ("gửi báo.cáo trong tuần", "gửi báo cáo trong tuần"),
        ("nhà ở,đất ở", "nhà ở,đất ở"),  # one letter is no word to part at
        ("khoa học,công nghệ", "khoa học, công nghệ"),
        ("do ủy ban: nhân dân", "do ủy ban nhân dân"),
        ("các trường, “hợp lệ", "các trường, hợp lệ"),
        ("gọi là “hợp lệ”", "gọi là “hợp lệ”"),
        ("nộp ¡ hồ sơ", "nộp hồ sơ"),
        ("số 8/NQ-CP-ngày 2", "số 8/NQ-CP ngày 2"),
        ("kinh tế – xã hội", "kinh tế – xã hội"),
        ("tỉnh Bà Rịa-Vũng Tàu", "tỉnh Bà Rịa-Vũng Tàu"),
        ("- Như trên;", "- Như trên;"),
    ],
)
def test_marks_that_nobody_prints_go_from_doubted_words(read: str, printed: str) -> None:
    assert cleaned(read) == printed
    assert cleaned(read, 0.95) == read


def test_bases_end_in_semicolons_but_the_last() -> None:
    read = "Căn cứ Luật Thú y của Quốc hội:\nCăn cứ Nghị định số 8 của\nChính phủ,\nCăn cứ ý kiến của tổ:\nNay giao các xã:"
    assert cleaned(read, 0.95).split("\n") == [
        "Căn cứ Luật Thú y của Quốc hội;",
        "Căn cứ Nghị định số 8 của",
        "Chính phủ;",
        "Căn cứ ý kiến của tổ:",
        "Nay giao các xã:",
    ]


def test_words_keep_their_places_in_raw_when_parted_and_taken_out() -> None:
    (line,) = lines("một hai-ba ¡ bốn")
    made = with_texts(line, {1: "hai ba", 2: ""})
    assert made.text == "một hai ba bốn" and made.raw == line.raw
    assert [made.text[w.start : w.end] for w in made.words] == made.text.split()
    assert [line.raw[w.raw_start : w.raw_end] for w in made.words] == ["một", "hai-ba", "hai-ba", "bốn"]
    first = with_texts(line, {0: ""})
    assert first.text == "hai-ba ¡ bốn" and first.words[0].start == 0
