"""Official names of bodies, and what a title tells: its period, a campaign, marks in capitals."""

from __future__ import annotations

import pytest
from letterheads import BODY, plan

from pipeline.extract import authority, title


@pytest.mark.parametrize(
    ("printed", "place", "date", "name"),
    [
        (("SỞ LĐ-TB&XH",), "Đắk Lắk", "2021-01-01", "Sở Lao động - Thương binh và Xã hội tỉnh Đắk Lắk"),
        (("UBND TP. HỒ CHÍ MINH", "SỞ Y TẾ"), None, None, "Sở Y tế Thành phố Hồ Chí Minh"),
        (("UBND QUẬN 1", "TRƯỜNG TIỂU HỌC KIM ĐỒNG"), "Quận 1", None, "Trường Tiểu học Kim Đồng"),
        (("UBND TỈNH HÀ GIANG", "BAN CHỈ ĐẠO 389"), "Hà Giang", None, "Ban Chỉ đạo 389 tỉnh Hà Giang"),
        (("TỈNH ỦY CAO BẰNG", "BAN TỔ CHỨC"), "Cao Bằng", None, "Ban Tổ chức Tỉnh ủy Cao Bằng"),
        (("UBND TỈNH TRÀ VINH", "VĂN PHÒNG"), "Trà Vinh", None, "Văn phòng Ủy ban nhân dân tỉnh Trà Vinh"),
        (("SỞ TƯ PHÁP BÀ RỊA - VŨNG TÀU",), None, "2020-01-01", "Sở Tư pháp tỉnh Bà Rịa - Vũng Tàu"),
        (("Sở Tư pháp",), "Huế", "2025-03-01", "Sở Tư pháp thành phố Huế"),
        (("Bộ Nội vụ",), "Hà Nội", "2025-03-01", "Bộ Nội vụ"),
        (("QUÂN KHU 5", "BỘ CHỈ HUY QUÂN SỰ TỈNH PHÚ YÊN"), "Phú Yên", None, "Bộ Chỉ huy quân sự tỉnh Phú Yên"),
        (("SỞ Y TẾ TỈNH LONG AN", "BỆNH VIỆN ĐA KHOA KHU VỰC CẦN GIUỘC"), None, None, "Bệnh viện đa khoa khu vực Cần Giuộc"),
        (("CÔNG AN TỈNH - SỞ Y TẾ TỈNH NAM ĐỊNH",), None, None, "Công an tỉnh Nam Định - Sở Y tế tỉnh Nam Định"),
        (("UY BAN NHAN DAN TINH NAM DINH",), None, None, "Ủy ban nhân dân tỉnh Nam Định"),
    ],
)
def test_official_names(printed: tuple[str, ...], place: str | None, date: str | None, name: str) -> None:
    assert authority.official(printed, place, date).name == name


@pytest.mark.parametrize(
    ("words", "span"),
    [
        ("Công tác thi đua năm 2024", ("2024", "2024")),
        ("Thực hiện Đề án giai đoạn 2021-2025, tầm nhìn đến năm 2030", ("2021", "2025")),
        ("Thực hiện Luật Đất đai năm 2024 trên địa bàn huyện", (None, None)),
        ("Thực hiện Quyết định số 12/2021/QĐ-UBND ngày 05/6/2021", (None, None)),
        ("Kiểm tra quý III năm 2023", ("2023-07", "2023-09")),
        ("Công tác 6 tháng cuối năm 2022", ("2022-07", "2022-12")),
        ("Phát triển cây dược liệu đến năm 2030", (None, "2030")),
        ("Chăm sóc người cao tuổi", (None, None)),
    ],
)
def test_period_of_a_title(words: str, span: tuple[str | None, str | None]) -> None:
    assert title.period(words) == span


def test_days_from_the_part_on_time_where_the_title_prints_no_year() -> None:
    head = "BỘ Y TẾ\nSố: 77/KH-BYT\nHà Nội, ngày 04 tháng 4 năm 2019\nKẾ HOẠCH\nTriển khai Tháng hành động vì trẻ em\n" + BODY
    found = plan(head + "\nII. TỔ CHỨC\n1. Thời gian thực hiện: từ ngày 01/6/2019 đến hết ngày 30/6/2019.\n")
    assert (found["period_start"], found["period_end"]) == ("2019-06-01", "2019-06-30")
