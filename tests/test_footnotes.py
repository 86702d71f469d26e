"""Footnotes under their short rule are told from the text; other small print and other rules are not."""

import numpy as np
import pytest
from paper import BODY, Sheet

from pipeline import ocr
from pipeline.document import Box, Line
from pipeline.image import clean
from pipeline.layout.footnotes import with_footnotes
from pipeline.layout.order import Token, as_line
from pipeline.pages import Scan
from pipeline.settings import Settings

S = Settings()
NOTES = ("1 Quyết định số 14/QĐ-HLV ngày 05 tháng 01 năm 2024 của Hội Làm vườn tỉnh.", "2 Theo số liệu kiểm kê đến hết năm 2023.")


def sheet(rule: tuple[float, float] | None, pt: float = 10, notes: tuple[str, ...] = NOTES) -> Sheet:
    page = Sheet(200)
    for block in range(3):
        page.lines(30, 25 + block * 62, BODY)
    if rule:
        page.pen.line([page.px(rule[0]), page.px(214), page.px(rule[1]), page.px(214)], fill="black", width=3)
    page.lines(30, 217, notes, 6, pt)
    return page


def test_notes_under_the_short_rule_are_footnotes() -> None:
    page = ocr.read(clean(Scan(1, sheet((30, 80)).array(), 200), S.image), S.ocr)
    assert [line.kind for line in page.lines] == ["text"] * 21 + ["footnote"] * 2
    assert "14/QĐ-HLV" in page.lines[21].text


def placed(page_top: int, text: str, high: int) -> Line:
    words = text.split()
    return as_line([Token(w, Box(200 + 120 * k, page_top, 200 + 120 * k + 100, page_top + high), 0.9) for k, w in enumerate(words)])


@pytest.mark.parametrize(
    "high, first, rule, told",
    [
        (22, "1 Theo số liệu", (200, 560), True),
        (22, "¹ Theo số liệu", (200, 560), True),
        (30, "1 Theo số liệu", (200, 560), False),  # as large as the text
        (22, "Theo số liệu", (200, 560), False),  # no mark
        (22, "1 Theo số liệu", (700, 1060), False),  # a rule in the middle, under a title
        (22, "1 Theo số liệu", (200, 1400), False),  # the rule of a table or footer
    ],
)
def test_all_signs_of_a_footnote_are_asked_for(high: int, first: str, rule: tuple[int, int], told: bool) -> None:
    image = np.full((2300, 1650), 255, np.uint8)
    image[1600:1603, rule[0] : rule[1]] = 0
    lines = [placed(300 + 60 * k, "chữ của phần thân văn bản", 30) for k in range(12)] + [
        placed(1620, first, high),
        placed(1660, "năm nay", high),
    ]
    assert [x.kind for x in with_footnotes(lines, image)] == ["text"] * 12 + ["footnote" if told else "text"] * 2
