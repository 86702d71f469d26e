"""Stored records in bulk for benchmarks: scans of 3 pages, 120 lines, 20 tasks and 10 citations, as extraction leaves them, all invented.

A few hundred templates are drawn once, with words as rare and as frequent as in print (Zipf); each plan is a template with names, figures
and rare words of its own, put in as text, so that a hundred thousand plans need neither disk nor hours.
"""

from __future__ import annotations

import random
import re
from bisect import bisect
from dataclasses import replace
from functools import cached_property
from itertools import accumulate
from typing import Any

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

TEMPLATES, PAGES, LINES, TASKS, CITATIONS = 200, 3, 120, 20, 10
SLOTS = 12  # rare words of its own in each plan
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


def rare(dice: random.Random) -> str:
    """One of two million names of two syllables."""
    return f"{dice.choice(WORDS)}{dice.choice(WORDS)}"


def _line(number: int, text: str, confidence: float) -> Line:
    made, at = [], 0
    for k, token in enumerate(text.split()):
        start = text.index(token, at)
        at = start + len(token)
        box = Box(180 + 12 * start, 200 + 48 * number, 175 + 12 * at, 236 + 48 * number)
        made.append(Word(token, start, start, at, box, round(confidence - k % 7 / 100, 4)))
    return Line(number, text, text, tuple(made))


def template(number: int) -> tuple[bytes, bytes]:
    """Record and reading of a template as stored JSON, with `@…@` where a plan has something of its own."""
    dice = random.Random(number)
    texts = ["@NUMBER@ ngày @DAY@", "KẾ HOẠCH", words(dice, 12), ""]
    texts += [words(dice, dice.randrange(6, 15)) for _ in range(LINES - len(texts))]
    for slot in range(SLOTS):
        k = dice.randrange(4, LINES)
        texts[k] = f"{texts[k]} @R{slot}@"
    each = LINES // PAGES
    pages = tuple(
        Page(p + 1, tuple(_line(k + 1, t, 0.96) for k, t in enumerate(texts[p * each : (p + 1) * each])), "ocr", 1654, 2339, 200)
        for p in range(PAGES)
    )

    def at(k: int, last: int = 0) -> Evidence:
        line = pages[k // each].lines[k % each]
        return Evidence(k // each + 1, line.number, line.number + last, line.box, line.raw, 0.9312, "bulk.rule")

    body = f"Ủy ban nhân dân huyện {words(dice, 2).title()}"
    own = ("@NUMBER@", "letterhead", "@DAY@", "letterhead", "Bến Tre", f"{texts[2]} @R0@ @R1@")
    plan = Plan("@PLAN@", "đợt @BATCH@/@PLAN@.pdf", 1, PAGES, "scan", True, "Kế hoạch", *own)
    signer = words(dice, 3).title()
    plan = replace(plan, issuing_authority=body, pages=PAGES, words=1100, signer_name=signer, text_confidence=0.9512)
    told = ("number", "issue_date", "doc_type", "title", "issuing_authority", "signer_name", "place")
    kept = tuple(PlanField(c, str(getattr(plan, c)), "letterhead", at(k % 4)) for k, c in enumerate(told))
    citations = tuple(
        Citation(
            k + 1,
            f"@C{k}@/{('QĐ-UBND', 'CT-TTg', 'KH-UBND', 'NĐ-CP')[k % 4]}",
            ("Quyết định", "Chỉ thị", "Kế hoạch", "Nghị định")[k % 4],
            f"@D{k}@",
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
            f"{words(dice, 40)} @R{k % SLOTS}@",
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
    yearly, once = ("periodic", None, None, None, "FREQ=YEARLY", None), ("by", None, "@DAY@", "<", None, None)
    deadlines = tuple(Deadline(k + 1, k + 1, *(once if k % 5 else yearly), at(20 + 4 * k)) for k in range(TASKS))
    recipients = tuple(Recipient(k + 1, words(dice, 4), None, "recipient", at(110 + k)) for k in range(5))
    record = Record(plan, kept, citations, sections, tasks, deadlines, recipients)
    return to_json((record,)), to_json(Reading("scan", pages, ("tesseract 5.3.0",)))


class Bulk:
    """A shelf of `count` plans, made as they are asked for."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __len__(self) -> int:
        return self.count

    @cached_property
    def templates(self) -> list[tuple[list[bytes], list[bytes]]]:
        """Record and reading of each template, parted at what a plan has of its own."""
        parted = re.compile(rb"@(\w+)@")
        return [(parted.split(record), parted.split(reading)) for record, reading in map(template, range(TEMPLATES))]

    def _own(self, k: int) -> dict[bytes, bytes]:
        dice = random.Random(k)
        year = 2016 + k % 9
        own: dict[str, Any] = {"PLAN": f"{k:012x}", "BATCH": k // 100, "NUMBER": f"{k}/KH-UBND"}
        own["DAY"] = f"{year}-{k % 12 + 1:02}-{k % 28 + 1:02}"
        for c in range(CITATIONS):
            own[f"C{c}"] = dice.randrange(1, 3000)
            own[f"D{c}"] = f"{year - 1}-{dice.randrange(1, 13):02}-{dice.randrange(1, 29):02}"
        for slot in range(SLOTS):
            own[f"R{slot}"] = rare(dice)
        return {name.encode(): str(value).encode() for name, value in own.items()}

    def stored(self, k: int, which: int) -> bytes:
        """The bytes of `records.json` (0) or `reading.json` (1)."""
        pieces, own = self.templates[k % TEMPLATES][which][:], self._own(k)
        pieces[1::2] = [own[name] for name in pieces[1::2]]
        return b"".join(pieces)

    def facts(self, k: int) -> list[Record]:
        """As `Shelf.facts`."""
        return [b.record() for b in msgspec.json.decode(self.stored(k, 0), type=tuple[Brief, ...])]

    def documents(self, k: int) -> list[Document]:
        """As `Shelf.documents`."""
        (record,) = msgspec.json.decode(self.stored(k, 0), type=tuple[Record, ...])
        return [Document(record, msgspec.json.decode(self.stored(k, 1), type=Sheet).pages)]
