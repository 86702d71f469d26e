"""Records of invented documents, built by hand through the dataclasses, for the tests of the corpus."""

from pipeline.corpus import ProblemRow, Tables, tabulate
from pipeline.document import (
    Box,
    Citation,
    Deadline,
    Evidence,
    Line,
    Page,
    Plan,
    PlanField,
    Problem,
    Reading,
    Recipient,
    Record,
    Section,
    Target,
    Task,
    Word,
    text_reading,
)

DECISION, PLAN, OTHER = "0a1b2c3d4e5f", "0a1b2c3d4e5f-2", "ffee00112233"
PLAN_TEXT = """KẾ HOẠCH
Số: 45/KH-SYT

I. NỘI DUNG
- Phòng Nghiệp vụ Y chủ trì tập huấn ít nhất 03 lớp cho trạm y tế,
hoàn thành trước ngày 30/9/2024.
- Các trạm y tế báo cáo hằng năm.
"""


def at(line: int, raw: str, *, last: int | None = None, page: int = 1, box: Box | None = None, rule: str = "test.rule") -> Evidence:
    """Evidence on a page, of confidence 0.9."""
    return Evidence(page, line, last or line, box, raw, 0.9, rule)


def citation(
    no: int, cited_id: str | None, date: str | None = None, issuer: str | None = None, kind: str | None = "Quyết định"
) -> Citation:
    """A citation as the basis of the document, on line `no`."""
    where = at(no, cited_id or "Luật Dược")
    return Citation(no, cited_id, kind, date, issuer, "về phòng bệnh", "can_cu", "this", 1, None, None, where, (where,))


def plan_record() -> Record:
    """A clean plan of a health department with two tasks, two deadlines, a target, two citations."""
    plan = Plan(
        PLAN,
        "năm 2024/kế hoạch.txt",
        2,
        3,
        "text",
        True,
        "Kế hoạch",
        "45/KH-SYT",
        "letterhead",
        "2024-03-11",
        "letterhead",
        "Cà Mau",
        "Phòng bệnh mùa mưa",
        issuing_authority="Sở Y tế tỉnh Cà Mau",
        pages=2,
        words=40,
        needs_review=True,
        review_reasons=("number_unsure", "no_signer"),
    )
    return Record(
        plan,
        (PlanField("number", "45/KH-SYT", "letterhead", at(2, "45/KH-SYT")),),
        (citation(1, "9/QĐ-UBND", "2024-03-01", "Ủy ban nhân dân tỉnh"), citation(2, None, kind="Luật")),
        (Section("I", 1, "NỘI DUNG", "heading", at(4, "I. NỘI DUNG")),),
        (
            Task(
                1,
                "I",
                "Phòng Nghiệp vụ Y chủ trì tập huấn ít nhất 03 lớp cho trạm y tế, hoàn thành trước ngày 30/9/2024.",
                ("Phòng Nghiệp vụ Y",),
                "own",
                (),
                (),
                (Target(3, ">=", "lớp", None, "ít nhất 03 lớp"), Target(2.5, "~", "%", "trạm | điểm", "2,5 %")),
                None,
                False,
                at(5, "Phòng Nghiệp vụ Y chủ trì tập huấn …", last=6),
            ),
            Task(
                2,
                "I",
                "Các trạm y tế báo cáo hằng năm.",
                ("Các trạm y tế", "x | y"),
                "own",
                (),
                ("Sở",),
                (),
                None,
                False,
                at(7, "Các trạm"),
            ),
        ),
        (
            Deadline(1, 1, "by", None, "2024-09-30", "<", None, None, at(6, "trước ngày 30/9/2024")),
            Deadline(2, 2, "periodic", None, None, None, "FREQ=YEARLY", None, at(7, "hằng năm")),
        ),
        (Recipient(1, 'Trạm y tế các xã, "phường"', None, "recipient", at(7, "Trạm")), Recipient(2, "VT", "lưu", "archive", at(7, "VT"))),
        (Problem("warning", "extract", "number_missing"),),
    )


def decision_record() -> Record:
    """A scanned decision of the province that the plan cites."""
    plan = Plan(
        DECISION,
        "năm 2024/kế hoạch.txt",
        1,
        1,
        "scan",
        False,
        "Quyết định",
        "09/QĐ-UBND",
        "letterhead",
        "2024-03-01",
        "letterhead",
        issuing_authority="Ủy ban nhân dân tỉnh Cà Mau",
        text_confidence=0.97,
    )
    return Record(plan, (PlanField("number", "09/QĐ-UBND", "letterhead", at(1, "Sô: 09/QD-UBND", box=Box(10, 20, 210, 40))),))


def other_record() -> Record:
    """A document of another province with the same symbol and the same date."""
    plan = Plan(OTHER, 'a,b "c".pdf', 1, 1, "garbled_text", False, "Quyết định", "09/QĐ-UBND", "letterhead", "2024-03-01", "letterhead")
    return Record(Plan(**{f: getattr(plan, f) for f in Plan.__slots__} | {"issuing_authority": "Ủy ban nhân dân tỉnh Hà Nam"}))


def scan_reading() -> Reading:
    """One scanned page of two lines, repaired."""
    words = (Word("Số:", 0, 0, 3, Box(10, 20, 60, 40), 0.5), Word("09/QĐ-UBND", 4, 4, 14, Box(70, 20, 210, 40), 1 / 3))
    lines = (Line(1, "Sô: 09/QD-UBND", "Số: 09/QĐ-UBND", words), Line(2, "", "", ()))
    return Reading("scan", (Page(1, lines, "ocr", 1000, 1400, 150, problems=(Problem("warning", "ocr", "low_confidence", page=1),)),))


RECORDS = (plan_record(), decision_record(), other_record())
READINGS = {PLAN: text_reading(PLAN_TEXT), DECISION: scan_reading()}
PROBLEMS = (
    ProblemRow(None, "hỏng.pdf", Problem("error", "ingest", "empty_file")),
    ProblemRow(None, "=cmd|' /C calc'!A0\n.pdf", Problem("error", "ingest", "unsupported", "It begins with “MZ”.")),
    ProblemRow(DECISION, "năm 2024/kế hoạch.txt", Problem("error", "ocr", "page_timeout", page=2)),
)


def corpus() -> Tables:
    """The tables of all of it."""
    return tabulate(RECORDS, READINGS, PROBLEMS)
