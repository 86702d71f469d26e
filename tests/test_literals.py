"""What a pattern cannot match without is read from the pattern."""

from __future__ import annotations

import re

import pytest

from pipeline.extract.literals import needed
from pipeline.extract.phrases import lenient, phrases
from pipeline.extract.rules import load
from pipeline.text import fold


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (r"trước\sngày", (("truoc",), ("ngay",))),
        (r"(?:hằng|mỗi)\s(?:quý|năm học|tuần)", (("hang", "moi"), ("nam hoc", "quy", "tuan"))),
        (r"(?:lần)?\d+(?: giờ)+", ((" gio",),)),
        (r"(?:đợt|\d+)", ()),
        (r"[/-]\d", (("-", "/"),)),
        (r"(?<!\w)\w+", ()),
    ],
)
def test_needed_words(pattern: str, words: tuple[tuple[str, ...], ...]) -> None:
    assert needed(re.compile(lenient(pattern), re.IGNORECASE)) == words


@pytest.mark.parametrize("name", ["deadlines", "tasks"])
def test_every_example_of_a_phrase_is_found_at_first_look(name: str) -> None:
    for p in phrases(name):
        for text, _ in load(name)[p.id].examples:
            assert bool(list(p.finds(text, fold(text)))) == bool(p.regex.search(text)), (p.id, text)
