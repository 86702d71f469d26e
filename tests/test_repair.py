"""Repair: what it mends, what it must leave alone, and the way back from every word to the raw characters."""

import time
import tomllib
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from pipeline.document import Box, Reading, text_reading
from pipeline.errors import MissingError
from pipeline.repair import is_garbled, model_stamp, repair, repair_text
from pipeline.repair.grammar import DATE, NUMBER, ROMAN, SLASHED, SYMBOL, class_of, cut
from pipeline.repair.language import Language
from pipeline.repair.lexicon import is_syllable, possible_syllables
from pipeline.repair.markers import mended_markers
from pipeline.repair.restore import Restorer, lines_of
from pipeline.repair.store import DEFAULT, load
from pipeline.repair.symbols import find
from pipeline.settings import Repair
from pipeline.text import bare
from pipeline.versions import ARRAYS

HERE = Path(__file__).parent
GARBLED = (HERE / "garbled/sach_2031.eng.txt").read_text(encoding="utf-8")  # read by Tesseract's English model from a page of ours
GOLD = (HERE / "garbled/sach_2031.gold.txt").read_text(encoding="utf-8")
OPTIONS = Repair()


def text_of(reading: Reading) -> str:
    return "".join(line.text + "\n" for _, line in reading.lines())


def wrong(pred: str, gold: str) -> int:
    return Levenshtein.distance(pred.split(), gold.split())


# ------------------------------------------------------------------------------------------------ tables and grammars


def test_inventory_rules() -> None:
    rules = tomllib.loads(files("pipeline").joinpath("rules/inventory.toml").read_text(encoding="utf-8"))
    assert [w for w in rules["examples"] if not is_syllable(w)] == []
    assert [w for w in rules["never"] if is_syllable(w)] == []
    assert 7_000 < len(possible_syllables()) < 20_000


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("2023", NUMBER), ("1.250.000", NUMBER), ("12,5%", NUMBER), ("2021-2025", NUMBER), ("15/4/2031", DATE), ("9/2030", DATE),
        ("417/QĐ-UBND", SYMBOL), ("05-CT/TW", SYMBOL), ("20/2023/QH15", SYMBOL), ("b/c", SLASHED), ("XIV", ROMAN), ("IV.2", ROMAN),
        ("sach@vidu.gov.vn", SLASHED), ("suối", None), ("và/hoặc", None), ("c4c", None), ("UBND", None),
    ],
)  # fmt: skip
def test_classes_of_tokens(body: str, kind: str | None) -> None:
    assert class_of(body) == kind


def test_cut_keeps_every_character() -> None:
    assert cut("(THADS),") == ("(", "THADS", "),")
    for token in ("“Vì", "2025”", "...", "-", "a)", "năm."):
        assert "".join(cut(token)) == token


@pytest.mark.parametrize(
    ("read", "text"),
    [
        ("sé 417/Qb-UBND ngay", "417/QĐ-UBND"), ("88/QD UBND ngay", "88/QĐ-UBND"), ("31/2029/ND-CP;", "31/2029/NĐ-CP"),
        ("12-CT/TU cua", "12-CT/TU"), ("7/QDB-TTg", "7/QĐ-TTg"), ("15/HDND-VP", "15/HĐND-VP"), ("44/KH-UBND.", "44/KH-UBND"),
        ("07/2028/ND-CP Quy che", "07/2028/NĐ-CP"),
    ],
)  # fmt: skip
def test_symbols_are_mended(read: str, text: str) -> None:
    assert [s.text for s in find(read)] == [text]


@pytest.mark.parametrize("read", ["ngay 15/6 Ban", "2021/2022", "24/7 Nam", "1/3 so ho", "ti lé 3/10 Hoi"])
def test_what_only_looks_like_a_symbol(read: str) -> None:
    assert find(read) == []


def test_both_readings_of_an_ambiguous_code_are_kept() -> None:
    (symbol,) = find("s6 45/HD-UBND")
    assert {symbol.text, *symbol.rivals} == {"45/HD-UBND", "45/HĐ-UBND"}


@given(st.from_regex(r"[0-9]{1,4}/(Qb|QD|KH|ND|HD|CT)[- ](UBND|TTg|CP|BTP)", fullmatch=True))
def test_no_digit_of_a_symbol_changes(read: str) -> None:
    for symbol in find(read):
        assert [c for c in symbol.text if c.isdigit()] == [c for c in read[symbol.start : symbol.end] if c.isdigit()]


def test_roman_headings_need_a_sibling() -> None:
    assert mended_markers(["1. MUC DICH", "a", "II. NOI DUNG", "HI. TO CHUC"]) == {0: (0, 1, "I"), 3: (0, 2, "III")}
    assert mended_markers(["1. MUC DICH", "2. NOI DUNG"]) == {}
    assert mended_markers(["1. Muc dich", "II. NOI DUNG"]) == {}


def test_letters_of_an_enumeration() -> None:
    assert mended_markers(["c) ba", "d) bén", "d) nam", "e) sau"]) == {2: (0, 1, "đ")}
    assert mended_markers(["A. MUC DICH", "B. NOI DUNG", "B. Nguyen Van An"]) == {0: (0, 1, "A"), 1: (0, 1, "B")}


# ------------------------------------------------------------------------------------------------ the whole way


@pytest.fixture(scope="module")
def repaired() -> Reading:
    return repair_text(GARBLED, OPTIONS)


def test_garbled_page_is_restored(repaired: Reading) -> None:
    words = len(GOLD.split())
    assert wrong(GARBLED, GOLD) > 0.6 * words
    assert wrong(text_of(repaired), GOLD) <= 0.04 * words
    assert repaired.source_kind == "garbled_text"


def test_numbers_and_dates_are_exact(repaired: Reading) -> None:
    text = text_of(repaired)
    for printed in ("417/QĐ-UBND", "09 tháng 02 năm 2031", "20/4/2031", "27/4/2031", "50 cuốn", "III. TỔ CHỨC THỰC HIỆN"):
        assert printed in text


def test_one_line_for_each_line_and_a_way_back(repaired: Reading) -> None:
    raws = GARBLED.splitlines()
    lines = [line for _, line in repaired.lines()]
    assert [line.raw for line in lines] == raws
    for line in lines:
        assert [w.text for w in line.words] == line.text.split()
        for word in line.words:
            assert line.text[word.start : word.end] == word.text
            assert line.raw[word.raw_start : word.raw_end].strip()
            assert word.confidence is not None and 0 <= word.confidence <= 1
        assert " ".join(line.raw.split()) == " ".join(line.raw[a:b] for a, b in sorted({(w.raw_start, w.raw_end) for w in line.words}))


def test_repaired_text_is_clean(repaired: Reading) -> None:
    again = repair_text(text_of(repaired), OPTIONS)
    assert text_of(again) == text_of(repaired)
    assert not is_garbled(again)


def test_wrong_words_are_less_sure(repaired: Reading) -> None:
    right, bad = [], []
    for line, gold in zip((line for _, line in repaired.lines()), GOLD.splitlines(), strict=True):
        if len(line.words) == len(gold.split()):
            for word, printed in zip(line.words, gold.split(), strict=True):
                (right if word.text == printed else bad).append(word.confidence or 0)
    assert len(right) > 200
    assert sum(right) / len(right) > 0.9
    assert not bad or sum(bad) / len(bad) < sum(right) / len(right)


def test_stripped_marks_are_restored() -> None:
    out = text_of(repair_text(bare(GOLD), OPTIONS))
    assert wrong(out, GOLD) <= 0.04 * len(GOLD.split())


CLEAN = [
    GOLD,
    "Kính gửi: Hội Khuyến học huyện Suối Mây\n\n  V/v mượn sách (đợt 2)\n\tGhi chú: 15 hộ nghèo, 03 hộ cận nghèo; lớp 4A – 4B.\n",
    "Lớp tập huấn dùng phần mềm LibreOffice Writer và trang web sachcu.vidu.vn cho giáo viên.\nLiên hệ: sach@vidu.gov.vn, 0900 000 000.\n",
    "Ông Y Blơm Êban và bà H’Ngăm Niê trao tặng 120 cuốn sách cho buôn Akõ Dhông.\nCuộc thi có 5 đội: Sao Mai, Hướng Dương, Mây Trắng.\n",
]


@pytest.mark.parametrize("text", CLEAN)
def test_clean_text_comes_out_as_it_was(text: str) -> None:
    reading = repair_text(text, OPTIONS)
    assert text_of(reading) == text
    assert reading.source_kind == "text"


def test_a_mixed_text_is_judged_line_by_line() -> None:
    gold, read = GOLD.splitlines(), GARBLED.splitlines()
    mixed = gold[:12] + read[12:]
    out = [line.text for _, line in repair_text("\n".join(mixed) + "\n", OPTIONS).lines()]
    assert out[:12] == gold[:12]
    assert wrong(" ".join(out[12:]), " ".join(gold[12:])) <= 0.06 * len(" ".join(gold[12:]).split())


def test_a_foreign_line_in_a_clean_text_stays() -> None:
    line = "The provincial library lends books to every village school without any fee."
    lines = [*GOLD.splitlines()[4:12], line, *GOLD.splitlines()[12:]]
    assert line in text_of(repair_text("\n".join(lines) + "\n", OPTIONS)).splitlines()


def test_boxes_are_those_of_the_raw_words() -> None:
    reading = text_reading(GARBLED)
    page = reading.pages[0]
    boxed = tuple(
        replace(line, words=tuple(replace(w, box=Box(10 * w.raw_start, 0, 10 * w.raw_end, 20)) for w in line.words)) for line in page.lines
    )
    out = repair(replace(reading, pages=(replace(page, lines=boxed),)), OPTIONS)
    for _, line in out.lines():
        for word in line.words:
            assert word.box == Box(10 * word.raw_start, 0, 10 * word.raw_end, 20)


@settings(max_examples=40, deadline=None)
@given(st.text(st.sampled_from(list("nghéeo dđưởTP16.,;:“”()/-–'’&§\n\t KHQ")), max_size=200))
def test_any_text_keeps_its_lines_and_words(text: str) -> None:
    before = text_reading(text)
    after = repair(before, OPTIONS)
    assert [(p.number, x.number, x.raw) for p, x in after.lines()] == [(p.number, x.number, x.raw) for p, x in before.lines()]
    for _, line in after.lines():
        for word in line.words:
            assert line.text[word.start : word.end] == word.text
            assert 0 <= word.raw_start < word.raw_end <= len(line.raw)


_HOSTILE = st.one_of(
    st.sampled_from(
        ["\u0301" * 3, "a\u0302\u0301", "\0", "\ud800", "\udfff x", "שלום", "👩\u200d👧", "\x1b[31m", "\x85", "\u2028", "\x0b", "\r", "\f"]
    ),
    st.sampled_from(
        [
            "\n",
            "\n\n",
            " \n",
            "ch-\nuc ",
            "tho-\n",
            "-\n-",
            "\u00ad\nhe ",
            "k ế h o ạ c h",
            "12/QD-UBND",
            "0" * 30,
            "QuyÃ¡ÂºÂ¿t ",
            "Quye^'t ",
        ]
    ),
    st.sampled_from(["T6 chire thwe hién ", "phong trao thi dua ", "QuyÕt ®Þnh ", "Ủy ban nhân dân ", "|" * 5, "/" * 9]),
    st.text(max_size=5),
)


@settings(deadline=None, max_examples=150)
@given(st.lists(_HOSTILE, max_size=14).map("".join))
@example("tổ ch-\nuc- \nan tho-\n\nng")
@example("-\nuc" * 5)
@example("T6 chire th-\nwe hién tho-\nng t-\nu")
def test_hostile_text_gives_a_line_for_each_line(text: str) -> None:
    before = text_reading(text)
    after = repair(before, OPTIONS)
    assert [(p.number, x.number, x.raw) for p, x in after.lines()] == [(p.number, x.number, x.raw) for p, x in before.lines()]
    assert text_of(after).count("\n") == text.removesuffix("\n").count("\n") + bool(text)
    for _, line in after.lines():
        assert [line.text[w.start : w.end] for w in line.words] == [w.text for w in line.words]
        assert all(0 <= w.raw_start < w.raw_end <= len(line.raw) and (w.confidence is None or 0 <= w.confidence <= 1) for w in line.words)


@pytest.mark.bench
@pytest.mark.parametrize(
    "unit",
    [
        "to chuc thuc hien ",
        "chirethwehi",
        "\u0301 ",
        "1234567890",
        "123 456 ",
        "שלום ",
        "👩\u200d👧 ",
        "ke\0 hoach ",
        "\ud800 ke hoach ",
        "k ế h o ạ c h ",
        "Quye^'t ",
        "QuyÃ¡ÂºÂ¿t ",
        "\n",
        "ch-\nuc ",
        "12/QD-UBND/",
    ],
    ids=lambda u: ascii(u[:8]),
)
def test_cost_of_hostile_text_is_linear(unit: str) -> None:
    seconds = []
    for length in (20_000, 200_000):
        text = unit * (length // len(unit))
        begun = time.process_time()
        repair_text(text, OPTIONS)
        seconds.append(time.process_time() - begun)
    assert seconds[1] < 20 * seconds[0] + 1


def test_the_same_text_gives_the_same_reading() -> None:
    assert repair_text(GARBLED, OPTIONS) == repair_text(GARBLED, OPTIONS)


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingError) as e:
        model_stamp(Repair(model=str(tmp_path)))
    assert e.value.key == "missing_model"
    assert len(model_stamp(OPTIONS)) == 64


# ------------------------------------------------------------------------------------------------ exact damage


@pytest.mark.parametrize(
    ("raw", "text", "spans"),
    [
        ("Trao 20 cuèn s¸ch cho tr­êng MÇm Non", "Trao 20 cuốn sách cho trường Mầm Non", {"cuốn": "cuèn", "sách": "s¸ch"}),
        ("T ủ  s á c h  c ủ a  b u ô n", "Tủ sách của buôn", {"sách": "s á c h", "buôn": "b u ô n"}),
    ],
)
def test_exact_damage_is_undone_and_leads_back(raw: str, text: str, spans: dict[str, str]) -> None:
    (line,) = [line for _, line in repair_text(raw + "\n", OPTIONS).lines()]
    assert (line.raw, line.text) == (raw, text)
    assert {w.text: line.raw[w.raw_start : w.raw_end] for w in line.words if w.text in spans} == spans


def test_garbled_words_in_a_line_whose_damage_was_undone_lead_back() -> None:
    raw = "S ở  G i á o  d ụ c  thwe hién chuong trinh tang sach"
    lines = [line for _, line in repair_text(GARBLED + raw + "\n", OPTIONS).lines()]
    assert lines[-1].raw == raw
    found = {w.text: raw[w.raw_start : w.raw_end] for w in lines[-1].words}
    assert found["Giáo"] == "G i á o"
    assert found["hiện"] == "hién"


# ------------------------------------------------------------------------------------------------ doubtful words of the recogniser


def _scanned(text: str, doubts: dict[str, float]) -> Reading:
    """A page that the recogniser read, sure of every word but those in `doubts`."""
    reading = text_reading(text)
    page = reading.pages[0]
    lines = tuple(replace(x, words=tuple(replace(w, confidence=doubts.get(w.text, 0.96)) for w in x.words)) for x in page.lines)
    return replace(reading, source_kind="scan", pages=(replace(page, lines=lines, origin="ocr"),))


DOUBTS = [
    ("Ủy ban nhân dân các xã, thị trần và các phòng", "trần", "Ủy ban nhân dân các xã, thị trấn và các phòng"),
    ("báo cáo cấp có thẩm quyên, xem xét, quyết định", "quyên,", "báo cáo cấp có thẩm quyền, xem xét, quyết định"),
    (
        "quy định chỉ tiết và hướng dẫn thi hành một số điễu của Luật",
        "điễu",
        "quy định chỉ tiết và hướng dẫn thi hành một số điều của Luật",
    ),
    ("Tổ chức triên khai thực hiện kế hoạch", "triên", "Tổ chức triển khai thực hiện kế hoạch"),
]


@pytest.mark.parametrize(("read", "word", "text"), DOUBTS)
def test_a_doubtful_word_is_mended(read: str, word: str, text: str) -> None:
    (line,) = [x for _, x in repair(_scanned(read + "\n", {word: 0.7}), OPTIONS).lines()]
    assert (line.text, line.raw) == (text, read)
    (new,) = [w for w in line.words if w.alternatives]
    assert new.alternatives[0].text == word == line.raw[new.raw_start : new.raw_end]
    assert [line.text[w.start : w.end] for w in line.words] == text.split()


@pytest.mark.parametrize(
    ("read", "doubts"),
    [
        ("Đội xung kích tập hợp ở nhà ông Tuần lúc 6 giờ", {"Tuần": 0.5}),  # a name
        ("Hạt giống đã ngâm thì gieo ngay", {}),  # the recogniser was sure, and so is the reader
        ("Trưởng ban: ông Trân Văn Khoái, điện thoại 0900 000 000", {"Trân": 0.5, "Khoái,": 0.4, "0900": 0.3}),  # a name, a number
        ("Mua sách cho tủ sách của buôn, bản, làng", {"buôn,": 0.6, "bản,": 0.6, "tủ": 0.5}),  # right, though doubtful
    ],
)
def test_what_is_sure_or_no_common_word_stays(read: str, doubts: dict[str, float]) -> None:
    assert text_of(repair(_scanned(read + "\n", doubts), OPTIONS)) == read + "\n"


def test_a_word_hyphenated_over_a_line_is_one_word_and_the_lines_stay() -> None:
    text = (
        "Hat Kiem lam to ch-\nuc truc gac tai cac choi canh, tuyen truy-\n"
        "en phong chay rung cho ba con tho-\nn ban tren dia ban, khuye-\nn khich, dong vien nguoi dan.\n"
    )
    lines = [line for _, line in repair_text(text, OPTIONS).lines()]
    assert [line.text for line in lines[:3]] == [
        "Hạt Kiểm lâm tổ ch-",
        "ức trực gác tại các chòi canh, tuyên truy-",
        "ền phòng cháy rừng cho bà con thô-",
    ]
    assert lines[4].text == "n khích, động viên người dân." and lines[3].text.endswith(" khuyế-")
    for line, raw in zip(lines, text.split("\n"), strict=False):
        assert line.raw == raw
        assert [line.text[w.start : w.end] for w in line.words] == line.text.split()
        assert [raw[w.raw_start : w.raw_end] for w in line.words] == raw.split()


def test_a_page_without_a_word_stays() -> None:
    empty = _scanned("\n", {})
    assert repair(empty, OPTIONS) == empty


def test_clean_words_stay_even_with_the_judge_switched_off() -> None:
    raws = GOLD.splitlines()
    lines = [line for _, line in text_reading(GOLD).lines()]
    tokens, choices = Restorer(load(DEFAULT), OPTIONS).choose(raws)
    assert [x.text for x in lines_of(lines, tokens, choices)] == raws


def test_the_files_that_the_stamp_names_are_those_that_the_model_loads() -> None:
    assert tuple(Language.__dataclass_fields__) == ARRAYS


def test_a_word_is_not_swallowed_by_the_syllable_before_it() -> None:
    line = repair_text("Nghi quyét sb", Repair()).lines()[0][1]
    assert len(line.words) == 3
