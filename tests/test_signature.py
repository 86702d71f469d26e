"""Signature blocks: who signs, as what, for whom."""

from __future__ import annotations

import pytest
from letterheads import BODY, plan
from test_header import CASES
from test_recipients import mended_record

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
    "TUQ. GIÁM ĐỐC\nTRƯỞNG PHÒNG CẢNH SÁT PHÒNG CHÁY,\nCHỮA CHÁY\n\nLê Hà": (
        "TUQ",
        "Giám đốc",
        "Trưởng phòng Cảnh sát Phòng cháy, chữa cháy",
        "Lê Hà",
    ),
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


def test_a_prefix_that_was_misread_before_a_title() -> None:
    signers = ("TM. BAN THUONG TRUC", "TM. BAN THƯỜNG TRỰC", "Kr CHU TCH", "Kr CHỦ TCH", "PHO CHU TICH", "PHÓ CHỦ TỊCH")
    found = mended_record("- Cac xa;", "- Các xã;", "- Luu: VT.", "- Lưu: VT.", *signers, "Ma Thi Hoa", "Ma Thị Hoa").plan
    assert (found.signing_mode, found.signed_for, found.signer_title, found.signer_name) == ("KT", "Chủ tịch", "Phó Chủ tịch", "Ma Thị Hoa")
