"""The model from counts and texts: a toy text of our own goes the whole way."""

from pathlib import Path

import numpy as np
import pytest

from pipeline import train
from pipeline.errors import MissingError
from pipeline.repair import counts as counting
from pipeline.repair import repair_text
from pipeline.repair.channel import learn
from pipeline.repair.language import Builder
from pipeline.repair.store import CONFUSIONS, DEFAULT
from pipeline.settings import Repair
from pipeline.train_pairs import word_pairs

TOY = Path(__file__).parent / "toy"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("model")
    train.train(TOY, out, DEFAULT / CONFUSIONS)
    return out


def test_training_is_deterministic(model: Path, tmp_path: Path) -> None:
    train.train(TOY, tmp_path, DEFAULT / CONFUSIONS)
    made = sorted(p.relative_to(model) for p in model.rglob("*") if p.is_file())
    assert len(made) == 17
    for name in made:
        assert (model / name).read_bytes() == (tmp_path / name).read_bytes(), name


def test_the_toy_model_repairs(model: Path) -> None:
    raw = "Ké hoach trong cay ven sudi dugc giao cho cac xa\nva cac truong hoc trong huyén.\n"
    out = [line.text for _, line in repair_text(raw, Repair(model=str(model))).lines()]
    assert out == ["Kế hoạch trồng cây ven suối được giao cho các xã", "và các trường học trong huyện."]


def test_probabilities_sum_to_one() -> None:
    text = counting.chunk(counting.read_text(TOY / "toy_official.txt"))
    units = counting.vocabulary(counting.chunk_counts(text), counting.chunk_counts(text), least=1)
    index = {u: k for k, u in enumerate(units)}
    numbers = counting.unit_numbers(text, index)
    grams = {n: (lambda g: (g[0], g[1].astype(float)))(counting.gram_counts(numbers, n, 0)) for n in (1, 2, 3, 4)}
    builder = Builder(grams, len(units), 0)
    every = np.arange(len(units), dtype=np.uint64)
    for context in (("các",), ("nhân", "dân"), ("trồng", "cây", "ven")):
        packed = np.zeros(len(units), np.uint64)
        for word in context:
            packed = (packed << np.uint64(counting.BITS)) | np.uint64(index[word])
        packed = (packed << np.uint64(counting.BITS)) | every
        assert builder.probability(packed, len(context) + 1).sum() == pytest.approx(1, abs=0.02)
    likely = (np.uint64(index["nhân"]) << np.uint64(counting.BITS)) | np.uint64(index["dân"])
    assert builder.probability(np.array([likely]), 2)[0] > 20 * builder.prob[1][index["dân"]]


def test_the_channel_learns_what_it_sees() -> None:
    found = learn([("nước", "nudc", 30.0), ("được", "dudc", 30.0), ("trước", "trudc", 30.0)])
    assert found.double["ướ", "ud"] + found.double["ợc", "dc"] > 50
    assert found.single["ư", "u"] > 80


def test_word_pairs_of_an_aligned_line() -> None:
    assert list(word_pairs("trồng cây ven suối", "trong cay vensuéi")) == [("trồng", "trong"), ("cây", "cay"), ("ven suối", "vensuéi")]


def test_held_out_texts_are_never_learned_from(tmp_path: Path) -> None:
    (tmp_path / "heldout_admin.txt").write_text("chữ\n", encoding="utf-8")
    with pytest.raises(MissingError):
        train.texts_of(tmp_path)
