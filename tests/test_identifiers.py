"""Symbols of documents, clean and misread, and what only looks like one. All invented."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.extract import codes, identifiers, uris
from pipeline.extract.spelling import Province
from pipeline.text import fold

ONE = {
    # clean, one of each form
    "Kế hoạch số 45/KH-SNV": ("45/KH-SNV", "admin"),
    "Quyết định số 5/QĐ-UBND": ("05/QĐ-UBND", "admin"),
    "Nghị quyết 30c/NQ-CP": ("30c/NQ-CP", "admin"),
    "12bis/QĐ-BGDĐT": ("12bis/QĐ-BGDĐT", "admin"),
    "số 71/KH-BCA-V03": ("71/KH-BCA-V03", "admin"),
    "Kế hoạch số 88/KH-BCĐ389": ("88/KH-BCĐ389", "admin"),
    "Chỉ thị số 20/CT-TTg": ("20/CT-TTg", "admin"),
    "Nghị định số 61/2018/NĐ-CP": ("61/2018/NĐ-CP", "norm"),
    "Quyết định số 44/2020/QĐ-UBND": ("44/2020/QĐ-UBND", "norm"),
    "Nghị quyết số 66.13/2025/NQ-CP": ("66.13/2025/NQ-CP", "norm"),
    "Thông tư số 27/2021/TT-BGDĐT": ("27/2021/TT-BGDĐT", "norm"),
    "Luật số 32/2024/QH15": ("32/2024/QH15", "qh"),
    "Pháp lệnh số 02/2020/UBTVQH14": ("02/2020/UBTVQH14", "qh"),
    "Thông tư liên tịch số 14/2015/TTLT-BTP-BTC-BNV": ("14/2015/TTLT-BTP-BTC-BNV", "joint"),
    "Thông tư liên tịch số 09/2013/TTLT/BCA-BTP": ("09/2013/TTLT-BCA-BTP", "joint"),
    "11/VBHN-BTC": ("11/VBHN-BTC", "vbhn"),
    "Chỉ thị số 42-CT/TW": ("42-CT/TW", "party"),
    "Chương trình số 15-CTr/HU": ("15-CTr/HU", "party"),
    "Kế hoạch số 09-KH/TWĐTN-BTG": ("09-KH/TWĐTN-BTG", "party"),
    "Công văn số 802/STC-QLNS": ("802/STC-QLNS", "cv"),
    "Công văn số 4567/BTP-PBGDPL": ("4567/BTP-PBGDPL", "cv"),
    "Quyết định số 115-HĐBT": ("115-HĐBT", "legacy"),
    # blanks, dashes, glue
    "45 / KH - SNV": ("45/KH-SNV", "admin"),
    "45/KH–SNV": ("45/KH-SNV", "admin"),
    "45\\KH-SNV": ("45/KH-SNV", "admin"),
    "Quyết định số 1719/QĐTTg": ("1719/QĐ-TTg", "admin"),
    "Kế hoạch số 33/KHUBND": ("33/KH-UBND", "admin"),
    "số\n44/2020/QĐ-UBND": ("44/2020/QĐ-UBND", "norm"),
    "44/2020/\nQĐ-UBND": ("44/2020/QĐ-UBND", "norm"),
    "27/2021/TT-BGD&ĐT": ("27/2021/TT-BGDĐT", "norm"),
    "Chỉ thị số 42-CT/TƯ": ("42-CT/TW", "party"),
    "Quyết định số 1719 QĐ-TTg": ("1719/QĐ-TTg", "admin"),
    # misread
    "Quyét dinh sb 1719/Qb-TTg": ("1719/QĐ-TTg", "admin"),
    "Nghi dinh s6 61/2018/ND-CP": ("61/2018/NĐ-CP", "norm"),
    "Quyet dinh so 1719/QD-TTG": ("1719/QĐ-TTg", "admin"),
    "Quyết định số 17l9/QĐ-TTg": ("1719/QĐ-TTg", "admin"),
    "Luật số 32/2O24/QH15": ("32/2024/QH15", "qh"),
    "Luật số 32/2024/QHI5": ("32/2024/QH15", "qh"),
    "Kế hoạch số 33lKH-UBND": ("33/KH-UBND", "admin"),
    "Kế hoạch số 33/KH-U8ND": ("33/KH-UBND", "admin"),
    "Nghị quyết số 15/NQ-HDND": ("15/NQ-HĐND", "admin"),
    "Quyết định số 09/QĐ-8YT": ("09/QĐ-BYT", "admin"),
    "Chương trình số 15-CTR/TU": ("15-CTr/TU", "party"),
    "Chỉ thị số 42-CT/TVV": ("42-CT/TW", "party"),
    "Quyết định số 44/2020/QP-UBND": ("44/2020/QĐ-UBND", "norm"),
    "Thông tư số 14/2022/TT-BLDTBXH": ("14/2022/TT-BLĐTBXH", "norm"),
    # the noun decides where the stroke is in doubt
    "Hợp đồng số 12/HD-STC": ("12/HĐ-STC", "admin"),
    "Hướng dẫn số 12/HD-STC": ("12/HD-STC", "admin"),
    "Đề án số 07/DA-UBND": ("07/ĐA-UBND", "admin"),
}
NONE = [
    "ngày 05/9/2022", "ngày 05-9-2022", "tháng 9/2022", "quý IV/2024", "giai đoạn 2021-2025", "2021 - 2025", "năm học 2023-2024",
    "đạt 12/15 tiêu chí", "24/24 giờ", "1/2 ngày", "số 45/7 đường Lê Lợi", "tổ 5/KP2", "hẻm 12/5-Nguyễn Trãi",
    "ĐT: 0236/3822-456", "Fax: 028.3829", "QCVN 01:2009/BYT", "TCVN 5945/2005", "Mẫu số 02/BC-CCTP", "Biểu số 03/KH-TK",
    "khoản 3 Điều 15/NĐ", "20-30%", "12-18 tháng", "p/h, t/h, b/c", "T/M BAN THƯỜNG VỤ", "K/T GIÁM ĐỐC", "/KH-SNV",
    "Số:      /KH-SNV", "Lưu: VT, NV1", "(An.15)", "AH1-B2", "km 12/5-6", "tài khoản số 1234/VCB-HN", "3.1. Sở Nội vụ",
    "COVID-19", "F1/F2", "10/10", "I/II/III", "5-7 người/tổ",
]  # fmt: skip


@pytest.mark.parametrize("text", ONE)
def test_one_symbol(text: str) -> None:
    found = identifiers.find(text)
    assert [(i.canonical, i.form) for i in found] == [ONE[text]]
    i = found[0]
    assert text[i.start].isdigit() or text[i.start] in "OoIlSZB"
    assert 0 < i.confidence <= 1


@pytest.mark.parametrize("text", NONE)
def test_no_symbol(text: str) -> None:
    assert identifiers.find(text) == ()


def test_a_list_gives_each_member() -> None:
    found = identifiers.find("các Quyết định số 12/QĐ-UBND, 13/QĐ-UBND và 15/QĐ-UBND; Công văn số 7/SNV-CCHC.")
    assert [i.canonical for i in found] == ["12/QĐ-UBND", "13/QĐ-UBND", "15/QĐ-UBND", "07/SNV-CCHC"]


def test_a_code_of_the_documents_own_head_is_known() -> None:
    assert identifiers.find("77/HTKX-VP") == ()
    assert identifiers.find("77/HTKX-VP", ("HTKX",))[0].canonical == "77/HTKX-VP"


def test_an_unknown_code_of_a_clean_text_stays_as_printed() -> None:
    text = "Tờ trình số 12/TTr-HCTP; Kế hoạch số 8/KH-HDND; Kế hoạch số 9/KH-U8ND"
    assert [i.canonical for i in identifiers.find(text, exact=True)] == ["12/TTr-HCTP", "08/KH-HĐND", "09/KH-UBND"]
    assert identifiers.find(text)[0].canonical == "12/TTr-HCTĐ"  # a scan may have lost the stroke


def test_a_doubtful_stroke_is_kept_as_an_alternative() -> None:
    assert identifiers.find("12/HD-STC")[0].alternatives == ("12/HĐ-STC",)


def test_misread_symbols_are_less_sure() -> None:
    sure, doubtful = identifiers.find("Quyết định số 1719/QĐ-TTg")[0], identifiers.find("Quyết định số 17l9/Qb-TT9")[0]
    assert doubtful.canonical == sure.canonical and doubtful.confidence < sure.confidence == 1.0


TYPES = sorted(codes.kinds("administrative") - {"HD", "DA", "HĐ", "ĐA", "CV"})
ISSUERS = sorted(
    c for c, r in codes.issuers().items() if r["level"] in ("central", "ministry", "province") and re.fullmatch(r"[A-ZĐ][A-Za-zĐ]+", c)
)


@given(st.integers(1, 9999), st.sampled_from(TYPES), st.sampled_from(ISSUERS))
@settings(max_examples=150, deadline=None)
def test_every_clean_symbol_is_read_as_it_is_printed(number: int, kind: str, issuer: str) -> None:
    symbol = f"{number:02d}/{kind}-{issuer}"
    text = f"theo văn bản số {symbol}, các đơn vị thực hiện"
    found = identifiers.find(text)
    assert [i.canonical for i in found] == [symbol]
    assert text[found[0].start : found[0].end] == symbol


@given(st.text(alphabet="0123456789/-., ABCĐKHQTabg\n", max_size=60))
@settings(max_examples=200, deadline=None)
def test_spans_stand_in_order_and_reading_again_changes_nothing(text: str) -> None:
    found = identifiers.find(text)
    assert all(a.end <= b.start for a, b in zip(found, found[1:], strict=False))
    for i in found:
        assert text[i.start : i.end].strip() == text[i.start : i.end]
        again = identifiers.one(f"văn bản số {i.canonical}")
        assert again is not None and again.canonical == i.canonical


@pytest.mark.bench
@pytest.mark.parametrize("unit", ["12/KH-UBND ", "1/", "12-", "9", "số 12 / ", "1lIl", "A/"])
def test_time_grows_with_length_only(unit: str) -> None:
    def seconds(length: int) -> float:
        text = unit * (length // len(unit))
        start = time.process_time()
        identifiers.find(text)
        return time.process_time() - start

    seconds(1000)
    assert seconds(100_000) < 15 * max(seconds(10_000), 0.02)


def test_keys() -> None:
    def key(symbol: str, date: str | None, noun: str | None, province: Province | None = None, term: str | None = None) -> str | None:
        found = identifiers.one(symbol)
        assert found
        return uris.key(found, date, noun, province, term)

    bac_kan = Province("Bắc Kạn", "tỉnh Bắc Kạn", "bac-kan")
    assert key("1719/QĐ-TTg", "2021-10-14", "Quyết định") == "vn/ttg/qd/2021/1719"
    assert key("44/2020/QĐ-TTg", None, "Quyết định") == "vn/ttg/qd/2020/44n"
    assert key("32/2024/QH15", None, "Luật") == "vn/qh15/luat/2024/32"
    assert key("32/2024/QH15", None, None) is None
    assert key("05-CT/TW", "2016-05-15", "Chỉ thị") == "vn/tw/ct/k12/05"
    assert key("05-CT/TW", "2021-06-23", "Chỉ thị") == "vn/tw/ct/k13/05"
    assert key("05-CT/TW", None, "Chỉ thị", None, "XIII") == "vn/tw/ct/k13/05"
    assert key("05-CT/TW", None, "Chỉ thị") is None
    assert key("33/KH-UBND", "2022-02-01", "Kế hoạch") is None, "a local symbol without locality stays open"
    assert key("33/KH-UBND", "2022-02-01", "Kế hoạch", bac_kan) == "vn/bac-kan/ubnd/kh/2022/33"


@pytest.mark.parametrize(
    ("name", "parent", "date", "units"),
    [
        ("Ủy ban nhân dân tỉnh Bắc Kạn", None, "2020-01-05", ()),
        ("Sở Tư pháp thành phố Hà Nội", "Ủy ban nhân dân thành phố Hà Nội", "2020-01-05", ()),
        ("Ủy ban nhân dân huyện Chợ Mới", None, "2020-01-05", ("huyện Chợ Mới",)),
        ("Ủy ban nhân dân thành phố Long Xuyên", None, "2020-01-05", ("thành phố Long Xuyên",)),
        ("Ủy ban nhân dân xã Yên Cư", "Ủy ban nhân dân huyện Chợ Mới", "2020-01-05", ("huyện Chợ Mới", "xã Yên Cư")),
        ("Ủy ban nhân dân xã Yên Cư", None, "2020-01-05", None),
        ("Ủy ban nhân dân xã Yên Cư", None, "2025-08-01", ("xã Yên Cư",)),
    ],
)
def test_district_and_commune_of_a_key(name: str, parent: str | None, date: str, units: tuple[str, ...] | None) -> None:
    assert uris.below(name, parent, date) == units
    bac_kan, found = Province("Bắc Kạn", "tỉnh Bắc Kạn", "bac-kan"), identifiers.one("12/KH-UBND")
    assert found
    if units is None:
        assert uris.key(found, date, "Kế hoạch", bac_kan, None, units) is None
    else:
        where = "".join("/" + fold(unit).replace(" ", "-") for unit in units)
        assert uris.key(found, date, "Kế hoạch", bac_kan, None, units) == f"vn/bac-kan{where}/ubnd/kh/{date[:4]}/12"


def test_one_of_several_bodies_keeps_its_number() -> None:
    found = identifiers.one("12/KH-PTHADSKV5", exact=True)
    assert found and found.canonical == "12/KH-PTHADSKV5"


def test_a_zero_in_a_unit_that_was_read_as_a_letter() -> None:
    found = identifiers.one("274/KH-CAT-PCO7")
    assert found and found.canonical == "274/KH-CAT-PC07"


def test_a_code_cut_by_a_blank_is_joined_where_a_table_holds_it() -> None:
    found = identifiers.one("Thông tư liên tịch số 07/2015/TTLT-BN NPTNT-BTC ngày 05/3/2015")
    assert found is not None and found.canonical == "07/2015/TTLT-BNNPTNT-BTC"
    found = identifiers.one("Quyết định số 12/QĐ-UBND KHU VỰC")
    assert found is not None and found.canonical == "12/QĐ-UBND"
