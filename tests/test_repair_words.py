"""How single tokens are cut and read: marks around words, words joined by marks."""

import pytest

from pipeline.repair import repair_text
from pipeline.repair.channel import spread
from pipeline.repair.grammar import analyse, cut
from pipeline.settings import Repair


@pytest.mark.parametrize(
    ("token", "parts"),
    [
        ("pháp./.", ("", "pháp", "./.")),
        ("(nếu", ("(", "nếu", "")),
        ("và/hoặc", ("", "và/hoặc", "")),
        ("/.", ("", "", "/.")),
        ("12/", ("", "12/", "")),
    ],
)
def test_marks_are_cut_off_words(token: str, parts: tuple[str, str, str]) -> None:
    assert cut(token) == parts


def test_the_mark_that_ends_an_official_text_ends_a_sentence() -> None:
    assert analyse("hiện./.").units == ("hiện", "<p>")


def test_the_mark_that_ends_an_official_text_stays() -> None:
    raw = "Dé nghi cac don vi nghiém tic trién khai thuc hién./.\n"
    assert [line.text for _, line in repair_text(raw, Repair()).lines()] == ["Đề nghị các đơn vị nghiêm túc triển khai thực hiện./."]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("thdi gian cham nép la 0,10%/thang tinh trén sé tién", "thời gian chậm nộp là 0,10%/tháng tính trên số tiền"),
        ("hé trg 1.200.000/ngudi/thang cho cac xa", "hỗ trợ 1.200.000/người/tháng cho các xã"),
        ("xé tén; loai/caép/hang; nam dua vao sw dung", "xã tên; loại/cấp/hạng; năm đưa vào sử dụng"),
        ("theo muc 12/lh cua bang", "theo mục 12/lh của bảng"),  # too short to be told
    ],
)
def test_words_after_a_slash_are_read(raw: str, text: str) -> None:
    line = repair_text(raw + "\n", Repair()).pages[0].lines[0]
    assert [w for w in line.text.split() if "/" in w] == [w for w in text.split() if "/" in w]


def test_readings_of_like_shape_are_known_from_one() -> None:
    counts = spread({("ủ", "ti"): 100.0, ("ủ", "u"): 500.0, ("ờ", "gh"): 2.0})
    assert counts["ủ", "ti"] == 100
    assert 0 < counts["ủ", "tt"] < 5 and counts["ủ", "tt"] == counts["ủ", "li"]
    assert ("ủ", "ta") not in counts and ("ủ", "v") not in counts and len([k for k in counts if k[0] == "ờ"]) == 1


def test_a_reading_in_pieces_never_seen_before_is_read() -> None:
    raw = "Quyét dinh ngay 15 thang 01 nam 2015 ctta Chinh phu quy dinh chi tiét\n"
    assert repair_text(raw, Repair()).pages[0].lines[0].text == "Quyết định ngày 15 tháng 01 năm 2015 của Chính phủ quy định chi tiết"
