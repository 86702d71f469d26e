"""Nơi nhận: entries, purposes, braces, the archive line, beside a signature or above it. All invented."""

from dataclasses import replace

import pytest

from pipeline.document import Recipient, Record, text_reading
from pipeline.extract import extract
from pipeline.settings import Extract

HEAD = "SỞ Y TẾ\nSố: 9/KH-SYT\nKẾ HOẠCH\nTiêm chủng năm 2022\n\nCăn cứ Luật Trẻ em;\nI. MỤC ĐÍCH\n- Bảo vệ trẻ em.\n\n"


def recipients(tail: str) -> tuple[Recipient, ...]:
    (found,) = extract(text_reading(HEAD + tail + "\n"), Extract())
    return found.recipients


def pairs(tail: str) -> list[tuple[str, str | None]]:
    return [(r.name, r.purpose) for r in recipients(tail)]


def test_each_dash_is_an_entry_and_brackets_are_purposes_only_where_they_are() -> None:
    tail = (
        "Nơi nhận:\n- UBND tỉnh (để b/c);\n- Trưởng khối (STC Cà Mau);\n- Các bệnh viện (thực hiện);\n- Báo "
        "tỉnh (để đăng tải);\n- Lưu: VT, NVY."
    )
    assert pairs(tail) == [
        ("UBND tỉnh", "để b/c"),
        ("Trưởng khối (STC Cà Mau)", None),
        ("Các bệnh viện", "thực hiện"),
        ("Báo tỉnh", "để đăng tải"),
        ("VT, NVY", "lưu"),
    ]
    assert [r.kind for r in recipients(tail)] == ["recipient"] * 4 + ["archive"]
    assert [r.ordinal for r in recipients(tail)] == [1, 2, 3, 4, 5]


def test_an_entry_over_two_lines_is_one() -> None:
    tail = "Nơi nhận:\n- Trung tâm Y tế các huyện,\nthị xã, thành phố;\n- Lưu: VT."
    assert pairs(tail) == [("Trung tâm Y tế các huyện, thị xã, thành phố", None), ("VT", "lưu")]


def test_a_purpose_beside_a_brace_goes_to_each_line_that_it_covers() -> None:
    tail = "Nơi nhận:\n- Bộ Y tế;          }\n- UBND tỉnh;        } (để b/c)\n- Công an tỉnh;\n- Lưu: VT."
    assert pairs(tail) == [("Bộ Y tế", "để b/c"), ("UBND tỉnh", "để b/c"), ("Công an tỉnh", None), ("VT", "lưu")]


def test_a_purpose_without_its_brace_goes_to_as_many_lines_below_as_above() -> None:
    tail = "Nơi nhận:\n- Bộ Y tế;\n                         (để b/c)\n- UBND tỉnh;\n- Công an tỉnh;\n- Lưu: VT."
    assert pairs(tail)[:3] == [("Bộ Y tế", "để b/c"), ("UBND tỉnh", "để b/c"), ("Công an tỉnh", None)]


def test_beside_the_signature() -> None:
    tail = (
        "Nơi nhận:                              KT. GIÁM ĐỐC\n- Sở Nội vụ (p/h);                     PHÓ "
        "GIÁM ĐỐC\n- Các phòng, ban;\n- Lưu: VT.\n\n"
        "                                       Lê Thị Hoa\n"
    )
    assert pairs(tail) == [("Sở Nội vụ", "p/h"), ("Các phòng, ban", None), ("VT", "lưu")]


def test_the_signature_above_or_below_is_no_recipient() -> None:
    below = "**Nơi nhận:**\n- Như trên;\n- Lưu VT.\n\n**GIÁM ĐỐC**\n\n**Lê Thị Hoa**\n"
    above = "GIÁM ĐỐC\n\nLê Thị Hoa\n\nNơi nhận:\n- Như trên;\n- Lưu VT.\n"
    assert pairs(below) == pairs(above) == [("Như trên", None), ("VT", "lưu")]


def test_a_blank_line_after_each_line() -> None:
    assert pairs("Nơi nhận:\n\n- Bộ Y tế;\n\n- Các phòng;\n\n- Lưu: VT.\n\nGIÁM ĐỐC\n\nLê Thị Hoa") == [
        ("Bộ Y tế", None),
        ("Các phòng", None),
        ("VT", "lưu"),
    ]


def test_marks_lost_by_recognition() -> None:
    assert pairs("Noi nhan:\n\n- UBND tinh (dé b/c);\n-Luu VT.") == [("UBND tinh", "dé b/c"), ("VT", "lưu")]


@pytest.mark.parametrize(
    ("raw", "text", "name"),
    [
        ("- Luu: VT, TDKT.", "- Lưu: VT, TDKT.", "VT, TĐKT"),
        ("- Luu: VI TCHC.", "- Lưu: Vĩ TCHC.", "VT, TCHC"),
        ("- Luu: VT, K9.", "- Lưu: VT, KỸ.", "VT, K9"),
        ("- Luu: VX, NDH.", "- Lưu: VX, NDH.", "VX, NDH"),  # known, and with no Đ known
        ("- Luu: VT, So.", "- Lưu: VT, Sở.", "VT, Sở"),
    ],
)
def test_codes_of_the_archive_stay_as_they_were_read(raw: str, text: str, name: str) -> None:
    assert mended("- Cac phong;", "- Các phòng;", raw, text) == [("Các phòng", None), (name, "lưu")]


def test_heads_of_offices_and_scraps_of_the_seal() -> None:
    assert mended(
        "- Truong Ban Dan van;", "- Trường Ban Dân vận;", "- So Y te; NGON", "- Sở Y tế; NGON", "- Truong Tieu hoc;", "- Trường Tiểu học;"
    ) == [
        ("Trưởng Ban Dân vận", None),
        ("Sở Y tế", None),
        ("Trường Tiểu học", None),
    ]


def test_a_name_stuck_to_a_stroke_of_the_signature_is_the_signer() -> None:
    lines = ("GIAM DOC", "GIÁM ĐỐC", "- Cac phong;", "- Các phòng;", "--€ao Thi Lan", "--€ao Thị Lan", "- Luu: VT.", "- Lưu: VT.")
    found = mended_record(*lines)
    assert [r.name for r in found.recipients] == ["Các phòng", "VT"]
    assert (found.plan.signer_title, found.plan.signer_name) == ("Giám đốc", "Cao Thị Lan")


def mended(*lines: str) -> list[tuple[str, str | None]]:
    """Recipients of lines as they were read and as repair made them, in turn."""
    return [(r.name, r.purpose) for r in mended_record(*lines).recipients]


def mended_record(*lines: str) -> Record:
    """The record of a plan that ends with lines as they were read and as repair made them, in turn."""
    reading = text_reading(HEAD + "Nơi nhận:\n" + "\n".join(lines[1::2]) + "\n")
    page = reading.pages[0]
    first = len(page.lines) - len(lines) // 2
    kept = list(page.lines)
    for k, raw in enumerate(lines[::2], first):
        at, words = 0, []
        for word, said in zip(kept[k].words, raw.split(), strict=True):
            at = raw.index(said, at)
            words.append(replace(word, raw_start=at, raw_end=at + len(said)))
            at += len(said)
        kept[k] = replace(kept[k], raw=raw, words=tuple(words))
    (found,) = extract(replace(reading, pages=(replace(page, lines=tuple(kept)),)), Extract())
    return found


def test_annex_dashes_are_no_recipients() -> None:
    tail = "Nơi nhận:\n- Bộ Y tế;\n- Lưu: VT.\n\nGIÁM ĐỐC\n\nLê Thị Hoa\n\nPHỤ LỤC\n- Tổ chức hội nghị;\n- In tài liệu;\n"
    assert pairs(tail) == [("Bộ Y tế", None), ("VT", "lưu")]


@pytest.mark.parametrize("tail", ["", "- Tổ chức thực hiện;\n- Báo cáo kết quả."])
def test_none_without_the_heading(tail: str) -> None:
    assert recipients(tail) == ()


def test_evidence_is_the_printed_entry() -> None:
    first = recipients("Nơi nhận:\n- UBND tỉnh (để b/c);\n- Lưu: VT.")[0]
    assert first.evidence.raw == "- UBND tỉnh (để b/c);"


def test_a_signer_that_a_reader_put_behind_the_recipients() -> None:
    """Both columns of the ending in one line each, parted by one blank, as a reader of whole lines gives them."""
    lines = (
        ("- So Y te (b/c); PHO BI THU", "- Sở Y tế (b/c); Phó Bí THƯ"),
        ("- Cac phong (de t/h):", "- Các phòng (để t/h):"),
        ("- Luitu: VT, TDKT. Vang Thi Hoa", "- Luitu: VT, TDKT. Vàng Thị Hoa"),
    )
    found = mended_record(*(x for pair in lines for x in pair))
    assert [(r.name, r.purpose) for r in found.recipients] == [("Sở Y tế", "b/c"), ("Các phòng", "để t/h"), ("VT, TĐKT", "lưu")]
    assert (found.plan.signer_title, found.plan.signer_name) == ("Phó Bí thư", "Vàng Thị Hoa")


def test_a_recipient_with_a_title_is_no_signer() -> None:
    assert mended("- Ông Lê Văn Nam, GIÁM ĐỐC Sở Y tế;", "- Ông Lê Văn Nam, GIÁM ĐỐC Sở Y tế;") == [
        ("Ông Lê Văn Nam, GIÁM ĐỐC Sở Y tế", None)
    ]
    clean = "Nơi nhận:\n- Sở Y tế; Sở Nội vụ;\n- Lưu: VT. Trần Nam\n"
    (found,) = extract(text_reading(HEAD + clean), Extract())
    assert [r.name for r in found.recipients] == ["Sở Y tế; Sở Nội vụ", "VT. Trần Nam"]  # no signing line stands above


def test_a_code_of_the_archive_that_a_table_or_the_document_prints() -> None:
    archive = ("- Luu: VT, BXIQNK.", "- Lưu: VT, BXIQNK.")
    assert mended("- So Y te;", "- Sở Y tế;", *archive)[-1] == ("VT, BXIQNK", "lưu")
    assert mended("- Nhu Quyet dinh so 5/QD-BXTQNK;", "- Như Quyết định số 5/QĐ-BXTQNK;", *archive)[-1] == ("VT, BXTQNK", "lưu")
    assert mended("- Luu: VT, VILTNN.", "- Lưu: VT, VILTNN.") == [("VT, VTLTNN", "lưu")]
    assert mended("- Luu: VT (SGDDT), PVO3 (CAT).", "- Lưu: VT (SGDDT), PVO3 (CÁT).") == [("VT (SGDĐT), PV03 (CAT)", "lưu")]
    assert mended("- Luu: VT, KTHTDT.T.", "- Lưu: VT, KTHTDT.T.") == [("VT, KTHTĐT.T", "lưu")]


def test_heads_of_recipients_take_their_lost_marks() -> None:
    assert mended("- Cong an, Phong GDDT cac xa;", "- Công an, Phong GDĐT các xã;") == [("Công an, Phòng GDĐT các xã", None)]
    assert mended("- Cac huyen, thi, thanh doan;", "- Các huyện, thị, thanh đoàn;") == [("Các huyện, thị, thành đoàn", None)]
    assert mended("- Cac bao, dai;", "- Các bảo, đài;") == [("Các bảo, đài", None)]  # one syllable with a mark may be another word


def test_a_brace_with_its_purpose_in_the_same_line() -> None:
    tail = "Nơi nhận:\n- Tỉnh ủy; }\n- Sở Y tế; __} (để báo cáo)\n- Các xã (p/h);\n- Lưu: VT."
    assert pairs(tail) == [("Tỉnh ủy", "để báo cáo"), ("Sở Y tế", "để báo cáo"), ("Các xã", "p/h"), ("VT", "lưu")]


def test_strokes_of_known_codes_in_names_of_recipients() -> None:
    assert mended("- LDLD tinh;", "- LDLD tỉnh;", "- So GD&DT;", "- Sở GD&DT;") == [("LĐLĐ tỉnh", None), ("Sở GD&ĐT", None)]
