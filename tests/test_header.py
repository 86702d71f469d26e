"""Letterheads of many bodies and layouts, invented: every field right, or absent where the page prints none."""

import msgspec
import pytest

from pipeline.document import Box, Line, Page, Reading, Record, Word, text_reading
from pipeline.extract import authority, extract, title
from pipeline.settings import Extract

BODY = """
Căn cứ Luật Trẻ em;
Thực hiện chương trình công tác, cơ quan xây dựng kế hoạch như sau:

I. MỤC ĐÍCH
- Nâng cao nhận thức.
"""


def records(text: str) -> tuple[Record, ...]:
    return extract(text_reading(text), Extract(), "0123456789ab", "a.txt")


def plan(text: str) -> dict[str, object]:
    found = records(text)
    assert len(found) == 1
    return msgspec.to_builtins(found[0].plan)


CASES = {
    "two columns on one line, number and day left blank": (
        """UBND TỈNH KIÊN GIANG                    CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
    SỞ NỘI VỤ                               Độc lập - Tự do - Hạnh phúc
Số:        /KH-SNV                      Kiên Giang, ngày     tháng 4 năm 2023

                              KẾ HOẠCH
        Kiểm tra công tác cải cách hành chính năm 2023
""",
        {
            "number": None,
            "issue_date": "2023-04",
            "place": "Kiên Giang",
            "issuing_authority": "Sở Nội vụ tỉnh Kiên Giang",
            "parent_authority": "Ủy ban nhân dân tỉnh Kiên Giang",
            "title": "Kiểm tra công tác cải cách hành chính năm 2023",
            "period_start": "2023",
            "period_end": "2023",
        },
    ),
    "columns glued by one blank": (
        """UBND HUYỆN GÒ QUAO CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
PHÒNG TƯ PHÁP Độc lập - Tự do - Hạnh phúc
Số: 12/KH-PTP Gò Quao, ngày 05 tháng 3 năm 2021
KẾ HOẠCH
Tổ chức Ngày Pháp luật năm 2021
""",
        {"number": "12/KH-PTP", "issue_date": "2021-03-05", "place": "Gò Quao", "issuing_authority": "Phòng Tư pháp huyện Gò Quao"},
    ),
    "Party committee, tab between the columns": (
        """TỈNH ỦY SÓC TRĂNG\tĐẢNG CỘNG SẢN VIỆT NAM
*\tSóc Trăng, ngày 12 tháng 02 năm 2022
Số 45-KH/TU

KẾ HOẠCH
thực hiện Nghị quyết số 12-NQ/TW, ngày 16/3/2022 của Bộ Chính trị
về tăng cường sự lãnh đạo của Đảng
-----
""",
        {
            "number": "45-KH/TU",
            "issue_date": "2022-02-12",
            "place": "Sóc Trăng",
            "issuing_authority": "Tỉnh ủy Sóc Trăng",
            "parent_authority": None,
            "period_start": None,
            "title": "thực hiện Nghị quyết số 12-NQ/TW, ngày 16/3/2022 của Bộ Chính trị về tăng cường sự lãnh đạo của Đảng",
        },
    ),
    "school, columns one after the other": (
        """SỞ GD&ĐT CÀ MAU
TRƯỜNG THPT HỒ THỊ KỶ
Số: 77/KH-HTK

CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
Cà Mau, ngày 9 tháng 9 năm 2024

KẾ HOẠCH
GIÁO DỤC CỦA NHÀ TRƯỜNG
Năm học 2024 - 2025
""",
        {
            "number": "77/KH-HTK",
            "issue_date": "2024-09-09",
            "issuing_authority": "Trường Trung học phổ thông Hồ Thị Kỷ",
            "parent_authority": "Sở Giáo dục và Đào tạo tỉnh Cà Mau",
            "period_start": "2024",
            "period_end": "2025",
        },
    ),
    "Markdown table": (
        """| **UBND XÃ TÂN LẬP** | **CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM** |
|---|---|
| Số: 08/KH-UBND | **Độc lập – Tự do – Hạnh phúc** |
| | *Tân Lập, ngày 20 tháng 8 năm 2025* |

## KẾ HOẠCH

**Triển khai chuyển đổi số trên địa bàn xã Tân Lập năm 2025**
""",
        {
            "number": "08/KH-UBND",
            "issue_date": "2025-08-20",
            "place": "Tân Lập",
            "issuing_authority": "Ủy ban nhân dân xã Tân Lập",
            "title": "Triển khai chuyển đổi số trên địa bàn xã Tân Lập năm 2025",
        },
    ),
    "front committee and its standing board": (
        """ỦY BAN MTTQ VIỆT NAM
TỈNH HẬU GIANG
BAN THƯỜNG TRỰC
Số: 15/KH-MTTQ-BTT
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
Hậu Giang, ngày 07 tháng 6 năm 2021
KẾ HOẠCH
Giám sát việc thực hiện chế độ bảo hiểm
""",
        {
            "number": "15/KH-MTTQ-BTT",
            "issuing_authority": "Ban Thường trực Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh Hậu Giang",
            "parent_authority": "Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh Hậu Giang",
            "period_start": None,
        },
    ),
    "trade union": (
        """LIÊN ĐOÀN LAO ĐỘNG TỈNH LONG AN
CÔNG ĐOÀN VIÊN CHỨC
Số: 19/KH-CĐVC
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
Long An, ngày 14 tháng 7 năm 2022
KẾ HOẠCH
Phát động phong trào thi đua “Lao động giỏi, lao động sáng tạo” giai đoạn 2022 -
2025
""",
        {
            "issuing_authority": "Công đoàn Viên chức tỉnh Long An",
            "parent_authority": "Liên đoàn Lao động tỉnh Long An",
            "campaign": "Lao động giỏi, lao động sáng tạo",
            "period_start": "2022",
            "period_end": "2025",
        },
    ),
    "youth union, an anniversary is no period": (
        """BCH ĐOÀN TỈNH BẠC LIÊU           ĐOÀN TNCS HỒ CHÍ MINH
***
Số: 88-KH/TĐTN-TG             Bạc Liêu, ngày 01 tháng 3 năm 2020
KẾ HOẠCH
Tổ chức các hoạt động kỷ niệm 89 năm Ngày thành lập Đoàn TNCS Hồ Chí Minh
(26/3/1931 - 26/3/2020)
""",
        {
            "number": "88-KH/TĐTN-TG",
            "issuing_authority": "Ban Chấp hành Đoàn tỉnh Bạc Liêu",
            "issue_date": "2020-03-01",
            "period_start": None,
            "period_end": None,
        },
    ),
    "marks of secrecy and urgency": (
        """BỘ CÔNG AN
CÔNG AN TỈNH HÀ TĨNH
Số: 101/KH-CAT-PV01
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
Hà Tĩnh, ngày 30 tháng 11 năm 2023
MẬT
HỎA TỐC
KẾ HOẠCH
Bảo đảm an ninh Tết Nguyên đán Giáp Thìn 2024
""",
        {
            "secrecy": "MẬT",
            "urgency": "HỎA TỐC",
            "issuing_authority": "Công an tỉnh Hà Tĩnh",
            "parent_authority": "Bộ Công an",
            "uri": "vn/ha-tinh/cat/kh/2023/101",
            "period_start": "2024",
        },
    ),
    "day only in the electronic signature": (
        """Ký bởi: Văn phòng Ủy ban nhân dân
Ngày ký: 15-06-2023 09:12:44 +07:00
ỦY BAN NHÂN DÂN
TỈNH HÒA BÌNH
Số: /KH-UBND
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
Hòa Bình, ngày     tháng 6 năm 2023
KẾ HOẠCH
Về việc triển khai Đề án 06 trên địa bàn tỉnh năm 2023
""",
        {
            "number": None,
            "issue_date": "2023-06-15",
            "issue_date_source": "overlay",
            "issuing_authority": "Ủy ban nhân dân tỉnh Hòa Bình",
            "title": "Về việc triển khai Đề án 06 trên địa bàn tỉnh năm 2023",
        },
    ),
    "city named after a person": (
        """ỦY BAN NHÂN DÂN              CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
THÀNH PHỐ HỒ CHÍ MINH                 Độc lập - Tự do - Hạnh phúc

Số: 1234/KH-UBND               Thành phố Hồ Chí Minh, ngày 08 tháng 5 năm 2024

KẾ HOẠCH
Phát động Tháng hành động vì môi trường và
hưởng ứng Ngày Môi trường thế giới năm 2024
""",
        {
            "issuing_authority": "Ủy ban nhân dân Thành phố Hồ Chí Minh",
            "place": "Thành phố Hồ Chí Minh",
            "uri": "vn/ho-chi-minh/ubnd/kh/2024/1234",
            "title": "Phát động Tháng hành động vì môi trường và hưởng ứng Ngày Môi trường thế giới năm 2024",
        },
    ),
    "campaign without quotes": (
        """BỘ NỘI VỤ
Số: 55/KH-BNV
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
Hà Nội, ngày 10 tháng 01 năm 2020
KẾ HOẠCH
Tổ chức phong trào thi đua xây dựng nông thôn mới giai đoạn 2021-
2025
""",
        {
            "issuing_authority": "Bộ Nội vụ",
            "campaign": "phong trào thi đua xây dựng nông thôn mới giai đoạn 2021-2025",
            "uri": "vn/bnv/kh/2020/55",
            "title": "Tổ chức phong trào thi đua xây dựng nông thôn mới giai đoạn 2021-2025",
        },
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_letterhead(name: str) -> None:
    text, wanted = CASES[name]
    found = plan(text + BODY)
    assert found["doc_type"] == "Kế hoạch" and found["is_plan"]
    assert {k: found[k] for k in wanted} == wanted


@pytest.mark.parametrize("name", CASES)
def test_every_field_leads_back(name: str) -> None:
    text, _ = CASES[name]
    (found,) = records(text + BODY)
    lines = (text + BODY).split("\n")
    columns = {f.column for f in found.plan_fields}
    for column in (
        "doc_type",
        "number",
        "issue_date",
        "place",
        "title",
        "issuing_authority",
        "parent_authority",
        "period_start",
        "secrecy",
    ):
        assert (getattr(found.plan, column) is not None) == (column in columns)
    for f in found.plan_fields:
        first = f.evidence.raw.split()[0]
        assert first in lines[f.evidence.line - 1] and f.evidence.raw and f.evidence.rule


def test_a_blank_line_after_each_printed_line_changes_nothing() -> None:
    text = CASES["school, columns one after the other"][0] + BODY
    spaced = "\n\n".join(line for line in text.split("\n") if line.strip())
    a, b = plan(text), plan(spaced)
    assert {k: v for k, v in a.items() if k != "review_reasons"} == {k: v for k, v in b.items() if k != "review_reasons"}


def test_number_from_the_annex_when_the_letterhead_prints_none() -> None:
    found = plan(
        "KẾ HOẠCH\nDiễn tập ứng phó sự cố năm 2023\n\nThực hiện nhiệm vụ được giao, Sở Tài chính ban hành Kế "
        "hoạch như sau:\nI. MỤC ĐÍCH\n- Nâng cao.\n\nGIÁM ĐỐC\n\nLê Thị Bưởi\n\n"
        "PHỤ LỤC\n(Kèm theo Kế hoạch số 31/KH-STC ngày 07 tháng 7 năm 2023 của Sở Tài chính)\n1. Việc\n"
    )
    assert (found["number"], found["number_source"], found["issue_date"], found["issue_date_source"]) == (
        "31/KH-STC",
        "annex",
        "2023-07-07",
        "annex",
    )
    assert (found["issuing_authority"], found["signer_name"], found["signer_title"]) == ("Sở Tài chính", "Lê Thị Bưởi", "Giám đốc")


SIGNATURES = {
    "TM. ỦY BAN NHÂN DÂN\nKT. CHỦ TỊCH\nPHÓ CHỦ TỊCH\n\nDanh Hoàng Nam": ("KT", "Chủ tịch", "Phó Chủ tịch", "Danh Hoàng Nam"),
    "TM. ỦY BAN NHÂN DÂN\nCHỦ TỊCH\n(Đã ký)\nNGUYỄN THỊ LAN ANH": ("TM", "Ủy ban nhân dân", "Chủ tịch", "Nguyễn Thị Lan Anh"),
    "TL. CHỦ TỊCH\nKT. CHÁNH VĂN PHÒNG\nPHÓ CHÁNH VĂN PHÒNG\n\nTS. Trương Văn Hải": (
        "KT",
        "Chánh văn phòng",
        "Phó Chánh văn phòng",
        "Trương Văn Hải",
    ),
    "TUQ. GIÁM ĐỐC\nCHÁNH THANH TRA\n\nY Thanh Hà Niê": ("TUQ", "Giám đốc", "Chánh thanh tra", "Y Thanh Hà Niê"),
    "Q. GIÁM ĐỐC\n\nVõ Tấn Tài": ("Q", None, "Giám đốc", "Võ Tấn Tài"),
    "T/M BAN THƯỜNG VỤ\nPHÓ BÍ THƯ THƯỜNG TRỰC\n\nLò Văn Hặc": ("TM", "Ban Thường vụ", "Phó Bí thư thường trực", "Lò Văn Hặc"),
    "KT. GIÁM ĐỐC PHÓ GIÁM ĐỐC\n\nĐại tá Bùi Đình Chiến": ("KT", "Giám đốc", "Phó Giám đốc", "Bùi Đình Chiến"),
    "GIÁM ĐỐC": (None, None, "Giám đốc", None),
}


@pytest.mark.parametrize("block", SIGNATURES)
@pytest.mark.parametrize("beside", [False, True])
def test_signature(block: str, beside: bool) -> None:
    head = CASES["campaign without quotes"][0] + BODY
    left = ["Nơi nhận:", "- Bộ trưởng (để b/c);", "- Lưu: VT, TĐKT."]
    right = block.split("\n")
    if beside:
        rows = max(len(left), len(right))
        tail = "\n".join(f"{(left + [''] * rows)[k]:<40}{(right + [''] * rows)[k]}" for k in range(rows))
    else:
        tail = "\n".join(left) + "\n\n" + block
    found = plan(head + "\n" + tail + "\n")
    mode, whom, signer_title, name = SIGNATURES[block]
    assert (found["signing_mode"], found["signed_for"], found["signer_title"], found["signer_name"]) == (mode, whom, signer_title, name)


def test_no_signature_block_no_signer() -> None:
    found = plan(CASES["campaign without quotes"][0] + BODY)
    assert not any(found[k] for k in ("signer_name", "signer_title", "signing_mode", "signed_for"))


def test_official_letter() -> None:
    found = plan(
        "UBND TỈNH YÊN BÁI            CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nSỞ Y TẾ                  Độc lập - Tự do - Hạnh phúc\n"
        "Số: 456 /SYT-NVY           Yên Bái, ngày 03 tháng 3 năm 2021\nV/v tăng cường kiểm soát\nnhiễm "
        "khuẩn\n\n              Kính gửi: Các bệnh viện\n\nThực hiện chỉ đạo của Bộ Y tế, Sở Y tế đề nghị "
        "các đơn vị:\n"
    )
    assert (found["doc_type"], found["number"], found["title"], found["is_plan"]) == (
        "Công văn",
        "456/SYT-NVY",
        "V/v tăng cường kiểm soát nhiễm khuẩn",
        False,
    )
    assert found["issuing_authority"] == "Sở Y tế tỉnh Yên Bái"


def test_a_news_item_prints_nothing_of_its_own() -> None:
    prose = (
        "Sở Văn hóa vừa ban hành Kế hoạch số 12/KH-SVHTT ngày 05/3/2024 về tổ chức tuần lễ đọc sách, trong "
        "đó giao các thư viện mở cửa cả ngày nghỉ. " * 4
    )
    found = plan(prose + "\nTin, ảnh: Minh Anh\n")
    assert found["doc_type"] == "Tin bài"
    assert not any(found[k] for k in ("number", "issue_date", "place", "title", "issuing_authority", "signer_name"))


@pytest.mark.parametrize("text", ["", "\n\n", "asdf qwer 1234"])
def test_nothing_found_still_gives_a_record(text: str) -> None:
    assert plan(text)["doc_type"] is None


DECISION = """BỘ KHOA HỌC VÀ CÔNG NGHỆ
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
Số: 345/QĐ-BKHCN
Hà Nội, ngày 03 tháng 3 năm 2024
QUYẾT ĐỊNH
Về việc ban hành Kế hoạch thông tin khoa học năm 2024
BỘ TRƯỞNG BỘ KHOA HỌC VÀ CÔNG NGHỆ
Căn cứ Luật Khoa học và công nghệ ngày 18/6/2013;
QUYẾT ĐỊNH:
Điều 1. Ban hành kèm theo Quyết định này Kế hoạch thông tin khoa học năm 2024.
Nơi nhận:
- Như Điều 3;
- Lưu: VT, CTT.
KT. BỘ TRƯỞNG
THỨ TRƯỞNG
Bùi Hoàng Phương
"""
ISSUED = """KẾ HOẠCH
Thông tin khoa học năm 2024
(Ban hành kèm theo Quyết định số 345/QĐ-BKHCN ngày 03 tháng 3 năm 2024
của Bộ trưởng Bộ Khoa học và Công nghệ)
I. MỤC ĐÍCH
- Nâng cao.
II. NHIỆM VỤ
1. Cục Thông tin chủ trì thực hiện.
"""
ANNEX = """PHỤ LỤC
DANH MỤC NHIỆM VỤ
(Kèm theo Quyết định số 345/QĐ-BKHCN ngày 03/3/2024 của Bộ)
1 Tổ chức hội nghị
Mẫu số 01
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
ĐƠN ĐĂNG KÝ
"""


@pytest.mark.parametrize("glue", ["", "\f"])
def test_a_decision_and_the_plan_that_it_issues_are_two_documents(glue: str) -> None:
    first, second = records(DECISION + glue + ISSUED)
    assert (first.plan.plan_id, first.plan.doc_type, first.plan.number) == ("0123456789ab", "Quyết định", "345/QĐ-BKHCN")
    assert (second.plan.plan_id, second.plan.doc_type, second.plan.number, second.plan.issue_date) == (
        "0123456789ab-2",
        "Kế hoạch",
        None,
        None,
    )
    assert second.plan.issuing_authority == "Bộ Khoa học và Công nghệ"
    assert [(c.cited_id, c.relation) for c in second.citations] == [("345/QĐ-BKHCN", "ban_hanh_kem_theo")]


def test_annexes_stay_with_their_document() -> None:
    assert [r.plan.doc_type for r in records(DECISION + ANNEX)] == ["Quyết định"]
    assert [r.plan.doc_type for r in records(DECISION + ISSUED + ANNEX)] == ["Quyết định", "Kế hoạch"]


def _scan_line(number: int, left: str, right: str, width: int, top: int) -> Line:
    words: list[Word] = []
    text = ""
    for half, x0 in ((left, 200), (right, width // 2 + 100)):
        x = x0
        for token in half.split():
            text += (" " if text else "") + token
            words.append(
                Word(token, len(text) - len(token), len(text) - len(token), len(text), Box(x, top, x + 22 * len(token), top + 40), 0.9)
            )
            x += 22 * len(token) + 15
    return Line(number, text, text, tuple(words))


def test_columns_are_told_by_boxes() -> None:
    rows = [
        ("UBND TỈNH LÀO CAI", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
        ("SỞ XÂY DỰNG", "Độc lập - Tự do - Hạnh phúc"),
        ("Số: 61/KH-SXD", "Lào Cai, ngày 11 tháng 5 năm 2022"),
    ]
    lines = [_scan_line(k, a, b, 2480, 100 + 60 * k) for k, (a, b) in enumerate(rows, 1)]
    lines += [
        _scan_line(4, "", "KẾ HOẠCH", 2000, 400),
        _scan_line(5, "Rà soát quy hoạch năm 2022", "", 2480, 460),
        _scan_line(6, "Căn cứ Luật Quy hoạch;", "", 2480, 600),
    ]
    page = Page(1, tuple(lines), "ocr", 2480, 3508, 300)
    (found,) = extract(Reading("scan", (page,)), Extract())
    assert (found.plan.issuing_authority, found.plan.number, found.plan.issue_date, found.plan.place) == (
        "Sở Xây dựng tỉnh Lào Cai",
        "61/KH-SXD",
        "2022-05-11",
        "Lào Cai",
    )
    number = next(f for f in found.plan_fields if f.column == "number")
    assert number.evidence.box and number.evidence.box.left > 200 and number.evidence.confidence == 0.9
    assert found.plan.text_confidence == 0.9


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


def _letterhead(number: str, date: str, extra: str = "") -> str:
    return (
        f"{extra}UBND TỈNH QUẢNG BÌNH\nSỞ DU LỊCH\n{number}\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n{date}\n"
        "KẾ HOẠCH\nQuảng bá du lịch năm 2024\n" + BODY
    )


def test_half_a_number_is_none() -> None:
    found = plan(_letterhead("Số: Š{2 /KH-SDL", "Quảng Bình, ngày 05 tháng 01 năm 2024"))
    assert found["number"] is None and found["issuing_authority"] == "Sở Du lịch tỉnh Quảng Bình"


def test_a_misread_day_leaves_month_and_year() -> None:
    found = plan(_letterhead("Số: 12/KH-SDL", "Quảng Bình, ngày 0B tháng 01 năm 2024"))
    assert (found["issue_date"], found["place"], found["number"]) == ("2024-01", "Quảng Bình", "12/KH-SDL")
    assert "partial_issue_date" in found["review_reasons"]


def test_the_time_of_publishing_is_no_issue_date() -> None:
    stamp = "TRUNG TÂM CÔNG BÁO\nttcb@quangbinh.gov.vn\n24.01.2024 20:01:14\n+07:00\n\n"
    found = plan(_letterhead("Số: 12/KH-SDL", "Quảng Bình, ngày     tháng 01 năm 2024", stamp))
    assert (found["issue_date"], found["issuing_authority"]) == ("2024-01", "Sở Du lịch tỉnh Quảng Bình")


def test_a_mark_in_capitals_belongs_to_no_name() -> None:
    assert (
        plan(_letterhead("DỰ THẢO\nSố:     /KH-SDL", "Quảng Bình, ngày    tháng    năm 2024"))["issuing_authority_printed"] == "SỞ DU LỊCH"
    )


def test_a_page_of_a_document_is_no_news_item() -> None:
    page = "1. Tiếp tục triển khai nhiệm vụ theo Kế hoạch số 12/KH-SDL ngày 05/01/2024, bảo đảm an toàn cho du khách trong các dịp lễ. " * 4
    assert plan(page + "\n2. Các phòng báo cáo kết quả.\n")["doc_type"] is None


def test_a_letterhead_under_the_title() -> None:
    found = plan(
        "KẾ HOẠCH\nTriển khai công tác dân vận năm 2022\nSố: 14/KH-SNV\nTuyên Quang, ngày 11 tháng 01 năm 2022\n"
        "UBND TỈNH TUYÊN QUANG\nSỞ NỘI VỤ\n" + BODY
    )
    assert (found["issuing_authority"], found["number"], found["uri"]) == (
        "Sở Nội vụ tỉnh Tuyên Quang",
        "14/KH-SNV",
        "vn/tuyen-quang/snv/kh/2022/14",
    )
    assert found["title"] == "Triển khai công tác dân vận năm 2022"


def test_a_letterhead_in_small_letters() -> None:
    found = plan("Sở Tư pháp tỉnh Phú Yên\nSố: 12/KH-STP\nPhú Yên, ngày 1/2/2021\n\nKế hoạch\nCông tác hộ tịch năm 2021\n" + BODY)
    assert (found["issuing_authority"], found["issue_date"], found["doc_type"]) == ("Sở Tư pháp tỉnh Phú Yên", "2021-02-01", "Kế hoạch")


def test_days_from_the_part_on_time_where_the_title_prints_no_year() -> None:
    head = "BỘ Y TẾ\nSố: 77/KH-BYT\nHà Nội, ngày 04 tháng 4 năm 2019\nKẾ HOẠCH\nTriển khai Tháng hành động vì trẻ em\n" + BODY
    found = plan(head + "\nII. TỔ CHỨC\n1. Thời gian thực hiện: từ ngày 01/6/2019 đến hết ngày 30/6/2019.\n")
    assert (found["period_start"], found["period_end"]) == ("2019-06-01", "2019-06-30")


def test_letters_without_diacritics() -> None:
    found = plan(
        "UY BAN NHAN DAN TINH BEN TRE\nSo: 12/KH-UBND\nCONG HOA XA HOI CHU NGHIA VIET NAM\nDoc lap - Tu do - Hanh phuc\n"
        "Ben Tre, ngay 1 thang 2 nam 2021\nKE HOACH\nCong tac ho tich nam 2021\nCan cu Luat Ho tich;\n"
    )
    assert (found["issuing_authority"], found["number"], found["issue_date"]) == (
        "Ủy ban nhân dân tỉnh Bến Tre",
        "12/KH-UBND",
        "2021-02-01",
    )
    assert found["title"] == "Cong tac ho tich nam 2021"


def test_an_unknown_code_in_the_number_stays_as_printed() -> None:
    text = (
        "SỞ TƯ PHÁP\nPHÒNG HÀNH CHÍNH TƯ PHÁP\nSố: 12/KH-HCTP\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n"
        "An Giang, ngày 10 tháng 3 năm 2024\nKẾ HOẠCH\nKiểm tra đăng ký hộ tịch\n\nI. NỘI DUNG\n1. Kiểm tra hồ sơ.\n"
    )
    (found,) = extract(text_reading(text), Extract())
    assert found.plan.number == "12/KH-HCTP"
