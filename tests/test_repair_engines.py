"""Texts of an engine whose misreadings were never counted: told by what their words cost, and taken with less trust."""

import re
from pathlib import Path

import pytest

from pipeline.document import Reading
from pipeline.evaluate.text import compare
from pipeline.repair import repair_text
from pipeline.repair.engines import SCRAP_CONFIDENCE, STRANGE_COST, STRANGE_ENGINE, adapted, cost_of_words, doubted
from pipeline.repair.restore import Restorer
from pipeline.repair.store import DEFAULT, load
from pipeline.settings import Repair
from pipeline.text import bare

FOLDER = Path(__file__).parent / "garbled"
GOLD = next(FOLDER.glob("*.gold.txt")).read_text(encoding="utf-8")
ENGLISH = next(FOLDER.glob("*.eng.txt")).read_text(encoding="utf-8")


def other_engine(text: str) -> str:
    """What an engine might write that loses letters with two marks and the marks of the others, and takes some curves for others."""
    return bare(re.sub("[ấầẩẫậếềểễệốồổỗộ]", "", text)).replace("ng", "rig").replace("th", "tli").replace("c", "o")


@pytest.fixture(scope="module")
def repaired() -> Reading:
    return repair_text("an\n\n" + other_engine(GOLD), Repair())


def test_a_strange_engine_is_told() -> None:
    restorer = Restorer(load(DEFAULT), Repair())
    told = [cost_of_words(restorer.choose(text.splitlines(), rounds=1)[1]) > STRANGE_COST for text in (ENGLISH, other_engine(GOLD))]
    assert told == [False, True]
    tokens, choices = restorer.choose(other_engine(GOLD).splitlines()[:3], rounds=1)
    assert cost_of_words(choices[:20]) == 0  # too few words to tell
    sure = [[c.confidence for c in doubted(tokens, choices, cost)] for cost in (1.0, 2.0, 3.0)]
    assert all(a > b > c for a, b, c in zip(*sure, strict=True))


def test_its_text_is_mended_for_the_greater_part(repaired: Reading) -> None:
    made = "\n".join(line.text for _, line in repaired.lines()[2:])
    before, after = (compare(x, GOLD).shares["wer"] for x in (other_engine(GOLD), made))
    assert before[0] > 0.7 * before[1] and after[0] < 0.3 * before[0]


def test_a_scrap_alone_on_its_line_is_doubted(repaired: Reading) -> None:
    (word,) = repaired.lines()[0][1].words
    assert word.confidence is not None and word.confidence <= SCRAP_CONFIDENCE


def test_the_documents_own_confusions_count_sooner_there() -> None:
    model = load(DEFAULT)
    scaled = adapted(model.confusions, None, [], STRANGE_ENGINE)  # type: ignore[arg-type]
    assert max(scaled.totals()[0].values()) <= STRANGE_ENGINE.strength + 1e-6
