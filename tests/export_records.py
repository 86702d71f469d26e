"""A corpus for exports: invented plans with every kind of deadline, hostile cells, a secret document and one that it cites."""

from dataclasses import replace

from corpus_records import PLAN, PROBLEMS, READINGS, RECORDS, at, plan_record

from pipeline.corpus import ProblemRow, Tables, tabulate
from pipeline.document import Citation, Deadline, Problem, Record, Task, text_reading

SECRET, OPEN, UNDATED = "5ec4e7000000", "0be000000001", "0be000000002"
SECRET_WORDS = "Phương án tác chiến mùa hanh khô"
HOSTILE = ("=1+1", "+84 235", "-1 lần", "@SUM(A1)", "\tthụt", "=cmd|' /C calc'!A0", 'http://example.org/"x"', "＝1+1", " =2+3", "007")
DATES = (
    # kind, start, end, end_op, rrule, time words
    ("by", None, "2024-09-30", "<", None, "trước ngày 30/9/2024"),
    ("by", None, "2024-04-12T17:00", "<=", None, "17h00 ngày 12/4/2024"),
    ("exact", "2024-05-19", "2024-05-19", "<=", None, "ngày 19/5/2024"),
    ("window", "2024-04-01", "2024-06-30", "<=", None, "trong quý II/2024"),
    ("range", "2024-04-01", "2024-11-01", "<", None, "từ tháng 4 đến trước ngày 01/11/2024"),
    ("range", "2024-07-01", None, None, None, "kể từ ngày 01/7/2024"),
    ("by", None, "2025", "<=", None, "đến hết năm 2025"),
    ("periodic", None, None, None, "FREQ=YEARLY;BYMONTH=11", "vào tháng 11 hằng năm"),
    ("periodic", None, None, "<", "FREQ=YEARLY;BYMONTH=3,6,9,12;BYMONTHDAY=25", "trước ngày 25 của tháng cuối quý"),
    ("periodic", None, None, None, "FREQ=MONTHLY", "hằng tháng"),
    ("periodic", None, None, None, "FREQ=WEEKLY;BYDAY=FR", "thứ Sáu hằng tuần"),
    ("periodic", "2025-01-15", "2025-12-31", "<=", "FREQ=MONTHLY;INTERVAL=3", "mỗi quý trong năm 2025"),
    ("relative", None, "anchor+P30D", "<=", None, "30 ngày kể từ ngày kết thúc"),
    ("conditional", None, None, None, None, "khi có yêu cầu"),
)
LONG = "Phòng Tư pháp chủ trì, phối hợp với Ủy ban nhân dân các xã, thị trấn tổ chức tuyên truyền, phổ biến pháp luật; " * 12


def record(plan_id: str, path: str, **plan: object) -> Record:
    """A plan with a task and a deadline for each of DATES."""
    base = replace(plan_record().plan, plan_id=plan_id, source_path=path, page_first=1, page_last=2, review_reasons=(), needs_review=False)
    tasks = tuple(Task(n, "I", LONG if n == 1 else HOSTILE[n % 10], (), None, (), (), (), None, False, at(n, "x")) for n in range(1, 15))
    deadlines = tuple(Deadline(n, n, *values[:5], None, at(n, values[5])) for n, values in enumerate(DATES, 1))
    return Record(replace(base, **plan), tasks=tasks, deadlines=deadlines)


def cites(no: int, **facts: object) -> Citation:
    """A citation; what is not given is null."""
    empty = dict.fromkeys(("cited_id", "cited_type", "cited_date", "cited_issuer", "subject", "cited_uri", "cited_plan_id"))
    told = empty | {"relation": "can_cu", "relation_subject": "this", "mentions": 1} | facts
    return Citation(no, evidence=at(no, "văn bản"), **told)


def corpus() -> Tables:
    """All of it; the open plan cites the secret one by number."""
    secret = record(SECRET, "2024/mật/phương án.pdf", secrecy="MẬT", number="3/PA-BCH", issue_date="2024-01-05", title=SECRET_WORDS)
    secret = replace(secret, plan=replace(secret.plan, issuing_authority="Ban Chỉ huy Phòng thủ dân sự huyện Ba Tri"))
    open_ = record(OPEN, "2024/kh 10.pdf", number="=1+1/KH-X", issue_date="2024-01-31", period_start="2024", period_end="2026")
    open_ = replace(
        open_,
        citations=(
            cites(1, cited_id="3/PA-BCH", cited_date="2024-01-05", cited_issuer="Ban Chỉ huy Phòng thủ dân sự huyện Ba Tri"),
            cites(2, cited_id="12/QĐ-UBND", subject="x\x08y"),
            cites(3, cited_id="749/QĐ-TTg", cited_date="2020-06-03", cited_issuer="Thủ tướng Chính phủ", cited_uri="vn/ttg/qd/2020/749"),
            cites(4, cited_id="05-CT/TW", relation="thuc_hien", relation_subject="749/QĐ-TTg"),
        ),
    )
    undated = record(UNDATED, "2024/kh 9.pdf", number=None, issue_date=None, period_start=None, period_end=None)
    undated = replace(undated, citations=(cites(1, cited_id="12/QĐ-UBND"), cites(2, cited_uri="vn/ttg/qd/2020/749", cited_id="749/QĐ-TTg")))
    problems = (
        *PROBLEMS,
        ProblemRow(None, "bản sao.pdf", Problem("note", "ingest", "duplicate_file", "2024/mật/phương án.pdf")),
        ProblemRow(SECRET, "2024/mật/phương án.pdf", Problem("warning", "extract", "number_missing")),
    )
    readings = READINGS | {SECRET: text_reading(f"{SECRET_WORDS}\n"), OPEN: text_reading("KẾ HOẠCH\n")}
    return tabulate([*RECORDS, secret, open_, undated], readings, problems)


__all__ = ["DATES", "HOSTILE", "LONG", "OPEN", "PLAN", "SECRET", "SECRET_WORDS", "UNDATED", "corpus"]
