"""Letterheads of every sort of body, each in three layouts: who issues, who stands above, number, date, and the title under them."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from letterheads import BODY, mended, plan

ROWS = list(csv.DictReader((Path(__file__).parent / "phrases/dev/letterheads.csv").open(encoding="utf-8")))
MOTTO = "Độc lập - Tự do - Hạnh phúc"


def laid_out(left: list[str], right: list[str]) -> Iterator[str]:
    """The two columns one after the other, side by side, and read into one line with one blank between."""
    yield "\n".join(left + right)
    yield "\n".join(f"{a:<40}{b}".rstrip() for a, b in itertools.zip_longest(left, right, fillvalue=""))
    yield "\n".join(f"{a} {b}".strip() for a, b in itertools.zip_longest(left, right, fillvalue=""))


@pytest.mark.parametrize("row", ROWS, ids=[r["left"] for r in ROWS])
def test_letterhead(row: dict[str, str]) -> None:
    left = row["left"].split(" | ")
    right = [row["right"], *([MOTTO] if row["right"].startswith("CỘNG HÒA") else []), row["dated"]]
    number = left[-1].removeprefix("Số").lstrip(" :").replace(" ", "")
    for head in laid_out(left, right):
        found = plan(f"{head}\n\nKẾ HOẠCH\nTriển khai công tác của cơ quan\n{BODY}")
        said = {c: str(found[c] or "").lower() for c in ("issuing_authority", "parent_authority")}
        assert said == {c: row[c].lower() for c in said}, head
        assert found["number"] == number, head
        assert str(found["issue_date"])[8:] == "03", head
        assert found["place"] == row["dated"].split(",")[0], head
        assert found["title"] == "Triển khai công tác của cơ quan", head


def test_table_is_there() -> None:
    assert len(ROWS) > 40


HEAD = ("CONG HOA XA HOI CHU NGHIA VIET NAM", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Doc lap - Tu do - Hanh phuc", MOTTO)
TITLE = ("KE HOACH", "KẾ HOẠCH", "Ve cong tac nam 2024", "Về công tác năm 2024")


def test_the_number_tells_the_body_of_a_doubtful_line() -> None:
    lines = ("UBND TINH BEN TRE", "UBND TỈNH BẾN TRE", "SOY TE", "SOI TẾ")
    date = ("Ben Tre, ngay 5 thang 4 nam 2024", "Bến Tre, ngày 5 tháng 4 năm 2024")
    told = mended(*lines, "So: 12/KH-SYT", "Số: 12/KH-SYT", *HEAD, *date, *TITLE).plan
    assert (told.issuing_authority, told.parent_authority) == ("Sở Y tế tỉnh Bến Tre", "Ủy ban nhân dân tỉnh Bến Tre")
    other = mended(*lines, "So: 12/KH-STC", "Số: 12/KH-STC", *HEAD, *date, *TITLE).plan
    assert other.issuing_authority != "Sở Tài chính tỉnh Bến Tre"  # nothing in the line is like it


def test_the_body_above_stands_where_the_own_name_is_in_doubt() -> None:
    lines = ("BO CONG THUONG", "BỘ CÔNG THƯƠNG", "TRUONG DAI HOC LAM XEN", "TRƯỜNG ĐẠI HỌC LÂM XEN")
    plan = mended(
        *lines, "So: 12/KH-DHLX", "Số: 12/KH-ĐHLX", *HEAD, "Ha Noi, ngay 5 thang 4 nam 2024", "Hà Nội, ngày 5 tháng 4 năm 2024", *TITLE
    ).plan
    assert (plan.issuing_authority, plan.parent_authority) == (None, "Bộ Công Thương")


def test_a_province_is_written_as_the_table_does() -> None:
    lines = ("TINH UY SON LA", "TỈNH ỦY SƠN LÀ", "HUYEN UY MAI SON", "HUYỆN ỦY MAI SƠN", "So 12-KH/HU", "Số 12-KH/HU")
    party = ("DANG CONG SAN VIET NAM", "ĐẢNG CỘNG SẢN VIỆT NAM", "Mai Son, ngay 5 thang 4 nam 2024", "Mai Sơn, ngày 5 tháng 4 năm 2024")
    assert mended(*lines, *party, *TITLE).plan.parent_authority == "Tỉnh ủy Sơn La"


def test_a_place_is_spelt_as_the_document_spells_it_elsewhere() -> None:
    lines = ("UBND HUYEN NGHIA HANH", "UBND HUYỆN NGHĨA HÀNH", "So: 12/KH-UBND", "Số: 12/KH-UBND", *HEAD)
    date = ("Nghia Hanh, ngay 5 thang 4 nam 2024", "Nghĩa Hạnh, ngày 5 tháng 4 năm 2024")
    assert mended(*lines, *date, *TITLE).plan.place == "Nghĩa Hạnh"  # once against once
    more = ("Uy ban nhan dan huyen Nghia Hanh.", "Ủy ban nhân dân huyện Nghĩa Hành.")
    assert mended(*lines, *date, *TITLE, *more).plan.place == "Nghĩa Hành"


def test_a_code_that_does_not_abbreviate_the_body_gives_no_number() -> None:
    lines = ("UBND TINH LAI CHAU", "UBND TỈNH LAI CHÂU", "BAN CHI DAO", "BAN CHỈ ĐẠO", *HEAD)
    date = ("Lai Chau, ngay 5 thang 4 nam 2024", "Lai Châu, ngày 5 tháng 4 năm 2024")
    assert mended(*lines, "So: 7/KH-BCBD", "Số: 7/KH-BCBD", *date, *TITLE).plan.number is None
    assert mended(*lines, "So: 7/KH-BCDTLC", "Số: 7/KH-BCDTLC", *date, *TITLE).plan.number == "07/KH-BCĐTLC"
