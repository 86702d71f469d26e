"""Tables without upright rules, or without any: columns by their white, rows by rules or numbers; and what is no table."""

import numpy as np
import pytest
from paper import BODY, Sheet, full_page
from rapidfuzz import fuzz

from pipeline import ocr
from pipeline.document import Page
from pipeline.image import clean
from pipeline.layout.gaps import gutters
from pipeline.layout.tables import find_tables
from pipeline.pages import Scan
from pipeline.settings import Settings
from pipeline.text import bare

S = Settings()
X = (25, 42, 100, 148)  # left edges of the columns in mm
HEAD = ("TT", "Nội dung công việc", "Chủ trì", "Thời gian")
ROWS = (
    (("1",), ("Khảo sát vườn tạp tại", "các ấp vùng sâu"), ("Chi hội ấp Đông",), ("Tháng 3/2024",)),
    (("2",), ("Phát giống bưởi",), ("Ban Chấp hành", "Hội Làm vườn xã"), ("Trước 15/5/2024",)),
    (("3",), ("Tập huấn tỉa cành",), ("Trạm Khuyến nông",), ("Quý III",)),
)


def sheet(rules: str, group: bool = False) -> tuple[Sheet, dict[tuple[int, int], str]]:
    """A page with the table between two paragraphs, and the texts of its cells."""
    page = Sheet(200)
    wanted: dict[tuple[int, int], str] = {}
    page.lines(30, 20, BODY[:2])
    y, row = 45.0, 0

    def rule(at: float, left: float = 22, right: float = 190) -> None:
        page.pen.line([page.px(left), page.px(at), page.px(right), page.px(at)], fill="black", width=3)

    def cells(texts: tuple[tuple[str, ...], ...]) -> None:
        nonlocal y, row
        for c, lines in enumerate(texts):
            for k, text in enumerate(lines):
                page.write(X[c], y + 2 + 6 * k, text, 12)
            wanted[row, c] = " ".join(lines)
        y += 4 + 6 * max(map(len, texts))
        row += 1

    if rules != "none":
        rule(y)
    cells(tuple((t,) for t in HEAD))
    for k, texts in enumerate(ROWS):
        if rules == "all" or (rules == "few" and k == 0):
            rule(y)
        if group and k == 1:
            page.write(X[0], y + 2, "II. Công việc của các chi hội trong quý hai năm 2024", 12, bold=True)
            wanted[row, 0] = "II. Công việc của các chi hội trong quý hai năm 2024"
            y, row = y + 10, row + 1
            if rules == "all":
                rule(y)
        cells(texts)
    if rules != "none":
        rule(y)
    page.lines(30, y + 12, BODY[2:5])
    return page, wanted


def read(image: np.ndarray) -> Page:
    return ocr.read(clean(Scan(1, image, 200), S.image), S.ocr)


def cells_of(page: Page) -> dict[tuple[int, int], str]:
    out: dict[tuple[int, int], list[str]] = {}
    for line in page.lines:
        if line.cell:
            assert line.kind == "table"
            out.setdefault(line.cell[1:], []).append(line.text)
    return {k: " ".join(v) for k, v in out.items()}


@pytest.mark.parametrize("rules, group", [("all", False), ("few", True), ("none", True)])
def test_a_table_without_upright_rules_becomes_cells(rules: str, group: bool) -> None:
    drawn, wanted = sheet(rules, group)
    page = read(drawn.array())
    found = cells_of(page)
    assert found.keys() == wanted.keys()
    assert {k for k in wanted if fuzz.ratio(bare(found[k]), bare(wanted[k])) < 85} == set()
    kinds = [line.kind for line in page.lines]
    assert kinds[:2] == ["text"] * 2 and kinds[-3:] == ["text"] * 3 and set(kinds[2:-3]) == {"table"}
    assert [line.cell for line in page.lines if line.cell] == sorted(line.cell for line in page.lines if line.cell)


def test_the_upper_level_of_a_header_with_a_short_rule_is_one_cell_over_two() -> None:
    page = Sheet(200)
    edges = (22, 40, 95, 125, 155, 190)

    def rule(at: float, left: float, right: float) -> None:
        page.pen.line([page.px(left), page.px(at), page.px(right), page.px(at)], fill="black", width=3)

    for y, texts in (
        (42, ("TT", "Việc", "", "", "Ghi chú")),
        (60, ["1", "a", "b", "c", "d"]),
        (70, ["2", "a", "b", "c", "d"]),
        (80, ["3", "a", "b", "c", "d"]),
    ):
        rule(y - 2, 22, 190)
        for left, text in zip(edges, texts, strict=False):
            page.write(left + 3, y, {"a": "Đào ao nuôi cá", "b": "Ấp Tân", "c": "Ấp Mới", "d": "Đã xong"}.get(text, text), 12)
    page.write(115, 42, "Phân công", 12)
    rule(49.5, 97, 153)
    page.write(98, 51, "Chủ trì", 12)
    page.write(128, 51, "Giúp", 12)
    rule(90, 22, 190)
    page.lines(30, 110, BODY)
    (table,) = find_tables(page.grey())[0]
    at = {(c.row, c.column): c.box for c in table.cells}
    assert len(table.cells) == 4 + 2 + 3 * 5
    over, under = at[0, 2], (at[1, 2], at[1, 3])
    assert over.left <= page.px(98) and over.right >= page.px(146) and over.bottom <= page.px(50)
    assert under[0].right <= page.px(128) and under[1].left >= page.px(112) and under[0].top >= page.px(49)


def test_pages_of_text_letterheads_and_lists_are_no_tables() -> None:
    listed = Sheet(200)
    for k in range(8):
        listed.write(30, 40 + 9 * k, f"{k + 1}.")
        listed.write(45, 40 + 9 * k, "Hộ trồng bưởi da xanh")
        listed.write(120, 40 + 9 * k, "ấp Đông, xã Bình Phú")
    head = full_page()
    for y in (60, 130, 200):  # rules under headings, each as long as the last, with one column of text between
        head.pen.line([head.px(30), head.px(y), head.px(180), head.px(y)], fill="black", width=3)
    for page in (listed, head):
        assert not cells_of(read(page.array()))


def test_columns_are_white_on_next_to_all_lines() -> None:
    ink = np.zeros((100, 300), np.uint8)
    lines = [(10 * k, 10 * k + 8) for k in range(10)]
    for top, bottom in lines:
        ink[top:bottom, 0:90] = ink[top:bottom, 120:200] = ink[top:bottom, 210:300] = 1
    assert [(g.left, g.right) for g in gutters(ink, lines, 20)] == [(90, 120)]  # ten pixels are a blank at that size
    ink[lines[4][0] : lines[4][1], 90:120] = 1
    assert len(gutters(ink, lines, 20)) == 1  # a group row runs across
    for top, bottom in lines[:4]:
        ink[top:bottom, 90:120] = 1
    assert gutters(ink, lines, 20) == ()
