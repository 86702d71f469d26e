"""What may be said of a page image: handwriting, scraps, lost marks and misread digits, in letterheads, bodies and endings of our own."""

import pytest

from pipeline.document import Alternative, Box, Line, Page, Reading, Record, Word, text_reading
from pipeline.extract import extract, identifiers, scanned
from pipeline.extract.signature import misread_title
from pipeline.settings import Extract

WIDTH = 2480
LINES = ("Căn cứ Luật Du lịch;", "I. MỤC ĐÍCH", "- Nâng cao nhận thức của nhân dân về du lịch cộng đồng.")


def printed(text: str, left: int, top: int, column: str | None = None, unsure: dict[str, float] | None = None, number: int = 1) -> Line:
    """A line of a page image; `unsure` gives the confidence of some of its words, 0.95 for the others."""
    words, at, x = [], 0, left
    for token in text.split():
        start = text.index(token, at)
        at = start + len(token)
        sure = (unsure or {}).get(token, 0.95)
        words.append(Word(token, start, start, at, Box(x, top, x + 22 * len(token), top + 44), sure))
        x += 22 * len(token) + 16
    return Line(number, text, text, tuple(words), "text", column)  # type: ignore[arg-type]


def centred(text: str, top: int, unsure: dict[str, float] | None = None, shift: int = 0) -> Line:
    long = sum(22 * len(t) + 16 for t in text.split()) - 16
    return printed(text, (WIDTH - long) // 2 + shift, top, None, unsure)


def scan(*lines: Line) -> Record:
    numbered = [Line(k, x.raw, x.text, x.words, x.kind, x.column) for k, x in enumerate(lines, 1)]
    return extract(Reading("scan", (Page(1, tuple(numbered), "ocr", WIDTH, 3508, 300),)), Extract())[0]


def sheet(
    number: str, date: str, unsure: dict[str, float] | None = None, title: tuple[Line, ...] | None = None, after: tuple[Line, ...] = ()
) -> Record:
    head = [
        printed("UBND TỈNH QUẢNG BÌNH", 300, 200, "left"),
        printed("SỞ DU LỊCH", 400, 260, "left"),
        printed(number, 400, 380, "left", unsure),
        printed("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 1200, 200, "right"),
        printed("Độc lập - Tự do - Hạnh phúc", 1350, 260, "right"),
        printed(date, 1300, 380, "right", unsure),
        centred("KẾ HOẠCH", 560),
    ]
    body = [printed(x, 300, 900 + 80 * k) for k, x in enumerate(LINES)]
    return scan(*head, *(title or (centred("Phát triển du lịch cộng đồng năm 2024", 640),)), *body, *after)


@pytest.mark.parametrize(
    ("number", "unsure", "said"),
    [
        ("Số: 45/KH-SDL", {}, "45/KH-SDL"),
        ("Số: 45/KH-SDL", {"45/KH-SDL": 0.7}, None),
        ("Số: 45 /KH-SDL", {"45": 0.86}, None),  # apart from its code: a hand wrote it
        ("Số: 45 /KH-SDL", {}, "45/KH-SDL"),
        ("Số:45+ /KH-SDL", {}, None),
        ("Số: #4 /KH-SDL", {"#4": 0.9}, None),
        ("Số: 45/QĐ-SDL", {}, None),  # no symbol of a plan
    ],
)
def test_own_number_of_a_scan(number: str, unsure: dict[str, float], said: str | None) -> None:
    found = sheet(number, "Quảng Bình, ngày 05 tháng 4 năm 2024", unsure)
    assert found.plan.number == said
    assert ("number_handwritten" in found.plan.review_reasons) == (said is None)
    assert not any(c.cited_id for c in found.citations)  # what can't be read is no citation either


def test_a_blank_number_is_missing_and_a_rival_reading_makes_it_doubtful() -> None:
    line = printed("Số: 45/KH-SDL", 400, 380, "left")
    word = line.words[1]
    rival = Word(word.text, word.start, word.raw_start, word.raw_end, word.box, 0.9, (Alternative("46/KH-SDL", 0.88),))
    cell = scanned.Cell(Page(1, (), "ocr", WIDTH, 3508), Line(1, line.raw, line.text, (line.words[0], rival)), 0, 5, 13, "left")
    assert not scanned.digits_are_sure(cell, 0.75)


@pytest.mark.parametrize(
    ("date", "unsure", "said"),
    [
        ("Quảng Bình, ngày 05 tháng 4 năm 2024", {}, "2024-04-05"),
        ("Quảng Bình, ngày 05 tháng 4 năm 2024", {"05": 0.8}, "2024-04"),
        ("Quảng Bình, ngày 45 tháng 4 năm 2024", {}, "2024-04"),
        ("Quảng Bình, ngày 1' tháng 4 năm 2024", {}, "2024-04"),
        ("Quảng Bình, ngày Ø#- thángØ† năm 2024", {}, "2024"),
        ("Quảng Bình, ngàyà tháng 4 năm 2024", {}, "2024-04"),
    ],
)
def test_a_day_written_by_hand_leaves_month_year_and_place(date: str, unsure: dict[str, float], said: str) -> None:
    signed = (printed("Ký bởi: Sở Du lịch tỉnh Quảng Bình", 1900, 20), printed("Thời gian ký: 09/4/2024 08:12:11", 1900, 70))
    overlay = tuple(Line(x.number, x.raw, x.text, x.words, "overlay") for x in signed)
    found = sheet("Số: 45/KH-SDL", date, unsure, after=overlay)
    assert (found.plan.issue_date, found.plan.issue_date_source, found.plan.place) == (said, "letterhead", "Quảng Bình")


def test_the_time_of_a_certified_copy_is_no_issue_date() -> None:
    text = "SAO Y\nTrung tâm Công báo\nThời gian ký: 09/4/2024 08:12:11\n\nBỘ Y TẾ\nKẾ HOẠCH\nPhòng chống dịch\n\nCăn cứ Luật Trẻ em;\n"
    assert extract(text_reading(text), Extract())[0].plan.issue_date is None
    own = text.replace("SAO Y\nTrung tâm Công báo", "Ký bởi: Bộ Y tế")
    assert extract(text_reading(own), Extract())[0].plan.issue_date == "2024-04-09"


def test_scraps_and_stamps_stay_out_of_a_title() -> None:
    title = (
        printed("^ .^A ˆ Ẩ »", 900, 620, None, {".^A": 0.6}),
        centred("Triển khai Nghị quyết số", 660),
        centred("24/2023/NQ-HĐND ngày 10/12/2023 của Hội đồng nhân dân tỉnh,", 720),
        centred("năm 2024", 780),
        printed("CÔNG VĂN ĐẾN Ngày:", 20, 830, None, {"ĐẾN": 0.5}),
    )
    found = sheet("Số: 45/KH-SDL", "Quảng Bình, ngày 05 tháng 4 năm 2024", title=title)
    assert found.plan.title == "Triển khai Nghị quyết số 24/2023/NQ-HĐND ngày 10/12/2023 của Hội đồng nhân dân tỉnh, năm 2024"


def test_a_title_in_capitals_goes_on_over_a_blank_line() -> None:
    title = (centred("PHÁT TRIỂN DU LỊCH CỘNG ĐỒNG", 640), printed("", 0, 670), centred("Ở VÙNG VEN BIỂN NĂM 2024", 700))
    assert sheet("Số: 45/KH-SDL", "Quảng Bình, ngày 05 tháng 4 năm 2024", title=title).plan.title == (
        "PHÁT TRIỂN DU LỊCH CỘNG ĐỒNG Ở VÙNG VEN BIỂN NĂM 2024"
    )


def test_a_title_that_lost_words_is_none() -> None:
    title = (centred("Tăng cường quản lý nhà nước về du lịch để thu hút", 640), centred("dự án đầu tư ngoài ngân sách", 700, shift=260))
    found = sheet("Số: 45/KH-SDL", "Quảng Bình, ngày 05 tháng 4 năm 2024", title=title)
    assert found.plan.title is None and "uncertain_title" in found.plan.review_reasons


def test_misread_roman_headings_follow_their_order() -> None:
    heads = (
        "IL. MỤC ĐÍCH, YÊU CẦU",
        "1, Mục đích",
        "'2. Yêu cầu",
        "II NỘI DUNG THỰC HIỆN",
        "- Mở lớp tập huấn cho hộ dân.",
        "II. TỔ CHỨC THỰC HIỆN",
    )
    lines = [printed(x, 300, 1300 + 80 * k) for k, x in enumerate((*heads, "- Phòng Nghiệp vụ theo dõi."))]
    found = scan(centred("KẾ HOẠCH", 560), centred("Phát triển du lịch năm 2024", 640), *lines)
    assert [s.section for s in found.sections] == ["I", "I.1", "I.2", "II", "III"]
    clean = "KẾ HOẠCH\nPhát triển du lịch\n\nI. MỤC ĐÍCH\n- a.\nII. NỘI DUNG\n- b.\nII. TỔ CHỨC\n- c.\n"
    assert [s.section for s in extract(text_reading(clean), Extract())[0].sections] == ["I", "II", "II"]  # as printed


def test_digits_that_were_hardly_read_give_no_target_and_no_deadline() -> None:
    def tasks(unsure: dict[str, float]) -> Record:
        lines = (printed("II. NỘI DUNG", 300, 1300), printed("- Mở 12 lớp tập huấn trước ngày 30/6/2024.", 300, 1380, None, unsure))
        return sheet("Số: 45/KH-SDL", "Quảng Bình, ngày 05 tháng 4 năm 2024", after=lines)

    sure = tasks({})
    assert [t.raw for k in sure.tasks for t in k.targets] == ["12 lớp tập huấn"] and [d.end for d in sure.deadlines] == ["2024-06-30"]
    doubtful = tasks({"12": 0.4, "30/6/2024.": 0.3})
    assert not any(k.targets for k in doubtful.tasks) and not doubtful.deadlines
    assert {"uncertain_targets", "uncertain_deadlines"} <= set(doubtful.plan.review_reasons)


def test_the_end_of_a_scan() -> None:
    end = (
        printed("Ni nhận:", 300, 2000, "left"),
        printed("~ UBND tỉnh (để b/c);", 300, 2060, "left"),
        printed("Các phòng thuộc Sở;", 330, 2120, "left"),
        printed("- Lưu: VT.", 300, 2180, "left"),
        printed("KT. GIÁM ĐỐC", 1600, 2000, "right"),
        printed("PHÓ GIÁM ĐỐ", 1600, 2060, "right"),
        printed("- Nguyên Thị Lan", 1600, 2400, "right"),
    )
    found = sheet("Số: 45/KH-SDL", "Quảng Bình, ngày 05 tháng 4 năm 2024", after=end)
    assert [(r.name, r.purpose) for r in found.recipients] == [("UBND tỉnh", "để b/c"), ("Các phòng thuộc Sở", None), ("VT", "lưu")]
    assert (found.plan.signer_title, found.plan.signer_name) == ("Phó Giám đốc", "Nguyễn Thị Lan")
    assert "uncertain_signer_name" in found.plan.review_reasons


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("PHÓ CHỦ TỊC", "Phó Chủ tịch"),
        ("PHÓ CHỦ TỊCH Sa)", "Phó Chủ tịch"),
        ("TRẦN VĂN PHÚ", None),
        ("SỞ DU LỊCH", None),
        ("Phó Chủ tịch", None),
    ],
)
def test_titles_beside_a_seal(line: str, title: str | None) -> None:
    assert misread_title(line) == title


def test_a_number_parted_by_a_blank_is_one() -> None:
    (found,) = identifiers.find("Quyết định số 1 2/2021/QĐ-TTg ngày 24/3/2021")
    assert found.canonical == "12/2021/QĐ-TTg" and found.confidence < 0.8
    assert [i.canonical for i in identifiers.find("khoản 5 12/QĐ-UBND; số 87/HĐĐND-KT")] == ["12/QĐ-UBND", "87/HĐND-KT"]


def test_a_page_without_letterhead_has_no_kind() -> None:
    words = "Đơn vị thi công vận chuyển vật liệu đến công trường theo tiến độ và báo cáo chủ đầu tư kết quả từng đợt. " * 6
    assert scan(*(printed(words[k : k + 90], 300, 300 + 70 * (k // 90)) for k in range(0, 540, 90))).plan.doc_type is None


@pytest.mark.parametrize(
    ("word", "readable"),
    [("trấn", True), ("ở", True), ("Ổ", True), ("UBND", True), ("b/c);", True), ("12/QĐ-UBND", True), ("mỶ", False), ("ƒ‡6", False)],
)
def test_what_can_be_read_aloud(word: str, readable: bool) -> None:
    assert scanned.is_readable(word) == readable


@pytest.mark.bench
@pytest.mark.parametrize("pattern", ["45/KH-UBND, 12/2021/QĐ-TTg; ", "12 34 ", "1/", "- a\n", "("])
def test_time_grows_with_length(pattern: str) -> None:
    from time import process_time

    def seconds(size: int) -> float:
        text = pattern * (size // len(pattern))
        start = process_time()
        extract(text_reading(text), Extract())
        return process_time() - start

    seconds(1000)
    short, long = seconds(4_000), seconds(32_000)
    assert long < 20 * max(short, 0.01)


def test_a_cited_number_that_was_hardly_read_is_not_cited_but_noted() -> None:
    def cited(unsure: dict[str, float]) -> Record:
        body = printed("Căn cứ Quyết định số 417/QĐ-UBND ngày 09/02/2023 của UBND tỉnh Quảng Bình;", 300, 800, None, unsure)
        return sheet("Số: 12/KH-SDL", "Quảng Bình, ngày 05 tháng 3 năm 2024", after=(body,))

    def found(record: Record) -> list[tuple[str | None, str | None]]:
        return [(c.cited_id, c.cited_date) for c in record.citations if c.cited_id]

    def notes(record: Record) -> list[str]:
        return [p.detail for p in record.problems if p.code == "doubtful_symbol"]

    assert found(cited({})) == [("417/QĐ-UBND", "2023-02-09")] and not notes(cited({}))
    assert found(cited({"417/QĐ-UBND": 0.3})) == [] and notes(cited({"417/QĐ-UBND": 0.3})) == ["417/QĐ-UBND"]
    assert found(cited({"09/02/2023": 0.3})) == [("417/QĐ-UBND", None)]


def test_a_title_set_at_the_left_under_its_kind_is_whole() -> None:
    lines = ("KẾ HOẠCH", "Khảo sát, đánh giá chất lượng nước giếng khoan của các hộ", "dân cư ven biển năm 2024")
    found = scan(
        *(printed(x, 300, 560 + 60 * k) for k, x in enumerate(lines)), *(printed(x, 300, 900 + 80 * k) for k, x in enumerate(LINES))
    )
    assert found.plan.title == " ".join(lines[1:]) and found.plan.period_start == "2024"


def test_a_known_name_over_two_lines_is_one_body_and_a_cut_province_comes_from_the_date() -> None:
    right = (
        printed("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 1200, 200, "right"),
        printed("Cà Mau, ngày 05 tháng 3 năm 2024", 1300, 400, "right"),
    )
    left = [printed(x, 300, 200 + 60 * k, "left") for k, x in enumerate(("UBND TỈNH CÀ", "SỞ NÔNG NGHIỆP VÀ MÔI", "TRƯỜNG"))]
    plan = scan(
        *left, printed("Số: 45/KH-SNNMT", 400, 400, "left"), *right, centred("KẾ HOẠCH", 560), centred("Trồng rừng năm 2024", 640)
    ).plan
    assert plan.parent_authority == "Ủy ban nhân dân tỉnh Cà Mau"
    assert plan.issuing_authority == "Sở Nông nghiệp và Môi trường tỉnh Cà Mau"


@pytest.mark.parametrize(("date", "name"), [("Phú Thới", "Phú Thới"), ("Tân Lộc", "Phú Thời")])
def test_the_place_over_the_date_tells_the_marks_of_the_body(date: str, name: str) -> None:
    left = [printed(x, 300, 200 + 60 * k, "left") for k, x in enumerate(("ỦY BAN NHÂN DÂN", "PHƯỜNG PHÚ THỜI", "Số: 45/KH-UBND"))]
    right = printed(f"{date}, ngày 05 tháng 3 năm 2026", 1300, 320, "right")
    found = scan(*left, right, centred("KẾ HOẠCH", 560), centred("Trồng cây năm 2026", 640))
    assert found.plan.issuing_authority == f"Ủy ban nhân dân phường {name}"


def test_a_heading_whose_number_was_read_as_a_letter_is_the_first_part() -> None:
    lines = (
        "Sở Du lịch ban hành Kế hoạch phát triển du lịch cộng đồng của tỉnh như sau:",
        "L MỤC ĐÍCH, YÊU CẦU",
        "1. Nâng cao nhận thức.",
        "II. NỘI DUNG",
    )
    found = scan(centred("KẾ HOẠCH", 560), centred("Du lịch", 640), *(printed(x, 300, 900 + 60 * k) for k, x in enumerate(lines)))
    assert [s.section for s in found.sections] == ["I", "I.1", "II"]


def test_a_small_number_before_a_thing_and_a_measure_of_little_confidence_are_targets() -> None:
    lines = ("I. NỘI DUNG", "1. Thành lập 14 tổ hướng dẫn viên.", "2. Rải đá 9,5 km đường mòn.")
    body = [printed(x, 300, 900 + 80 * k, None, {"km": 0.4}) for k, x in enumerate(lines)]
    found = scan(centred("KẾ HOẠCH", 560), centred("Du lịch", 640), *body)
    assert [[t.raw for t in task.targets] for task in found.tasks] == [["14 tổ hướng dẫn viên"], ["9,5 km đường mòn"]]


def test_purposes_that_a_recogniser_misread_or_cut() -> None:
    lines = ("Nơi nhận:", "- Sở Y tế (đế bíc);", "- Các xã (th);", "- Tỉnh đoàn (để", "- Lưu: VT.")
    found = sheet(
        "Số: 45/KH-SDL", "Quảng Bình, ngày 05 tháng 3 năm 2024", after=tuple(printed(x, 300, 1400 + 60 * k) for k, x in enumerate(lines))
    )
    assert [(r.name, r.purpose) for r in found.recipients] == [("Sở Y tế", "để b/c"), ("Các xã", "t/h"), ("Tỉnh đoàn", None), ("VT", "lưu")]
