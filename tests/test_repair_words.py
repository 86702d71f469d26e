"""How single tokens are cut and read: marks around words, words joined by marks."""

import pytest

from pipeline.repair import repair_text
from pipeline.repair.grammar import analyse, cut
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
