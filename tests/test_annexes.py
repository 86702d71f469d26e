"""Tables that assign tasks: from Markdown, tabs, aligned columns and page images."""

from __future__ import annotations

import pytest
from duties import doc_of, laid_out

from pipeline.document import Line, Page, text_reading
from pipeline.extract.annexes import cell_units, field_of, read
from pipeline.extract.deadlines import find as deadlines
from pipeline.extract.prose import prose, prose_of
from pipeline.extract.rules import table
from pipeline.extract.tasks import find as tasks

MARKDOWN = """I. NỘI DUNG
1. Mở lớp tập huấn.
Nơi nhận:
- Như trên;

PHỤ LỤC
| STT | Nội dung công việc | Đơn vị chủ trì | Đơn vị phối hợp | Thời hạn hoàn thành | Sản phẩm |
|---|---|---|---|---|---|
| (1) | (2) | (3) | (4) | (5) | (6) |
| I | CÔNG TÁC TUYÊN TRUYỀN | | | | |
| 1 | Phát hành 5.000 tờ rơi | Phòng Văn hóa | Đoàn xã; Hội Phụ nữ xã | 30/6/2024 | Tờ rơi |
| 2 | Viết bài tuyên truyền trên | Ban Biên tập | nt | Hằng tháng | Bài viết |
| | trang thông tin điện tử | | | | |
| II | KIỂM TRA | | | | |
| 3 | Kiểm tra chéo giữa các thôn | UBND xã | | Trước ngày 15/9/2024 | Biên bản |
"""


def test_a_markdown_table() -> None:
    doc = doc_of(MARKDOWN, issue_date="2024-03-01")
    found = tasks(doc)
    assert [(t.from_table, t.section, t.text, t.responsible, t.coordinating, t.product) for t in found] == [
        (False, "I.1", "Mở lớp tập huấn.", (), (), None),
        (True, None, "Phát hành 5.000 tờ rơi", ("Phòng Văn hóa",), ("Đoàn xã", "Hội Phụ nữ xã"), "Tờ rơi"),
        (True, None, "Viết bài tuyên truyền trên trang thông tin điện tử", ("Ban Biên tập",), ("Đoàn xã", "Hội Phụ nữ xã"), "Bài viết"),
        (True, None, "Kiểm tra chéo giữa các thôn", ("UBND xã",), (), "Biên bản"),
    ]
    assert [(t.quantity, t.unit) for t in found[1].targets] == [(5000, "tờ rơi")]
    assert found[1].responsible_source == "own"
    assert (found[1].evidence.line, found[1].evidence.raw) == (11, "Phát hành 5.000 tờ rơi")
    assert found[2].evidence.line_last == 13
    assert [(d.task_no, d.kind, d.end, d.end_op, d.rrule) for d in deadlines(doc)] == [
        (2, "by", "2024-06-30", "<=", None),
        (3, "periodic", None, None, "FREQ=MONTHLY"),
        (4, "by", "2024-09-15", "<", None),
    ]


def rows(text: str) -> list[tuple[str, tuple[str, ...], tuple[str, ...], str | None]]:
    return [(r.text, r.responsible, r.coordinating, r.product) for r in read(prose_of(text_reading(text)))]


def test_tabs() -> None:
    text = (
        "TT\tNhiệm vụ\tCơ quan thực hiện\tThời gian\tKết quả\n"
        "1\tLập dự toán\tPhòng Kế toán\tQuý I/2024\tDự toán\n"
        "2\tMua sắm\t\tQuý II/2024\t\n"
    )
    assert rows(text) == [("Lập dự toán", ("Phòng Kế toán",), (), "Dự toán"), ("Mua sắm", (), (), None)]


def test_columns_aligned_by_blanks() -> None:
    text = (
        "STT   Nội dung                     Đơn vị thực hiện       Thời gian\n"
        "1     Vệ sinh trường lớp           Đoàn trường            Hằng tuần\n"
        "2     Tu sửa bàn ghế hỏng trước    Tổ Cơ sở vật chất      Tháng 8/2024\n"
        "      năm học mới\n"
    )
    assert rows(text) == [
        ("Vệ sinh trường lớp", ("Đoàn trường",), (), None),
        ("Tu sửa bàn ghế hỏng trước năm học mới", ("Tổ Cơ sở vật chất",), (), None),
    ]


def test_a_table_that_assigns_nothing_gives_no_task() -> None:
    text = (
        "| STT | Họ và tên | Chức vụ | Ghi chú |\n|---|---|---|---|\n| 1 | Nguyễn Văn A | Trưởng ban | |\n| 2 | Trần Thị B | Ủy viên | |\n"
    )
    assert rows(text) == []
    assert rows("| STT | Nội dung | Kinh phí |\n|---|---|---|\n| 1 | Thuê hội trường | 5.000.000 |\n") == []


def cells_page(grid: list[list[str]], page: int = 1, merged: dict[tuple[int, int], int] | None = None) -> list[tuple[Page, Line]]:
    """A ruled table on a page image: rows 100 pixels high; `merged` gives how many rows a cell covers, its words in their middle."""
    items, cells = [], []
    for r, row in enumerate(grid):
        for c, text in enumerate(row):
            if text:
                span = (merged or {}).get((r, c), 1)
                top = 300 + 100 * r + 50 * (span - 1)
                items.append((text, 200 + 400 * c, top, 560 + 400 * c))
                cells.append((0, r, c))
    return laid_out(items, page, cells)


HEAD = ["STT", "Nhiệm vụ", "Chủ trì", "Thời gian", "Sản phẩm"]


def test_cells_of_a_page_image_merged_downward() -> None:
    grid = [HEAD, ["1", "Rà soát quy chế", "Phòng Pháp chế", "Quý I", "Báo cáo"], ["2", "Sửa quy chế", "", "Quý II", "Quy chế"],
            ["3", "Phổ biến quy chế", "Văn phòng", "Quý III", ""]]  # fmt: skip
    found = read(prose(cells_page(grid, merged={(1, 2): 2})))
    assert [(r.text, r.responsible, r.product) for r in found] == [
        ("Rà soát quy chế", ("Phòng Pháp chế",), "Báo cáo"),
        ("Sửa quy chế", ("Phòng Pháp chế",), "Quy chế"),
        ("Phổ biến quy chế", ("Văn phòng",), None),
    ]


@pytest.mark.parametrize("header_again", [True, False])
def test_a_row_cut_by_a_page_break_is_one(header_again: bool) -> None:
    one = cells_page([HEAD, ["1", "Tổ chức hội thao chào mừng", "Công đoàn", "Tháng 7", "Kế hoạch"]])
    rest = [["", "ngày thành lập ngành", "", "", "hội thao"], ["2", "Tổng kết hội thao", "Công đoàn", "Tháng 8", "Báo cáo"]]
    two = cells_page([HEAD, *rest] if header_again else rest, page=2)
    found = read(prose([*one, *two]))
    assert [(r.text, r.product) for r in found] == [
        ("Tổ chức hội thao chào mừng ngày thành lập ngành", "Kế hoạch hội thao"),
        ("Tổng kết hội thao", "Báo cáo"),
    ]


def test_headers_on_two_levels_with_start_and_end() -> None:
    grid = [["TT", "Nội dung", "Phân công thực hiện", "", "Thời gian", ""], ["", "", "Chủ trì", "Phối hợp", "Bắt đầu", "Kết thúc"],
            ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)"], ["1", "Khảo sát", "Sở Y tế", "Sở Tài chính", "01/3/2024", "15/3/2024"]]  # fmt: skip
    doc = doc_of(prose(cells_page(grid)), issue_date="2024-02-01")
    (task,) = tasks(doc)
    assert (task.responsible, task.coordinating) == (("Sở Y tế",), ("Sở Tài chính",))
    assert [(d.kind, d.start, d.end) for d in deadlines(doc)] == [("range", "2024-03-01", "2024-03-15")]


def test_a_group_row_that_names_a_unit_holds_for_its_rows() -> None:
    grid = [
        ["STT", "Nội dung", "Thời gian"],
        ["I", "Phòng Nội vụ", ""],
        ["1", "Lập danh sách", "Tháng 3"],
        ["II", "Công an xã", ""],
        ["2", "Trực lễ hội", "Tháng 2"],
    ]
    assert [(r.text, r.responsible) for r in read(prose(cells_page(grid)))] == [
        ("Lập danh sách", ("Phòng Nội vụ",)), ("Trực lễ hội", ("Công an xã",)),
    ]  # fmt: skip


def test_a_day_that_a_cell_breaks_is_read_as_one() -> None:
    items = [("STT", 200, 300, 400), ("Nội dung", 600, 300, 900), ("Thời hạn", 1000, 300, 1300), ("1", 200, 400, 240),
             ("Báo cáo sơ kết", 600, 400, 900), ("Trước ngày", 1000, 400, 1300), ("20/7/2024", 1000, 460, 1300)]  # fmt: skip
    cells = [(0, 0, 0), (0, 0, 1), (0, 0, 2), (0, 1, 0), (0, 1, 1), (0, 1, 2), (0, 1, 2)]
    (found,) = deadlines(doc_of(prose(laid_out(items, 1, cells)), issue_date="2024-02-01"))
    assert (found.kind, found.end, found.end_op, found.evidence.raw) == ("by", "2024-07-20", "<", "Trước ngày 20/7/2024")
    assert (found.evidence.line, found.evidence.line_last) == (6, 7)


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("Phòng Nội vụ; Phòng Tài chính", ("Phòng Nội vụ", "Phòng Tài chính")),
        ("- Sở Y tế\n- Công an tỉnh", ("Sở Y tế", "Công an tỉnh")),
        ("Sở Văn hóa, Thể thao\nvà Du lịch", ("Sở Văn hóa, Thể thao và Du lịch",)),
        ("Phòng VH-XH, TT PVHCC", ("Phòng VH-XH", "TT PVHCC")),
        ("Các phòng, đơn vị thuộc Sở", ("Các phòng, đơn vị thuộc Sở",)),
        ("", ()),
        ("-nt-", ()),
    ],
)
def test_units_of_a_cell(text: str, units: tuple[str, ...]) -> None:
    assert cell_units(text) == units


def test_every_known_header_is_its_field() -> None:
    for row in table("annex_columns"):
        assert field_of(row["header"]) == row["field"], row


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("CƠ QUAN, ĐƠN VỊ CHỦ TRÌ", "responsible"),
        ("Nội dung công việc cần triển khai", "task"),
        ("Thời gian\nhoàn thành", "time"),
        ("Co quan phoi hop", "coordinating"),
        ("Họ và tên", None),
        ("Số điện thoại", None),
        ("Địa chỉ", None),
    ],
)
def test_headers(header: str, field: str | None) -> None:
    assert field_of(header) == field
