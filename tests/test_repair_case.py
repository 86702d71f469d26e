"""What repair knows of print beside its model: capitals, abbreviations, numerals of headings and quarters, names."""

import pytest

from pipeline.repair import repair_text
from pipeline.repair.candidates import defined_abbreviations
from pipeline.repair.cases import cases
from pipeline.repair.markers import mended_markers, quarters, unsure_numerals
from pipeline.repair.shortened import known, stroked
from pipeline.repair.symbols import find
from pipeline.settings import Repair, Settings


def repaired(raw: str) -> str:
    return repair_text(raw + "\n", Repair()).pages[0].lines[0].text


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("CUC TRUONG - BO tru@ng (dé b/c):", "CC......"),  # two columns
        ("Noi nhan: CHANH An - Toa an", "..Co...."),
        ("TW Doan (b/c); PHO Bi THU - Thuong", "...CoC.."),
        ("NONG DAN LANG SON _ Doc lap - Tu do", "CCCC......"),
        ("- TT. TU, TT. HDND tinh (b/c);", "......."),  # abbreviations make no run
        ("UY BAN NHAN DAN tinh Dak Lak", "CCCCCCC"),
        ("KHAN", "C"),
        ("cua UBND xa va HDND tinh", "......"),
    ],
)
def test_runs_of_capitals(line: str, expected: str) -> None:
    assert [{"": ".", "capitals": "C", "only": "o"}[c] for c in cases(line.split())] == list(expected[: len(line.split())])


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("Noi nhan: CHANH An - Toa an nhan dan", "Nơi nhận: CHÁNH ÁN - Tòa án nhân dân"),
        ("CUC TRUONG - BO tru@ng (dé b/c);", "CỤC TRƯỞNG - Bộ trưởng (để b/c);"),
        ("KE HOACH so 12", "KẾ HOẠCH số 12"),  # small words of a heading stay small
        ("TM. UY BAN NHAN DAN", "TM. ỦY BAN NHÂN DÂN"),
        ("TUQ. CHU TICH", "TUQ. CHỦ TỊCH"),
        ("TT. Tinh uy, TT. HDND tinh; cac don vi", "TT. Tỉnh ủy, TT. HĐND tỉnh; các đơn vị"),
        ("ThS. Nguyén Van Binh", "ThS. Nguyễn Văn Bình"),
    ],
)
def test_case_goes_with_the_run_and_abbreviations_stay(raw: str, text: str) -> None:
    assert repaired(raw) == text


def test_known_abbreviations_get_their_stroke_back() -> None:
    assert stroked("LDTBXH") == ("LĐTBXH",) and stroked("GD&DT") == ("GD&ĐT",) and "HĐ" in stroked("HD")
    assert stroked("UBND") == stroked("LĐTBXH") == stroked("XYZD") == ()
    assert {"TM", "TTg", "HD", "HĐ", "LĐ-TB&XH"} <= known() and "P" not in known()


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("So Lao déng, Thuong binh va Xa hdi (LDTBXH), cac don vi", "Sở Lao động, Thương binh và Xã hội (LĐTBXH), các đơn vị"),
        ("- Luu: VT (SGDDT), PV01 (CAT).", "- Lưu: VT (SGDĐT), PV01 (CAT)."),
        ("thé tich khdng qua 2 lit (SEN) theo quy dinh", "thể tích không quá 2 lít (SEN) theo quy định"),
        ("cac huyén, thanh phd (dé th/hién);", "các huyện, thành phố (để th/hiện);"),
    ],
)
def test_abbreviations_in_running_text(raw: str, text: str) -> None:
    assert repaired(raw) == text


def test_a_word_in_brackets_and_capitals_is_an_abbreviation_even_if_a_syllable() -> None:
    assert defined_abbreviations(["(SEN)", "SEN", "HAI", "HAI", "HAI", "(may"]) == {"SEN"}


@pytest.mark.parametrize(
    ("read", "texts"),
    [
        ("S6: 305/QD-BNV Ha N6i, ngay", ["305/QĐ-BNV"]),  # two words behind it
        ("dién s6 589/CB-TTg ngay", ["589/CĐ-TTg"]),  # a code that tells no kind before an issuer
        ("12-QD/CB ngay", ["12-QĐ/CB"]),  # the same code as issuer
        ("s6 70/2014/QB- TTg ngay", ["70/2014/QĐ- TTg"]),  # a blank behind a dash was printed
    ],
)
def test_symbols_beside_other_words(read: str, texts: list[str]) -> None:
    assert [s.text for s in find(read)] == texts


def test_a_kind_that_may_be_another_is_kept_as_a_rival() -> None:
    assert find("589/CB-TTg")[0].rivals == ("589/CB-TTg",)


@pytest.mark.parametrize(
    ("line", "mark"),
    [("Ill. TO CHUC", "III"), ("Il- NOI DUNG", "II"), ("II]. TRACH", "III"), ("II. X", ""), ("11. Chi", ""), ("ll. X", "")],
)
def test_strokes_that_open_a_line_are_a_roman_number(line: str, mark: str) -> None:
    assert [text for _, _, text in mended_markers([line]).values()] == ([mark] if mark else [])


@pytest.mark.parametrize(
    ("before", "mark", "unsure"),
    [([], "III", True), (["I- MUC DICH"], "II", False), (["II- PHAM VI"], "III", False), (["V. PHU LUC"], "III", True)],
)
def test_a_stroke_before_a_dash_is_told_by_the_heading_before_it(before: list[str], mark: str, unsure: bool) -> None:
    raws = [*before, "IIl- NOI DUNG"]
    assert mended_markers(raws)[len(before)][2] == mark
    assert (len(before) in unsure_numerals(raws)) is unsure


def test_an_unsure_heading_asks_for_review() -> None:
    (word, *_) = next(
        line for _, line in repair_text("IIl- NOI DUNG THUC HIEN\nUy ban nhan dan x4 thuc hién ké hoach", Repair()).lines()
    ).words
    assert word.text == "III-" and word.alternatives[0].text == "II-"
    assert word.confidence is not None and word.confidence < Settings().extract.review_below


def test_a_code_that_may_be_another_is_an_alternative_of_its_word() -> None:
    (line,) = (line for _, line in repair_text("Thye hién hudng dan sé 12/HD-UBND cua Uy ban nhan dan tinh", Repair()).lines())
    (word,) = (w for w in line.words if "UBND" in w.text)
    assert {word.text, *(a.text for a in word.alternatives)} == {"12/HD-UBND", "12/HĐ-UBND"}


@pytest.mark.parametrize(
    ("read", "text"),
    [
        ("1.Sau khi tiép nhan hd so", "1.Sau"),  # a point and its first word without a blank
        ("san lugng dién 500 kWh mdi nam", "kWh"),
        ("a.1) Quyét dinh cua Uy ban nhan dan", "a.1)"),
        ("cac don vi ANS va co quan lién quan", "ANS"),
    ],
)
def test_what_was_read_right_stays(read: str, text: str) -> None:
    assert text in [w.text for _, line in repair_text(read, Repair()).lines() for w in line.words]


def test_a_new_list_begins_with_its_own_letters() -> None:
    assert mended_markers(["d) mot", "2. Hai", "d) ba"]) == {}


def test_a_comma_behind_the_next_number_is_a_point() -> None:
    assert mended_markers(["3. Ba", "4, Bén", "6, Sau", "5, sau"]) == {1: (0, 2, "4.")}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("trong quy 11/2022; bién", ["II"]),
        ("quy Iv/2020, quý 111.", ["IV", "III"]),
        ("quy 1/2015 va quy II", []),
        ("quy 11km", []),
        ("11/2022", []),
    ],
)
def test_strokes_of_a_quarter(line: str, found: list[str]) -> None:
    assert [text for _, _, text in quarters(line)] == found


def test_a_quarter_is_mended_in_its_place() -> None:
    assert repaired("hoan thanh trong quy 11/2022; bién soan tai liéu") == "hoàn thành trong quý II/2022; biên soạn tài liệu"


def test_the_second_word_of_a_name() -> None:
    assert repaired("Thach Thi Sa Rane").startswith("Thạch Thị Sa")


@pytest.mark.parametrize("raw", ["S06: 62/KH-UBND Tra Vinh", "So: 62/KH-UBND Tra Vinh", "S6: 62/KH-UBND Tra Vinh"])
def test_the_word_before_a_symbol(raw: str) -> None:
    assert repaired(raw).startswith("Số: 62/KH-UBND")
