"""Printed lines become paragraphs, and every character leads back to its line."""

from __future__ import annotations

import pytest
from duties import laid_out, prose_of_pages

from pipeline.document import text_reading
from pipeline.extract.paragraphs import goes_on
from pipeline.extract.prose import prose_of

PARAGRAPHS = (
    "I. MỤC ĐÍCH",
    "Kế hoạch này nhằm giúp các tổ dân phố giữ gìn vệ sinh môi trường, phòng chống dịch bệnh mùa hè và xây dựng nếp sống văn minh.",
    "II. NỘI DUNG",
    "- Tổng vệ sinh đường làng, ngõ xóm vào chiều thứ Sáu; mỗi hộ tự thu dọn trước cửa nhà mình và tham gia cùng tổ dân phố.",
    "- Phun thuốc diệt muỗi tại các ao tù, bãi rác tạm và những nơi có nguy cơ cao trên địa bàn toàn phường trong tháng 6.",
    "Ủy ban nhân dân phường giao Trạm Y tế phường theo dõi, tổng hợp kết quả và báo cáo lãnh đạo phường vào cuối mỗi tháng.",
)


def wrap(text: str, width: int) -> list[str]:
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return [*lines, line]


def paragraphs(text: str) -> list[str]:
    p = prose_of(text_reading(text))
    return [p.paragraph_text(q) for q in p.paragraphs]


@pytest.mark.parametrize("width", [66, 72, 90])
def test_wrapped_lines_without_blanks(width: int) -> None:
    text = "\n".join(line for p in PARAGRAPHS for line in wrap(p, width))
    assert paragraphs(text) == list(PARAGRAPHS)


@pytest.mark.parametrize("width", [66, 72, 90])
def test_wrapped_lines_with_a_blank_between_paragraphs(width: int) -> None:
    text = "\n\n".join("\n".join(wrap(p, width)) for p in PARAGRAPHS)
    assert paragraphs(text) == list(PARAGRAPHS)


@pytest.mark.parametrize("width", [66, 72])
def test_a_blank_after_every_printed_line(width: int) -> None:
    text = "\n\n".join(line for p in PARAGRAPHS for line in wrap(p, width))
    assert paragraphs(text) == list(PARAGRAPHS)


def test_one_paragraph_a_line_with_and_without_blanks() -> None:
    assert paragraphs("\n".join(PARAGRAPHS)) == list(PARAGRAPHS)
    assert paragraphs("\n\n".join(PARAGRAPHS)) == list(PARAGRAPHS)


def test_a_blank_line_in_the_middle_of_a_sentence_parts_nothing() -> None:
    text = (
        "Hội thi được tổ chức từ tháng 3 đến tháng 5. Hằng năm,\n\nđánh giá kết quả và khen thưởng các đội đạt giải.\n\n"
        "Ban Tổ chức mời các trường."
    )
    assert paragraphs(text)[0].endswith("Hằng năm, đánh giá kết quả và khen thưởng các đội đạt giải.")


def test_a_page_break_with_its_number_parts_nothing() -> None:
    lines = wrap(PARAGRAPHS[1], 60) + wrap(PARAGRAPHS[3], 60)
    text = "\n".join(lines[:1] + ["", "2", ""] + lines[1:] + wrap(PARAGRAPHS[4], 60))
    assert paragraphs(text)[0] == PARAGRAPHS[1]


def test_years_broken_after_the_dash_are_joined() -> None:
    assert "2021-2025" in paragraphs("Thực hiện chương trình giai đoạn 2021-\n2025 trên địa bàn.")[0]


@pytest.mark.parametrize(
    ("before", "here", "expected"),
    [
        ("Thành viên Hội đồng Thi đua", "- Khen thưởng huyện rà soát hồ sơ", True),
        ("phát triển kinh tế", "- xã hội của địa phương", True),
        ("giai đoạn 2023", "- 2025 trên toàn ngành", True),
        ("Công tác tuyên truyền", "- Khen thưởng các điển hình", False),
        ("phát động phong trào thi đua.", "- Khen thưởng các điển hình", False),
        ("các cơ quan gửi báo cáo trước ngày", "05/6/2024 để tổng hợp", True),
        ("KẾ HOẠCH", "Tổ chức ngày hội", False),
        ("Giám sát tại cơ sở", "1.1. Đoàn giám sát chọn 06 xã", False),
        ("1. Trách nhiệm của Công an tỉnh", "1.1. Phòng Tham mưu chủ trì", False),
    ],
)
def test_lines_that_can_only_go_on(before: str, here: str, expected: bool) -> None:
    assert goes_on(before, here) is expected


def test_boxes_tell_paragraphs_by_indent_and_short_last_line() -> None:
    page = laid_out(
        [
            ("Ủy ban nhân dân phường yêu cầu các tổ dân phố tổ chức họp dân trước", 440, 300, 2300),
            ("ngày 10 tháng 5 và gửi biên bản về Văn phòng để tổng hợp, báo cáo", 300, 380, 2300),
            ("Đảng ủy phường theo quy định.", 300, 460, 1200),
            ("Trạm Y tế phường chuẩn bị thuốc, hóa chất và phương tiện phun khử", 440, 540, 2300),
            ("khuẩn cho 12 điểm công cộng.", 300, 620, 1100),
            ("Công an phường giữ gìn trật tự tại các điểm họp dân và điểm phun", 440, 700, 2300),
        ]
    )
    p = prose_of_pages(page)
    assert [p.paragraph_text(q)[:16] for q in p.paragraphs] == ["Ủy ban nhân dân ", "Trạm Y tế phường", "Công an phường g"]


def test_a_paragraph_goes_on_over_the_page() -> None:
    full, more = (
        "Dòng chữ đầy đủ chiều rộng của trang giấy và còn tiếp tục sang",
        "trang sau của văn bản này cho đến khi hết đoạn văn được in",
    )
    one = laid_out([(full, 300, 300 + 80 * k, 2300) for k in range(6)])
    two = laid_out([(more, 300, 300 + 80 * k, 2300) for k in range(6)], page=2)
    assert len(prose_of_pages(one, two).paragraphs) == 1


def test_every_span_leads_back_to_its_words() -> None:
    text = "## I. NỘI DUNG\n* **Tổ chức**  hội thi   cấp xã\n+ Mở lớp *tập huấn* cho cán bộ\n"
    p = prose_of(text_reading(text))
    assert p.text == "I. NỘI DUNG\nTổ chức hội thi cấp xã\n+ Mở lớp tập huấn cho cán bộ"
    for word in ("hội thi", "NỘI DUNG", "tập huấn"):
        at = p.text.index(word)
        e = p.evidence(at, at + len(word), "x")
        assert word in " ".join(e.raw.replace("*", "").split())
        assert text.split("\n")[e.line - 1].count(word.split()[0])
