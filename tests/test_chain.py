"""A decision, that of a ministry, a plan of a general department without a number, plans of two provinces: linked as researchers ask."""

import re
from pathlib import Path

import pytest

from pipeline.corpus import show, store, tabulate
from pipeline.document import text_reading
from pipeline.extract import extract
from pipeline.query import query
from pipeline.settings import Settings

HEAD = """{above}\tCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
{body}\tĐộc lập - Tự do - Hạnh phúc
Số: {number}\t{place}, ngày {day} năm 2031

{kind}
{title}

"""
DECISION = """Căn cứ {base};

QUYẾT ĐỊNH:

Điều 1. Ban hành kèm theo Quyết định này Kế hoạch trồng hoa ven đường làng.

Nơi nhận:
- Lưu: VT.
"""
PLAN = """{base}, {issuer} xây dựng kế hoạch như sau:

I. NỘI DUNG
1. {who} chủ trì trồng hoa trước ngày {due}.

Nơi nhận:
- Lưu: VT.
"""
TITLE = "rồng hoa ven đường làng của hệ thống thi hành án dân sự giai đoạn 2031-2035"
OF_TTG = "Quyết định số 666/QĐ-TTg ngày 08/4/2031 của Thủ tướng Chính phủ"
OF_BTP = "Quyết định số 912/QĐ-BTP ngày 02/5/2031 của Bộ Tư pháp"
OF_GENERAL = f"Kế hoạch số 1205/KH-TCTHADS ngày 27/5/2031 của Tổng cục Thi hành án dân sự về t{TITLE}"
GENERAL = "TỔNG CỤC THI HÀNH ÁN DÂN SỰ"


def texts() -> list[str]:
    ministry = HEAD.format(
        above="BỘ TƯ PHÁP",
        body="",
        number="912/QĐ-BTP",
        place="Hà Nội",
        day="02 tháng 5",
        kind="QUYẾT ĐỊNH",
        title="Ban hành Kế hoạch trồng hoa",
    )
    top = HEAD.format(
        above="THỦ TƯỚNG CHÍNH PHỦ",
        body="",
        number="666/QĐ-TTg",
        place="Hà Nội",
        day="08 tháng 4",
        kind="QUYẾT ĐỊNH",
        title="Ban hành Kế hoạch trồng hoa",
    )
    general = HEAD.format(
        above="BỘ TƯ PHÁP", body=GENERAL, number="      /KH-TCTHADS", place="Hà Nội", day="    tháng", kind="KẾ HOẠCH", title=f"T{TITLE}"
    )
    made = [
        top + DECISION.format(base="Luật Tổ chức Chính phủ"),
        ministry + DECISION.format(base=OF_TTG),
        general + PLAN.format(base=f"Căn cứ {OF_TTG} và {OF_BTP}", issuer="Tổng cục", who="Vụ Nghiệp vụ", due="30/9/2031"),
    ]
    for place, number in (("An Giang", 61), ("Cà Mau", 77)):
        body = f"CỤC THI HÀNH ÁN DÂN SỰ TỈNH {place.upper()}"
        head = HEAD.format(
            above=GENERAL,
            body=body,
            number=f"{number}/KH-CTHADS",
            place=place,
            day="20 tháng 6",
            kind="KẾ HOẠCH",
            title="Trồng hoa năm 2031",
        )
        made.append(
            head
            + PLAN.format(base=f"Thực hiện {OF_GENERAL}", issuer=f"Cục Thi hành án dân sự tỉnh {place}", who="Văn phòng", due="30/8/2031")
        )
    return made


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    out = tmp_path_factory.mktemp("chain")
    readings = {f"{k:012x}": text_reading(text) for k, text in enumerate(texts(), 1)}
    records = [r for plan_id, reading in readings.items() for r in extract(reading, Settings().extract, plan_id, f"{plan_id}.txt")]
    store.write(tabulate(records, readings, ()), out)
    return out


def questions() -> list[str]:
    return re.findall(r"```sql\n(.*?)```", Path("docs/tables.md").read_text(encoding="utf-8"), re.DOTALL)


def test_the_plan_without_a_number_gets_that_by_which_the_provinces_cite_it(out):
    rows = query(out, "SELECT number, number_source FROM plans ORDER BY plan_id").rows
    assert rows[2] == ("1205/KH-TCTHADS", "inferred") and rows[3] == ("61/KH-CTHADS", "letterhead")
    told = show.fact(store.read(out), "000000000003", "plans:number", "en")
    assert "000000000004" in told and "citations:1" in told and "1205/KH-TCTHADS" in told


def test_the_questions_of_the_documentation_are_answered(out):
    citing, below, busy, pages = (query(out, sql).rows for sql in questions())
    assert {row[0] for row in citing} == {"912/QĐ-BTP", "1205/KH-TCTHADS"}
    steps = [(0, "666/QĐ-TTg"), (1, "1205/KH-TCTHADS"), (1, "912/QĐ-BTP"), (2, "61/KH-CTHADS"), (2, "77/KH-CTHADS")]
    assert [row[:2] for row in below] == steps
    assert busy == (("Văn phòng", 2),)
    assert ("1205/KH-TCTHADS", 1) in pages


def test_who_cites_a_document_is_shown_with_it(out):
    told = show.plan(store.read(out), "000000000001", "en").partition("Cited by")[2]
    assert "912/QĐ-BTP" in told and "1205/KH-TCTHADS" in told and "61/KH-CTHADS" not in told


@pytest.mark.parametrize("plan_id", ["000000000001", "000000000003", "000000000005"])
def test_a_plan_is_shown_alike_from_all_tables_and_from_those_around_it(out, plan_id):
    whole, around = store.read(out), store.read_around(out, plan_id)
    assert show.plan(whole, plan_id, "vi") == show.plan(around, plan_id, "vi")
    assert show.fact(whole, plan_id, "plans:number", "vi") == show.fact(around, plan_id, "plans:number", "vi")
    assert len(around.tasks) < len(whole.tasks)
    assert len(store.read(out, ("plans",)).plans) == len(whole.plans) and store.read(out, ("plans",)).tasks.empty
