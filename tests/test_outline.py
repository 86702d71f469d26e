"""The outline from any numbering, and what becomes of misread markers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from duties import doc_of

from pipeline.document import Page, text_reading
from pipeline.extract.outline import find, read
from pipeline.extract.prose import prose
from pipeline.extract.rules import load
from pipeline.extract.titles import is_purpose


def parts(text: str) -> list[tuple[str, str, str | None]]:
    return [(s.section, s.kind, s.title) for s in find(doc_of(text))]


def paths(text: str) -> list[str]:
    return [s.section for s in find(doc_of(text))]


DECIMAL = """KẾ HOẠCH
Tổ chức Ngày hội đọc sách năm 2024
Thực hiện chỉ đạo của Sở, nhà trường xây dựng Kế hoạch như sau:
I. MỤC ĐÍCH
Khơi dậy thói quen đọc sách trong học sinh.
II. NỘI DUNG
1. Trưng bày sách
1.1. Tổ Thư viện sắp xếp 12 gian sách theo chủ đề.
1.2. Mỗi lớp giới thiệu một cuốn sách hay, gồm các bước:
- Chọn sách trước ngày hội;
- Vẽ tranh minh họa.
2. Giao lưu với nhà văn
Đoàn trường mời nhà văn nói chuyện với học sinh khối 8.
III. TỔ CHỨC THỰC HIỆN
1. Ban Giám hiệu phê duyệt chương trình.
2. Giáo viên chủ nhiệm phổ biến đến học sinh.
Trên đây là Kế hoạch tổ chức Ngày hội đọc sách./.
Nơi nhận:
1. Như trên;
"""


def test_decimal_numbering_with_bullets() -> None:
    assert parts(DECIMAL) == [
        ("I", "heading", "MỤC ĐÍCH"),
        ("II", "heading", "NỘI DUNG"),
        ("II.1", "heading", "Trưng bày sách"),
        ("II.1.1", "numbered_paragraph", None),
        ("II.1.2", "leadin", "Mỗi lớp giới thiệu một cuốn sách hay, gồm các bước"),
        ("II.2", "heading", "Giao lưu với nhà văn"),
        ("III", "heading", "TỔ CHỨC THỰC HIỆN"),
        ("III.1", "numbered_paragraph", None),
        ("III.2", "numbered_paragraph", None),
    ]


@pytest.mark.parametrize(
    ("markers", "expected"),
    [
        (["I- MỤC ĐÍCH", "1- Mục đích chung", "II- NỘI DUNG", "1- Tuyên truyền", "a) Treo pa nô", "b) Phát tờ rơi", "2- Kiểm tra"],
         ["I", "I.1", "II", "II.1", "II.1.a", "II.1.b", "II.2"]),
        (["Phần I. MỤC ĐÍCH", "Phần II. NỘI DUNG", "1. Tuyên truyền", "1.1. Treo pa nô", "2. Kiểm tra", "2.1 Lập đoàn", "2.2 Báo cáo"],
         ["I", "II", "II.1", "II.1.1", "II.2", "II.2.1", "II.2.2"]),
        (["A. MỤC ĐÍCH", "B. NỘI DUNG", "I. Tuyên truyền", "1. Treo pa nô", "II. Kiểm tra", "1. Lập đoàn", "C. KINH PHÍ"],
         ["A", "B", "B.I", "B.I.1", "B.II", "B.II.1", "C"]),
        (["1. MỤC ĐÍCH", "2. NỘI DUNG", "2.1. Tuyên truyền", "a. Treo pa nô", "b. Phát tờ rơi", "2.2. Kiểm tra", "3. KINH PHÍ"],
         ["1", "2", "2.1", "2.1.a", "2.1.b", "2.2", "3"]),
        (["I/ MỤC ĐÍCH", "II/ NỘI DUNG", "1/ Tuyên truyền", "1.1/ Treo pa nô", "2/ Kiểm tra"], ["I", "II", "II.1", "II.1.1", "II.2"]),
        (["I. NỘI DUNG", "2.1. Tuyên truyền", "2.2. Kiểm tra", "II. KINH PHÍ"], ["I", "I.2.1", "I.2.2", "II"]),
        (["II.1. Tuyên truyền", "II.2. Kiểm tra"], ["II.1", "II.2"]),
        (["Chương I. QUY ĐỊNH", "Điều 1. Phạm vi", "1. Quy định này", "Điều 2. Đối tượng"], ["I", "I.1", "I.1.1", "I.2"]),
        (["1. Một", "a) A", "b) B", "c) C", "d) D", "đ) Đ", "e) E", "g) G"], ["1", "1.a", "1.b", "1.c", "1.d", "1.đ", "1.e", "1.g"]),
    ],
)  # fmt: skip
def test_numberings(markers: list[str], expected: list[str]) -> None:
    assert paths("\n".join(m + " và những việc có liên quan." for m in markers)) == expected


def test_a_part_with_its_title_on_the_next_line() -> None:
    text = "Phần thứ nhất\nMỤC ĐÍCH\n1. Nâng cao ý thức.\nPhần thứ hai\nNỘI DUNG\n1. Mở lớp.\n2. Thi."
    assert [(s.section, s.title) for s in find(doc_of(text))][:3] == [("I", "MỤC ĐÍCH"), ("I.1", None), ("II", "NỘI DUNG")]


@pytest.mark.parametrize(
    ("markers", "expected"),
    [
        (["1. MỤC ĐÍCH", "1. Mục đích", "2. Yêu cầu", "II. NỘI DUNG", "III. KINH PHÍ"], ["I", "I.1", "I.2", "II", "III"]),
        (["I. MỤC ĐÍCH", "H. NỘI DUNG", "HI. KINH PHÍ", "IV. TỔ CHỨC"], ["I", "II", "III", "IV"]),
        (["l. MỤC ĐÍCH", "ll. NỘI DUNG", "1. Tuyên truyền", "2. Kiểm tra", "IIl. KINH PHÍ"], ["I", "II", "II.1", "II.2", "III"]),
        (["I. NỘI DUNG", "l. Tuyên truyền", "2. Kiểm tra"], ["I", "I.1", "I.2"]),
        (["I. MỤC ĐÍCH", "Il. NỘI DUNG", "Ill. KINH PHÍ", "IV. TỔ CHỨC", "Vv. ĐIỀU KHOẢN"], ["I", "II", "III", "IV", "V"]),
        (["1. MỤC ĐÍCH", "2. Yêu cầu", "H. NỘI DUNG", "III. KINH PHÍ"], ["I", "I.2", "II", "III"]),
        (["I. NỘI DUNG", "1. Tuyên truyền", "S. Việc lạ", "3. Kiểm tra"], ["I", "I.1", "I.3"]),
    ],
)
def test_misread_markers_are_mended_by_their_siblings(markers: list[str], expected: list[str]) -> None:
    more = " và những việc có liên quan"
    assert paths("\n".join(m + (more.upper() if m[3:].isupper() else more) for m in markers)) == expected


@pytest.mark.parametrize(
    ("headings", "expected"),
    [
        (("I. MỤC ĐÍCH", "II. NỘI DUNG", "TỔ CHỨC THỰC HIỆN:"), ["I", "I.1", "II", "II.1", "III", "III.1"]),
        (("I. MỤC ĐÍCH", "Il. NỘI DUNG", "II]. TỔ CHỨC THỰC HIỆN"), ["I", "I.1", "II", "II.1", "III", "III.1"]),
        (("I. MỤC ĐÍCH", "II. NỘI DUNG", "I. TỔ CHỨC THỰC HIỆN"), ["I", "I.1", "II", "II.1", "III", "III.1"]),
        (("I- MỤC ĐÍCH", "IIl- NỘI DUNG", "Ill- TỔ CHỨC THỰC HIỆN"), ["I", "I.1", "II", "II.1", "III", "III.1"]),
    ],
)
def test_numbers_of_headings_that_a_recogniser_lost_or_misread(headings: tuple[str, ...], expected: list[str]) -> None:
    """On a page image; in clean text a heading without a number has none."""
    text = "".join(f"{h}\n1. Mở lớp học cho cán bộ.\n" for h in headings)
    lines = text_reading(text).pages[0].lines
    page = Page(1, lines, "ocr", 2480, 3508, 300)
    nodes = read(prose([(page, line) for line in lines]))
    assert [n.path for n in nodes if n.path] == expected


def test_a_heading_without_a_number_has_none_in_clean_text() -> None:
    assert paths("I. MỤC ĐÍCH\n1. Mở lớp.\nII. NỘI DUNG\n1. Thi.\nTỔ CHỨC THỰC HIỆN:\n- Họp.") == ["I", "I.1", "II", "II.1"]


def test_a_number_in_running_text_is_no_part() -> None:
    assert paths("I. NỘI DUNG\n1. Mở lớp học.\n15/6 là hạn cuối của đợt đăng ký.\n1.250 cây xanh được trồng mới.\n2. Thi cuối khóa.") == [
        "I", "I.1", "I.2",
    ]  # fmt: skip


def test_a_doubtful_marker_lowers_confidence() -> None:
    sections = find(doc_of("HI. KINH PHÍ\nIV. TỔ CHỨC THỰC HIỆN"))
    assert sections[0].evidence.confidence < sections[1].evidence.confidence


@pytest.mark.parametrize(
    "title", ["MỤC ĐÍCH, YÊU CẦU", "Mục đích", "Yêu cầu", "Quan điểm chỉ đạo", "MUC PICH, YEU CAU", "Mục đích và yêu cầu"]
)
def test_parts_on_purpose(title: str) -> None:
    assert is_purpose(title)


@pytest.mark.parametrize("title", ["NỘI DUNG", "Mục tiêu cụ thể", "TỔ CHỨC THỰC HIỆN", "YÊU CẦU VÀ NHIỆM VỤ", "Kiểm tra", "Mục lục hồ sơ"])
def test_parts_on_doing(title: str) -> None:
    assert not is_purpose(title)


@pytest.mark.parametrize("prefix", ["marker.", "closing.", "formula."])
def test_marker_rules(prefix: str) -> None:
    for r in load("outline").starting(prefix):
        for text, groups in r.examples:
            m = r.pattern.fullmatch(r.read(text))
            assert m, (r.id, text)
            assert all(m[g] == v for g, v in groups), (r.id, text)
        for text in r.never:
            assert not r.pattern.fullmatch(r.read(text)), (r.id, text)


@pytest.mark.bench
def test_long_texts_take_linear_time() -> None:
    import time

    def seconds(n: int) -> float:
        text = "\n".join(f"{k % 90 + 1}. Việc thứ {k}\n- Bước một;\n- Bước hai." for k in range(n))
        doc = doc_of(text)
        begun = time.process_time()
        read(doc._.prose)
        return time.process_time() - begun

    assert seconds(2000) < 10 * max(0.05, seconds(400))


def test_a_first_point_opens_a_paragraph_below_a_heading_that_ends_in_a_joining_word() -> None:
    text = "II. TỔ CHỨC THỰC HIỆN\n2. Trách nhiệm của Hội Luật gia tỉnh\na) Cử luật gia tham gia.\nb) Báo cáo kết quả.\n"
    assert [s.section for s in find(doc_of(text))] == ["II", "II.2", "II.2.a", "II.2.b"]


def test_numbers_of_parts_that_lost_a_stroke_or_were_read_as_a_letter() -> None:
    lines = text_reading("Phần I\nMỤC TIÊU\n1. Một.\nPhần H\nNỘI DUNG\n1. Hai.\nPhần II\nTHỰC HIỆN\n1. Ba.\n").pages[0].lines
    page = Page(1, lines, "ocr", 2480, 3508, 300)
    nodes = read(prose([(page, line) for line in lines]))
    assert [n.path for n in nodes if n.path] == ["I", "I.1", "II", "II.1", "III", "III.1"]
    assert "III" not in [n.path for n in read(prose([(replace(page, origin="text"), line) for line in lines]))]
