"""Families of hostile texts: a piece again and again, alone and as the content of a plan."""

from __future__ import annotations

HEAD = """ỦY BAN NHÂN DÂN          CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
XÃ PHÚ LỘC               Độc lập - Tự do - Hạnh phúc
Số: 14/KH-UBND           Phú Lộc, ngày 05 tháng 3 năm 2024

KẾ HOẠCH
Chuyển đổi số năm 2024

Căn cứ Quyết định số 12/QĐ-UBND ngày 20/01/2024 của Ủy ban nhân dân huyện.
I. MỤC ĐÍCH
1. Nâng cao nhận thức của cán bộ.
II. NỘI DUNG
"""
TAIL = """
Trên đây là Kế hoạch chuyển đổi số năm 2024./.
Nơi nhận:
- Như trên;
- Lưu: VT.
CHỦ TỊCH
Nguyễn Văn An
"""

REPEATED = {
    "bullets": "- a\n",
    "bullets_bare": "-\n",
    "digits": "7",
    "slashes": "12/",
    "symbol_cut": "12/QĐ-",
    "symbols": "12/QĐ-UBND ",
    "symbols_dated": "Quyết định số 12/QĐ-UBND ngày 20/01/2024 của Ủy ban nhân dân tỉnh, ",
    "numbers": "12 34 ",
    "dates": "ngày 05/3/2024, ",
    "long_dates": "ngày 05 tháng 3 năm 2024 ",
    "basis": "Căn cứ ",
    "basis_lines": "Căn cứ Luật Đất đai;\n",
    "basis_laws": "Căn cứ Luật Đất đai, Luật Nhà ở, ",
    "nested": "1.1.1.1. Việc\n",
    "nested_run": "1.1.1.1",
    "parentheses": "(",
    "parenthesised": "(a) ",
    "closing": ")",
    "blank_lines": "\n",
    "blanks": " ",
    "blank_spread": "\n\n\n\n\nViệc\n",
    "capitals": "ỦY BAN NHÂN DÂN TỈNH AN GIANG\n",
    "capitals_run": "ỦY BAN NHÂN DÂN TỈNH ",
    "capital": "A",
    "motto": "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n",
    "recipients": "- Sở Nội vụ (để b/c);\n",
    "recipients_heading": "Nơi nhận:\n- Như trên;\n",
    "units": "Sở Tư pháp, Sở Nội vụ, ",
    "units_chief": "Sở Tư pháp chủ trì, phối hợp với Sở Nội vụ, ",
    "deadlines": "chậm nhất ngày 15/6/2024, ",
    "deadline_lines": "- Báo cáo kết quả chậm nhất ngày 15/6/2024;\n",
    "deadline_bare": "chậm nhất ngày ",
    "periodic": "định kỳ hằng tháng, hằng quý, ",
    "relative": "trong 15 ngày kể từ ngày ",
    "pipes": "|",
    "table": "| 1 | Mở lớp | Sở Nội vụ | 15/6/2024 |\n",
    "table_head": "| STT | Nội dung | Chủ trì | Thời gian |\n",
    "tabs": "a\tb\t",
    "marks": "a\u0301\u0323",
    "marks_only": "\u0301",
    "points": "a) việc\n",
    "points_run": "a)",
    "romans": "II. NỘI DUNG\n",
    "romans_run": "IVXLCI.",
    "ones": "1. ",
    "one_lines": "1. Việc\n",
    "rtl": "\u202eabc\u202c שלום ",
    "quotes": '"',
    "quoted": "“a” ",
    "quote_open": "“",
    "targets": "100% hộ, 15 lớp, ",
    "letters": "a",
    "syllables": "việc ",
    "sentences": "Mở lớp tập huấn cho cán bộ. ",
    "semicolons": ";",
    "dots": ".",
    "dashes": "-",
    "dash_blank": "- ",
    "commas": ", ",
    "about": "về việc ",
    "issued": "ban hành kèm theo Quyết định ",
    "of": "của Ủy ban nhân dân ",
    "signature": "KT. CHỦ TỊCH\nPHÓ CHỦ TỊCH\nNguyễn Văn An\n",
    "annex": "PHỤ LỤC\n(Kèm theo Kế hoạch số 14/KH-UBND ngày 05/3/2024)\n",
    "form_feeds": "\fa\n",
    "titles": "KẾ HOẠCH\nChuyển đổi số\n",
    "number_lines": "Số: 14/KH-UBND\n",
    "emoji": "\U0001f600",
    "nul": "\u200b",
    "markdown": "**a** ",
    "page_numbers": "3\n",
    "lead_ins": "- Việc sau:\n+ Một;\n",
    "secret": "MẬT\n",
    "article": "Điều 1. Việc\n",
    "laws": "Luật Đất đai ",
    "law_run": "Luật ",
    "decision_run": "Quyết định ",
    "year_run": "năm 2024 ",
    "report": "báo cáo về Sở Nội vụ ",
    "dots_in_words": "....a",
    "closings": "Trên đây là a\n",
    "closings_effect": "Kế hoạch này có hiệu lực\n1. a\n",
    "wide_blanks": "a  b  c\n",
    "wide_run": "a  b  c  ",
    "colons": "số: ",
    "mail": "a@b.c ",
    "signed_at": "Ngày ký: 24.01.2025 20:01:14 +07:00\n",
    "aliases": "(sau đây gọi tắt là A) ",
    "name_date": "ĐẢNG ỦY XÃ AN BÌNH An Bình, ngày 03 tháng 9 năm 2024\n",
    "name_date_run": "ĐẢNG ỦY An Bình, ngày ",
    "joined_bodies": "SỞ TƯ PHÁP - HỘI LUẬT GIA\n",
    "short_bodies": "VKSND TỐI CAO\n",
    "signed_recipients": "- Sở Y tế (để b/c), PHÓ BÍ THƯ Lê An\n",
    "archives": "- Lưu: VT, KTHTĐT, QLCL (An.15).\n",
    "archive_codes": "- Lưu: " + "KTHTĐT, " * 40 + "\n",
    "relative_misread": "15 ngày kế tùy ngày ",
    "roman_bracket": "II]. TRÁCH NHIỆM\n",
    "first_points": "1. Trách nhiệm của tỉnh\na) ",
    "joint_symbols": "05/2016/TTLT-BNNPTNT-BTNMT ",
    "party_numbers": "Số 12-KH/TU\n",
    "units_zero": "12/KH-CAT-PCO7 ",
    "kinds_run": "KẾ HOẠCH HÓA GIA ĐÌNH\n",
    "titles_run": "TRƯỞNG PHÒNG CHÁY,\n",
    "brackets_open": "(để b/c ",
    "heads_run": "phòng, ban, sở, ",
    "numbered_bodies": "Phòng 8 ",
    "above_lines": "Thực hiện Quyết định nêu trên và Kế hoạch số 12/KH-UBND nêu trên;\n",
    "elided": "các Quyết định số 12, 13, 14 và 15/QĐ-UBND, ",
    "each_year": "20/6, 20/12 hằng năm, ",
    "since_lines": "- Sau khi có hướng dẫn của Sở Nội vụ, trong 15 ngày kể từ ngày ban hành;\n",
}


def text(name: str, size: int, framed: bool) -> str:
    """A text of about `size` characters of one family."""
    piece = REPEATED[name]
    run = piece * (size // len(piece))
    return HEAD + run + TAIL if framed else run
