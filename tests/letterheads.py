"""Texts and lines of which the tests of headers, signatures and documents are made."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from pipeline.document import Box, Line, Record, Word, text_reading
from pipeline.extract import extract
from pipeline.settings import Extract

BODY = """
Căn cứ Luật Trẻ em;
Thực hiện chương trình công tác, cơ quan xây dựng kế hoạch như sau:

I. MỤC ĐÍCH
- Nâng cao nhận thức.
"""


def records(text: str) -> tuple[Record, ...]:
    return extract(text_reading(text), Extract(), "0123456789ab", "a.txt")


def plan(text: str) -> dict[str, object]:
    found = records(text)
    assert len(found) == 1
    return msgspec.to_builtins(found[0].plan)


def mended(*lines: str) -> Record:
    """The record of a text whose lines were read (`raw`) and mended (`text`) in turn, word for word; `BODY` follows as clean text."""
    reading = text_reading("\n".join(lines[1::2]) + BODY)
    page = reading.pages[0]
    kept = list(page.lines)
    for k, raw in enumerate(lines[::2]):
        at, words = 0, []
        for word, said in zip(kept[k].words, raw.split(), strict=True):
            at = raw.index(said, at)
            words.append(replace(word, raw_start=at, raw_end=at + len(said), confidence=0.5 if said != word.text else 0.9))
            at += len(said)
        kept[k] = replace(kept[k], raw=raw, words=tuple(words))
    (found,) = extract(replace(reading, pages=(replace(page, lines=tuple(kept)),)), Extract())
    return found


def letterhead(number: str, date: str, extra: str = "") -> str:
    return (
        f"{extra}UBND TỈNH QUẢNG BÌNH\nSỞ DU LỊCH\n{number}\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n{date}\n"
        "KẾ HOẠCH\nQuảng bá du lịch năm 2024\n" + BODY
    )


def scan_line(number: int, left: str, right: str, width: int, top: int) -> Line:
    words: list[Word] = []
    text = ""
    for half, x0 in ((left, 200), (right, width // 2 + 100)):
        x = x0
        for token in half.split():
            text += (" " if text else "") + token
            words.append(
                Word(token, len(text) - len(token), len(text) - len(token), len(text), Box(x, top, x + 22 * len(token), top + 40), 0.9)
            )
            x += 22 * len(token) + 15
    return Line(number, text, text, tuple(words))
