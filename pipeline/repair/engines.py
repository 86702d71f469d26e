"""How far the counted confusions hold for a text: those of this document, learned from its sure words, and texts of other engines.

A text layer of an unknown engine (`TRLEN KiIAI`, `cáo truông` for `các trường`) shows by what its words cost; there the document's own
confusions count sooner, in a further round, and nothing is very sure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipeline.repair.candidates import RIGHT_AS_READ
from pipeline.repair.channel import Channel, Confusions, add
from pipeline.repair.readings import Choice, Token

SURE = 0.9  # words that the second round takes as the document's own


@dataclass(frozen=True, slots=True)
class Engine:
    """How far the counted confusions hold for a text.

    `strength`: sights that those of a glyph are worth against the document's own; `weight`: of the channel; `sure`: confidence of the
    words that teach; `sharpness` of the posterior: what a nat of margin is worth; `right`: nats by which a word that is one stays.
    """

    strength: float
    weight: float
    sure: float
    sharpness: float
    right: float = RIGHT_AS_READ


KNOWN_ENGINE = Engine(100.0, 1.0, SURE, 0.6)
# Stripped of marks every word may have borne some, so that a word which is one by itself tells nothing.
STRIPPED = replace(KNOWN_ENGINE, right=0.0)
# Tokens from which a text is told to be stripped, and the share of them that may bear other letters (the English model: a third).
STRIPPED_FROM, OTHER_LETTERS = 20, 0.01
# Set on the one page of another engine that has a gold, so its figure is one of development. Such a page costs 2.0 nats a character, pages
# of the counted engine 0.2 to 0.6, the worst scans among them.
STRANGE_ENGINE = Engine(30.0, 0.7, 0.7, 0.3, 1.25)
STRANGE_COST, TELLING = 1.0, 50  # nats a character; words from which it is told
UNREAD, UNREAD_COST = 2.0, 5.0  # cost from which a token found no reading but itself, and what it counts a character
# Share of right words among those that seem sure, by what the words of such a text cost. Measured on development strips of the English one
# whose letters were exchanged at random (ten texts, 4 to 27 % of the letters), and on strips that the French model read.
COST_OF_TEXT, SHARE_OF_SURE = (1.2, 1.5, 2.0, 2.5), (1.0, 0.985, 0.975, 0.96)
SCRAP, SCRAP_CONFIDENCE = 3, 0.5  # characters of a line that is mostly no word


def is_stripped(tokens: Sequence[Token]) -> bool:
    """Whether a text bears no mark at all, as no recogniser writes Vietnamese."""
    marked = sum(any(c.isalpha() and not c.isascii() for c in t.text) for t in tokens)
    return len(tokens) >= STRIPPED_FROM and marked <= OTHER_LETTERS * len(tokens)


def cost_of_words(choices: Sequence[Choice]) -> float:
    """Nats a character that the words of a round cost; 0 for too few words to tell. Above `STRANGE_COST` another engine read them."""
    found = [c.edge.candidate for c in choices]
    made = [c.cost / len(c.read or c.printed) for c in found if c.printed]
    unread = sum(not c.printed and c.cost > UNREAD and sum(x.isalpha() for x in "".join(c.words)) > 1 for c in found)
    words = len(made) + unread
    return (sum(made) + UNREAD_COST * unread) / words if words >= TELLING else 0.0


def doubted(tokens: Sequence[Token], choices: Sequence[Choice], cost: float) -> list[Choice]:
    """The choices of a text of another engine, less sure the more its words `cost` a character in the first round.

    A few letters alone on a line are doubted altogether: no context tells what a strange engine made of specks and stamps.
    """
    alone = Counter(t.line for t in tokens)
    share = float(np.interp(cost, COST_OF_TEXT, SHARE_OF_SURE))
    out = []
    for c in choices:
        t = tokens[c.edge.begin]
        scrap = alone[t.line] == 1 and len(t.text) <= SCRAP
        out.append(replace(c, confidence=min(c.confidence * share, SCRAP_CONFIDENCE if scrap else 1.0)))
    return out


def adapted(general: Confusions, channel: Channel, choices: Sequence[Choice], engine: Engine) -> Confusions:
    """General confusions, each glyph's scaled down to `engine.strength` sights, plus those of the sure words of this document."""
    own = Confusions()
    seen: dict[tuple[str, str], int] = {}
    for c in choices:
        if c.confidence >= engine.sure and c.edge.candidate.printed:
            key = (c.edge.candidate.printed, c.edge.candidate.read)
            seen[key] = seen.get(key, 0) + 1
    for (printed, read), n in sorted(seen.items()):
        _, parts = channel.align(printed, read)
        for k, (t, r) in enumerate(zip(printed, parts, strict=False)):
            add(own.single, (t, r), n)
            if k and len(parts[k - 1] + r) <= 3:
                add(own.double, (printed[k - 1] + t, parts[k - 1] + r), n)
    one, two = general.totals()
    out = Confusions(
        {(t, r): n * min(1.0, engine.strength / one[t]) for (t, r), n in general.single.items()},
        {(t, r): n * min(1.0, engine.strength / two[t]) for (t, r), n in general.double.items()},
    )
    return out.plus(own)
