"""How sure a word of a scan is, by the recogniser and by the words around it."""

import random
from dataclasses import astuple, fields, replace

import pytest

from pipeline.document import Reading, Word, text_reading
from pipeline.evaluate.scanned import Scanned
from pipeline.repair import repair
from pipeline.repair.store import DEFAULT, load
from pipeline.repair.sureness import Other, Read, Signs, of_letters, others_sure, signs, sure
from pipeline.settings import Repair
from pipeline.train_confidence import fitted, labelled

OPTIONS = Repair()


def _scan(text: str, confidence: float = 0.96) -> Reading:
    """A page that the recogniser read, as sure of one word as of another."""
    reading = text_reading(text)
    page = reading.pages[0]
    lines = tuple(replace(x, words=tuple(replace(w, confidence=confidence) for w in x.words)) for x in page.lines)
    return replace(reading, source_kind="scan", pages=(replace(page, lines=lines, origin="ocr"),))


def _words(text: str, confidence: float = 0.96) -> list[Word]:
    return [w for _, line in repair(_scan(text + "\n", confidence), OPTIONS).lines() for w in line.words]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Sau mưa bão Ủy ban nhân dân xã khác phục hậu quả thiên tai", "khác"),
        ("Ủy ban nhân dân xã báo cáo kết qủa thực hiện trước ngày họp", "qủa"),
        ("Chị em trong tổ thêu nộp báo.cáo bán hàng cho hợp tác xã", "báo.cáo"),
    ],
)
def test_the_wrong_word_that_the_recogniser_was_sure_of_is_the_least_sure(text: str, word: str) -> None:
    found = _words(text)
    least = min(found, key=lambda w: w.confidence or 0)
    assert least.text == word
    assert (least.confidence or 0) < 0.75 and sorted(w.confidence or 0 for w in found)[1] > 0.8


def test_a_mended_word_is_as_sure_as_its_new_text_fits() -> None:
    (phi,) = [w for w in _words("Trường học sử dụng kinh phi sửa chữa mái tôn") if w.alternatives]
    assert (phi.text, phi.alternatives[0].text) == ("phí", "phi")
    assert (phi.confidence or 0) > 0.9 and phi.alternatives[0].confidence == round(1 - (phi.confidence or 0), 4)


def test_a_word_that_the_recogniser_takes_for_another_as_a_whole_is_mended() -> None:
    found = _words("Nội dung chỉ tiết được gửi kèm theo thư mời họp của tổ dân phố", 0.92)
    assert [w.text for w in found[:4]] == ["Nội", "dung", "chi", "tiết"]
    assert "chỉ" in [w.text for w in _words("Các tổ dân phố chỉ họp một lần trong tháng", 0.92)]


def test_the_recogniser_still_counts() -> None:
    text = "Nhà trường mời cha mẹ học sinh đến dự lễ khai giảng"
    for low, high in zip(_words(text, 0.5), _words(text, 0.96), strict=True):
        assert (low.confidence or 0) < (high.confidence or 0)


@pytest.mark.parametrize("text", ["12/5/2022", "38/TTr-PNV", "UBND", "THCS", "3.500.000", "–", "(VT)"])
def test_numbers_symbols_and_abbreviations_keep_what_the_recogniser_says_where_it_doubts_them(text: str) -> None:
    assert not of_letters(text)
    doubted, read = ([w for w in _words(f"Gửi kèm {text} cho các tổ dân phố", c) if w.text == text][0] for c in (0.83, 0.96))
    assert doubted.confidence == 0.83
    assert 0.96 <= (read.confidence or 0) < 1


def test_a_number_that_was_read_well_is_surer_in_a_line_that_was() -> None:
    good, bad = others_sure([(Read(0.95, 0.95), "12/5/2022"), (Read(0.95, 0.6), "12/5/2022")])
    assert good > 0.97 > bad >= 0.95


def test_words_of_letters_are_told() -> None:
    assert all(map(of_letters, ("xã", "Tuần,", "(để", "TỈNH", "báo.cáo", "Kbang")))


def test_a_born_digital_page_has_no_confidence_to_change() -> None:
    reading = text_reading("Các trường học bố trí kinh phi sửa chữa mái tôn\n")
    assert [w.confidence for _, line in repair(reading, OPTIONS).lines() for w in line.words] == [None] * 11


def test_each_sign_weighs_as_it_should() -> None:
    one = signs(Read(0.8, 0.8), "xã", 0.8, False, (4.0, 4.0))
    before = sure([one])[0]
    more = {"recogniser": 1.0, "line": 1.0, "posterior": 1.0, "other": -1.0, "broken": -1.0, "here": -1.0, "after": -1.0, "marks": 1.0}
    assert set(more) == {f.name for f in fields(Signs)}
    for name, way in more.items():
        assert sure([replace(one, **{name: getattr(one, name) + 1})])[0] * way > before * way, name
    assert sure([]) == []


def test_what_is_not_printed_as_read_speaks_for_what_it_was_mended_to() -> None:
    told = Read(0.9, 0.9, 0.02)
    stays, mended, other = (signs(told, text, 0.8, False, (4.0, 4.0), "câu").marks for text in ("câu", "cầu", "dầu"))
    assert stays < 0 < mended and other == 0 == signs(Read(0.9, 0.9), "câu", 0.8, False, (4.0, 4.0)).marks


def test_a_fit_finds_the_weights_that_made_the_labels() -> None:
    rng = random.Random(5)
    rows = []
    for _ in range(4000):
        s = Signs(*(rng.gauss(0, 1) for _ in fields(Signs)))
        rows.append((s, rng.random() < sure_of(s)))
    bias, weights = fitted(rows)
    assert bias == pytest.approx(0.5, abs=0.15)
    assert weights.tolist() == pytest.approx(MADE, abs=0.2)


MADE = [1.0, 0.5, 0.8, -1.5, -1.0, -0.3, 0.0, 0.4]


def sure_of(s: Signs) -> float:
    """The chance that made weights give."""
    return float(1 / (1 + 2.718281828 ** -(0.5 + sum(w * x for w, x in zip(MADE, astuple(s), strict=True)))))


def test_words_are_labelled_by_what_was_printed() -> None:
    page = Scanned("light", "Tinos", ("Tổ dân phố số 4 mời ông Tuấn dọn ngõ",), _scan("Tổ dân phố số 4 mời ông Tuần dọn ngõ\n", 0.9))
    found = list(labelled([page], load(DEFAULT), OPTIONS))
    assert [ok for _, ok in found] == [True, True, True, True, True, True, True, False, True, True]
    assert [isinstance(s, Other) for s, _ in found] == [False, False, False, False, True, False, False, False, False, False]
