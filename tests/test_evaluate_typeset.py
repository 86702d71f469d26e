"""The measures of scans on typeset documents: their gold, what is counted, how confidence is ranked."""

from __future__ import annotations

from collections import Counter

import pytest

from pipeline.evaluate import pictures, scan_report, typeset
from pipeline.evaluate.confidence import ranking
from pipeline.evaluate.text import TextCounts

WORDS = [
    "Cán bộ của đơn vị kiểm kê sổ sách trước khi nghỉ tết, bàn giao chìa khóa kho cho người trực và ghi vào nhật ký của cơ quan.",
    "Nhà văn hóa mở cửa buổi tối cho các câu lạc bộ đờn ca, cờ tướng; mỗi câu lạc bộ cử một người giữ trật tự và tắt đèn khi ra về.",
]


def test_same_seed_same_documents_and_each_with_numbers_and_dates() -> None:
    first, again = (list(typeset.samples(WORDS, 4, 9)) for _ in range(2))
    assert first == again
    assert first != list(typeset.samples(WORDS, 4, 10))
    for sample in first:
        body = sample.documents[0].body
        assert len(typeset._dates(body)) >= typeset.BASES[0] // 2
        assert typeset._symbols(body).total() >= typeset.BASES[0]


def test_each_half_has_every_font() -> None:
    fonts = [s.font for s in typeset.samples(WORDS, 8, 1)]
    assert set(fonts[::2]) == set(fonts[1::2]) == set(typeset.FONTS)


def test_pieces_missing_and_pieces_invented_are_counted_apart() -> None:
    found = typeset.Found()
    found.add(Counter({"12/QĐ-TTg": 2, "7/NQ-CP": 1}), Counter({"12/QĐ-TTg": 1, "17/NQ-CP": 1}))
    assert (found.there, found.right, found.invented) == (3, 1, 1)


def test_a_citation_without_its_date_lacks_a_piece_and_invents_none() -> None:
    def record(date: str | None) -> dict[str, object]:
        return {"plan": {"number": None, "issue_date": None}, "citations": [{"cited_id": "12/QĐ-TTg", "cited_date": date}]}

    found = typeset.Found()
    found.add(typeset._facts([record("2020-01-02")])[1], typeset._facts([record(None)])[1])
    assert (found.there, found.right, found.invented) == (2, 1, 0)


def test_dates_in_words_and_in_figures_across_lines() -> None:
    assert typeset._dates("ngày 03 tháng\n4 năm 2019, 3/4/2019 và 1/2/20") == Counter({(3, 4, 2019): 2})


def test_ranking_of_a_perfect_a_useless_and_an_inverted_confidence() -> None:
    assert ranking([(0.1, False), (0.8, True), (0.9, True)]).auroc == 1
    assert ranking([(0.5, False), (0.5, True)]).auroc == 0.5
    assert ranking([(0.9, False), (0.1, True)]).auroc == 0
    assert ranking([(0.9, True)]).auroc is None


def test_least_sure_words_hold_their_share_of_the_wrong_ones() -> None:
    pairs = [(k / 100, k >= 10) for k in range(100)]
    assert ranking(pairs, (0.05, 0.1, 0.5)).caught == ((0.05, 0.5), (0.1, 1.0), (0.5, 1.0))
    tied = [(0.5, k >= 10) for k in range(100)]
    assert ranking(tied, (0.2,)).caught == ((0.2, pytest.approx(0.2)),)


def test_a_level_that_falls_short_is_told_as_not_met() -> None:
    bad = typeset.Measured(made=TextCounts(characters=1000, character_errors=30, words=200, word_errors=9), raw=TextCounts(word_errors=10))
    bad.symbols.add(Counter({"12/QĐ-TTg": 100}), Counter({"12/QĐ-TTg": 99}))
    bad.cited.add(Counter(), Counter({"7/NQ-CP 2020-01-02": 1}))
    bad.pairs = [(0.2, False), (0.9, True)]
    met = {what.partition(": ")[2]: met for what, _, _, met in scan_report._typeset_targets("medium", bad, "en")}
    assert met["cer"] is met["wer"] is False
    assert met["symbols and dates exact"] and met["AUROC"]
    assert not met["false symbols and dates in records"]
    assert not met["fewer wrong words after repair"]


def test_words_tell_confidence_by_colour() -> None:
    colours = [pictures.colour(c) for c in (0.1, 0.7, 0.92, 0.99, None)]
    assert len(set(colours)) == 5
