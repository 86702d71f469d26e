"""How single tokens are cut and read: marks around words, words joined by marks."""

from pathlib import Path

import numpy as np
import pytest

from pipeline.repair import own_words, repair_text
from pipeline.repair.channel import Channel, Confusions, spread
from pipeline.repair.grammar import analyse, cut
from pipeline.repair.own_words import OwnWords
from pipeline.repair.shapes import PriorRows, prior
from pipeline.repair.store import DEFAULT, load, read_confusions, write_confusions
from pipeline.settings import Repair


@pytest.mark.parametrize(
    ("token", "parts"),
    [
        ("pháp./.", ("", "pháp", "./.")),
        ("(nếu", ("(", "nếu", "")),
        ("và/hoặc", ("", "và/hoặc", "")),
        ("/.", ("", "", "/.")),
        ("12/", ("", "12/", "")),
    ],
)
def test_marks_are_cut_off_words(token: str, parts: tuple[str, str, str]) -> None:
    assert cut(token) == parts


def test_the_mark_that_ends_an_official_text_ends_a_sentence() -> None:
    assert analyse("hiện./.").units == ("hiện", "<p>")


def test_the_mark_that_ends_an_official_text_stays() -> None:
    raw = "Dé nghi cac don vi nghiém tic trién khai thuc hién./.\n"
    assert [line.text for _, line in repair_text(raw, Repair()).lines()] == ["Đề nghị các đơn vị nghiêm túc triển khai thực hiện./."]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("thdi gian cham nép la 0,10%/thang tinh trén sé tién", "thời gian chậm nộp là 0,10%/tháng tính trên số tiền"),
        ("hé trg 1.200.000/ngudi/thang cho cac xa", "hỗ trợ 1.200.000/người/tháng cho các xã"),
        ("xé tén; loai/caép/hang; nam dua vao sw dung", "xã tên; loại/cấp/hạng; năm đưa vào sử dụng"),
        ("theo muc 12/lh cua bang", "theo mục 12/lh của bảng"),  # too short to be told
    ],
)
def test_words_after_a_slash_are_read(raw: str, text: str) -> None:
    line = repair_text(raw + "\n", Repair()).pages[0].lines[0]
    assert [w for w in line.text.split() if "/" in w] == [w for w in text.split() if "/" in w]


def test_readings_of_like_shape_are_known_from_one() -> None:
    counts = spread({("ủ", "ti"): 100.0, ("ủ", "u"): 500.0, ("ờ", "gh"): 2.0})
    assert counts["ủ", "ti"] == 100
    assert 0 < counts["ủ", "tt"] < 5 and counts["ủ", "tt"] == counts["ủ", "li"]
    assert ("ủ", "ta") not in counts and ("ủ", "v") not in counts and len([k for k in counts if k[0] == "ờ"]) == 1


def test_a_reading_in_pieces_never_seen_before_is_read() -> None:
    raw = "Quyét dinh ngay 15 thang 01 nam 2015 ctta Chinh phu quy dinh chi tiét\n"
    assert repair_text(raw, Repair()).pages[0].lines[0].text == "Quyết định ngày 15 tháng 01 năm 2015 của Chính phủ quy định chi tiết"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("lwong nwéc 20 t (lam mat) cho may", "lượng nước 20 t (làm mát) cho máy"),
        ("quy dinh tai diém d khoan nay duge sira déi", "quy định tại điểm d khoản này được sửa đổi"),
    ],
)
def test_a_letter_by_itself_stays(raw: str, text: str) -> None:
    assert repair_text(raw + "\n", Repair()).pages[0].lines[0].text == text


def test_words_seen_near_by_are_cheaper_and_a_word_is_no_sight_of_itself() -> None:
    prob1 = np.array([40, 250, 250], np.uint8)  # a common word, two rare ones
    own = OwnWords.of([(0, 10), (1, 10), (1, 12), (1, 20), (2, 10 + own_words.NEAR + 1)], prob1)
    common, rare, far, none = own.cheaper(np.array([0, 1, 2, -1], np.int32), np.array([10, 10, 9, 10]))
    assert common == 0  # its one sight is itself
    assert 0 < rare <= own_words.MOST
    assert far == 0 and none == 0
    once, thrice = own.cheaper(np.array([1, 1], np.int32), np.array([20 + own_words.NEAR, 11]))
    assert 0 < once < thrice


def test_segments_cost_the_same_together_and_one_by_one() -> None:
    model = load(DEFAULT)
    one, many = (Channel(model.confusions, model.trie.glyphs, model.trie.doubles, 1.0) for _ in range(2))
    many.prepare(["thwe", "chire"])
    for read in ("th", "hi", "ire", "w", ""):
        a, b = one.number(read), many.number(read)
        assert np.allclose(one.tables()[0][a], many.tables()[0][b])
        (first, ids, costs), (first2, ids2, costs2) = one.tables()[1], many.tables()[1]
        assert list(ids[slice(*first[a])]) == list(ids2[slice(*first2[b])])
        assert np.allclose(costs[slice(*first[a])], costs2[slice(*first2[b])])


@pytest.mark.parametrize("read", ["", "a", "u", "1", "|", "đ", "Ă", "8", "w?", "u?", "O'", "ir", "tt", "thw", "iu1", " ~"])
def test_a_shape_costs_the_same_for_one_glyph_and_for_all(read: str) -> None:
    glyphs = load(DEFAULT).trie.glyphs
    assert PriorRows(tuple(glyphs)).of([read])[0].tolist() == pytest.approx([prior(glyph, read) for glyph in glyphs], abs=0, rel=1e-12)


def test_a_word_that_the_vietnamese_recogniser_takes_for_another_is_known_as_a_whole() -> None:
    model = load(DEFAULT)
    shares = {model.units[unit]: share for unit, share in model.misread_words["chỉ"]}
    assert 0.3 < shares["chi"] < 0.8
    assert not model.whole  # garbled text was read by another model


def test_whole_words_are_written_beside_glyphs_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "misread.tsv"
    write_confusions(Confusions({("i", "ỉ"): 4.0}, {}), path, words={("chi", "chỉ"): (5, 9), ("tổ", "tố"): (2, 40)})
    assert path.read_text(encoding="utf-8") == "i\tỉ\t4\nchi\tchỉ\t5\t9\n"
    assert read_confusions(path).single == {("i", "ỉ"): 4.0}
