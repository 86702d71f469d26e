"""Stored records in bulk for benchmarks: scans of 3 pages, 120 lines, 20 tasks and 10 citations, as extraction leaves them, all invented.

A few hundred templates are drawn once, with words as rare and as frequent as in print (Zipf); each plan is a template with names, figures
and rare words of its own, put in as bytes of the same length, so that a hundred thousand plans need neither disk nor hours.
"""

from __future__ import annotations

import random
import re
from bisect import bisect
from dataclasses import replace
from functools import cached_property
from itertools import accumulate

import msgspec

from pipeline.corpus.shelf import Brief, Document, Sheet
from pipeline.document import (
    Box,
    Citation,
    Deadline,
    Evidence,
    Line,
    Page,
    Plan,
    PlanField,
    Reading,
    Recipient,
    Record,
    Section,
    Target,
    Task,
    Word,
    to_json,
)
from pipeline.packed import Rows, rows

TEMPLATES, PAGES, LINES, TASKS, CITATIONS = 200, 3, 120, 20, 10
SLOTS, RARE = 12, 10  # rare words of its own in each plan, and bytes in each
ONSETS = "b c ch d đ g gh h k kh l m n ng nh ph qu r s t th tr v x"
RIMES = (
    "a á à ả ã ạ an án anh ánh ao áo ăn ắc ăng ân ấp âu ấu e é em en eo ê ế ên ết êu i í iên iết in inh ít o ó oa oán oc ong ô ố ôi ông ơ "
    "ở ơn ới u ú ua uân ui ùng uyên uyết ư ứ ưa ương ước y ý"
)


def vocabulary() -> list[str]:
    """Syllables, the most frequent first."""
    syllables = [onset + rime for onset in ONSETS.split() for rime in RIMES.split()]
    random.Random(1).shuffle(syllables)
    return syllables


WORDS = vocabulary()
_WEIGHTS = list(accumulate(1 / (k + 3) for k in range(len(WORDS))))


def words(dice: random.Random, count: int) -> str:
    """Words as frequent as their rank says."""
    return " ".join(WORDS[bisect(_WEIGHTS, dice.random() * _WEIGHTS[-1])] for _ in range(count))


_BY_LENGTH: dict[int, list[str]] = {}
for _word in WORDS:
    _BY_LENGTH.setdefault(len(_word.encode()), []).append(_word)
_HALVES = [word for word in WORDS if RARE - len(word.encode()) in _BY_LENGTH]


def rare(dice: random.Random) -> str:
    """One of half a million names of two syllables, all of `RARE` bytes."""
    first = dice.choice(_HALVES)
    return first + dice.choice(_BY_LENGTH[RARE - len(first.encode())])


def slot(name: str, size: int) -> str:
    """The place in a template of something of a plan's own, of as many bytes."""
    return f"@{name}".ljust(size, "#")


def _line(number: int, text: str, confidence: float) -> Line:
    made, at = [], 0
    for k, token in enumerate(text.split()):
        start = text.index(token, at)
        at = start + len(token)
        box = Box(180 + 12 * start, 200 + 48 * number, 175 + 12 * at, 236 + 48 * number)
        made.append(Word(token, start, start, at, box, round(confidence - k % 7 / 100, 4)))
    return Line(number, text, text, tuple(made))


def template(number: int) -> tuple[bytes, bytes, bytes]:
    """Record and reading of a template as stored JSON, its rows as packed; `@…#` stands where a plan has something of its own."""
    dice = random.Random(number)
    plan_id, day = slot("PLAN", 12), f"2{slot('AY', 9)}"  # which is seen to be a day
    texts = [f"{slot('NUMBER', 14)} ngày {day}", "KẾ HOẠCH", words(dice, 12), ""]
    texts += [words(dice, dice.randrange(6, 15)) for _ in range(LINES - len(texts))]
    own = [slot(f"R{k}", RARE) for k in range(SLOTS)]
    for name in own:
        k = dice.randrange(4, LINES)
        texts[k] = f"{texts[k]} {name}"
    each = LINES // PAGES
    pages = tuple(
        Page(p + 1, tuple(_line(k + 1, t, 0.96) for k, t in enumerate(texts[p * each : (p + 1) * each])), "ocr", 1654, 2339, 200)
        for p in range(PAGES)
    )

    def at(k: int, last: int = 0) -> Evidence:
        line = pages[k // each].lines[k % each]
        return Evidence(k // each + 1, line.number, line.number + last, line.box, line.raw, 0.9312, "bulk.rule")

    body = f"Ủy ban nhân dân huyện {words(dice, 2).title()}"
    printed = (slot("NUMBER", 14), "letterhead", day, "letterhead", "Bến Tre", f"{texts[2]} {own[0]} {own[1]}")
    plan = Plan(plan_id, f"đợt {slot('BATCH', 7)}/{plan_id}.pdf", 1, PAGES, "scan", True, "Kế hoạch", *printed)
    signer = words(dice, 3).title()
    plan = replace(plan, issuing_authority=body, pages=PAGES, words=1100, signer_name=signer, text_confidence=0.9512)
    told = ("number", "issue_date", "doc_type", "title", "issuing_authority", "signer_name", "place")
    kept = tuple(PlanField(c, str(getattr(plan, c)), "letterhead", at(k % 4)) for k, c in enumerate(told))
    citations = tuple(
        Citation(
            k + 1,
            f"{slot(f'C{k}', 4)}/{('QĐ-UBND', 'CT-TTg', 'KH-UBND', 'NĐ-CP')[k % 4]}",
            ("Quyết định", "Chỉ thị", "Kế hoạch", "Nghị định")[k % 4],
            slot(f"D{k}", 10),
            (body, "Thủ tướng Chính phủ", "Ủy ban nhân dân tỉnh Bến Tre", "Chính phủ")[k % 4],
            words(dice, 10),
            "can_cu",
            "this",
            2,
            None,
            None,
            at(5 + k),
            (at(5 + k), at(60 + k)),
        )
        for k in range(CITATIONS)
    )
    sections = tuple(Section(f"{'I' * (k % 3 + 1)}.{k}", 2, words(dice, 6), "heading", at(20 + 4 * k)) for k in range(24))
    tasks = tuple(
        Task(
            k + 1,
            f"II.{k}",
            f"{words(dice, 40)} {own[k % SLOTS]}",
            (words(dice, 4),),
            "own",
            (words(dice, 4), words(dice, 4)),
            (),
            (Target(k + 3, ">=", "lớp", None, f"ít nhất {k + 3} lớp"),) if k % 2 else (),
            None,
            False,
            at(20 + 4 * k, 3),
        )
        for k in range(TASKS)
    )
    yearly, once = ("periodic", None, None, None, "FREQ=YEARLY", None), ("by", None, day, "<", None, None)
    deadlines = tuple(Deadline(k + 1, k + 1, *(once if k % 5 else yearly), at(20 + 4 * k)) for k in range(TASKS))
    recipients = tuple(Recipient(k + 1, words(dice, 4), None, "recipient", at(110 + k)) for k in range(5))
    record = Record(plan, kept, citations, sections, tasks, deadlines, recipients)
    packed = msgspec.msgpack.encode((rows(record, pages),))
    return to_json((record,)), to_json(Reading("scan", pages, ("tesseract 5.3.0",))), packed


class Bulk:
    """A shelf of `count` plans, made as they are asked for."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __len__(self) -> int:
        return self.count

    @cached_property
    def templates(self) -> list[list[list[bytes]]]:
        """What `template` gives, parted at what a plan has of its own."""
        parted = re.compile(rb"@(\w+)#+")
        return [[parted.split(stored) for stored in template(k)] for k in range(TEMPLATES)]

    def own(self, k: int) -> dict[bytes, bytes]:
        """What plan `k` has of its own."""
        dice = random.Random(k)
        year = 2016 + k % 9
        own: dict[str, str] = {"PLAN": f"{k:012x}", "BATCH": f"{k // 100:07}", "NUMBER": f"{k:06}/KH-UBND"}
        own["AY"] = f"{year % 1000:03}-{k % 12 + 1:02}-{k % 28 + 1:02}"
        for c in range(CITATIONS):
            own[f"C{c}"] = str(dice.randrange(1000, 4000))
            own[f"D{c}"] = f"{year - 1}-{dice.randrange(1, 13):02}-{dice.randrange(1, 29):02}"
        for name in range(SLOTS):
            own[f"R{name}"] = rare(dice)
        return {name.encode(): value.encode() for name, value in own.items()}

    def stored(self, k: int, which: int) -> bytes:
        """The bytes of `records.json` (0), `reading.json` (1) or the packed rows (2)."""
        pieces, own = self.templates[k % TEMPLATES][which][:], self.own(k)
        pieces[1::2] = [own[name] for name in pieces[1::2]]
        return b"".join(pieces)

    def facts(self, k: int) -> list[Record]:
        """As `Shelf.facts`."""
        return [b.record() for b in msgspec.json.decode(self.stored(k, 0), type=tuple[Brief, ...])]

    def documents(self, k: int) -> list[Document]:
        """As `Shelf.documents`."""
        (record,) = msgspec.json.decode(self.stored(k, 0), type=tuple[Record, ...])
        return [Document(record, msgspec.json.decode(self.stored(k, 1), type=Sheet).pages)]

    def rows(self, k: int) -> list[Rows]:
        """As `Shelf.rows`."""
        return msgspec.msgpack.decode(self.stored(k, 2), type=list[Rows])
