"""The model from counts and texts: a toy text of our own goes the whole way."""

import hashlib
import json
import tomllib
from pathlib import Path

import numpy as np
import pytest

from pipeline import document, train, train_pairs
from pipeline.errors import MissingError
from pipeline.repair import counts as counting
from pipeline.repair import model_stamp, repair_text
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
    assert len(made) == 18
    for name in made:
        assert (model / name).read_bytes() == (tmp_path / name).read_bytes(), name


def test_scores_stand_in_the_manifest_until_the_model_changes(tmp_path: Path) -> None:
    train.train(TOY, tmp_path, DEFAULT / CONFUSIONS)
    manifest = tmp_path / "MANIFEST.toml"
    for score in ("WER 9 %", "WER 8 %"):
        train.record_scores(tmp_path, {"a page": score})
    told = tomllib.loads(manifest.read_text(encoding="utf-8"))
    assert told["measured"]["a page"] == "WER 8 %" and len(told["files"]) == 17
    train.train(TOY, tmp_path, DEFAULT / CONFUSIONS)
    assert "measured" in tomllib.loads(manifest.read_text(encoding="utf-8"))
    (tmp_path / CONFUSIONS).write_text("a\ta\t9\n", encoding="utf-8")
    train.train(TOY, tmp_path)
    assert "measured" not in tomllib.loads(manifest.read_text(encoding="utf-8"))


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


SIBLING = """Hội Khuyến học xã Suối Mây phối hợp Nhóm Sao Khuê trồng vườn dược liệu đinh lăng.
Nhóm Sao Khuê trồng vườn dược liệu đinh lăng tại trạm y tế; HKHSM theo dõi, HKHSM tổng kết, HKHSM báo cáo.
Vườn dược liệu đinh lăng do Nhóm Sao Khuê chăm sóc.
"""


def _built(folder: Path, text: str, secrecy: str | None = None) -> Path:
    plan = folder / "plans" / hashlib.sha256(text.encode()).hexdigest()[:12]
    plan.mkdir(parents=True)
    (plan / "reading.json").write_bytes(document.to_json(document.text_reading(text)))
    (plan / "record.json").write_text(json.dumps({"plan": {"secrecy": secrecy}}), encoding="utf-8")
    return folder


def test_an_adaptation_is_written_and_used(tmp_path: Path) -> None:
    corpus = _built(tmp_path / "corpus", SIBLING)
    path = train.adapt(corpus)
    assert path == corpus / "adaptation.txt"
    assert train.adapt(corpus, tmp_path / "again.txt").read_bytes() == path.read_bytes()
    options = Repair(adaptation=str(path))
    assert model_stamp(options) != model_stamp(Repair())
    raw = "Nhém Sao Khué tréng vudn dugc liéu dinh lang tai tram y té xa; HKHSM theo déi.\n"
    assert [x.text for _, x in repair_text(raw, options).lines()] == [
        "Nhóm Sao Khuê trồng vườn dược liệu đinh lăng tại trạm y tế xã; HKHSM theo dõi."
    ]
    assert [x.text for _, x in repair_text(raw, Repair(), (SIBLING,)).lines()] == [x.text for _, x in repair_text(raw, options).lines()]
    assert [x.text for _, x in repair_text(raw, Repair()).lines()] != [x.text for _, x in repair_text(raw, options).lines()]


def test_nothing_of_secret_documents_is_learned(tmp_path: Path) -> None:
    corpus = _built(_built(tmp_path, SIBLING), "Chuyển kho lương thực sang hang Đá Bạc trong đêm.\n", "MẬT")
    assert "hang đá bạc" not in train.adapt(corpus).read_text(encoding="utf-8")
    with pytest.raises(MissingError):
        train.adapt(_built(tmp_path / "only", "Chuyển kho lương thực.\n", "TỐI MẬT"))


def test_a_missing_or_foreign_adaptation_is_named(tmp_path: Path) -> None:
    (tmp_path / "other.txt").write_text("abc\n", encoding="utf-8")
    for name in ("none.txt", "other.txt"):
        with pytest.raises(MissingError) as e:
            repair_text("T6 chire thwe hién phong trao thi dua cua huyén va cac xa\n", Repair(adaptation=str(tmp_path / name)))
        assert e.value.key == "missing_adaptation"


def test_a_garbled_sibling_teaches_nothing() -> None:
    garbled = "T6 chire thwe hién phong trao thi dua cua huyén nha tai cac xa va thi tran\n" * 3
    raw = "T6 chire thwe hién phong trao thi dua\n"
    assert repair_text(raw, Repair(), (garbled,)) == repair_text(raw, Repair())


def test_pairs_are_counted_alike_twice(tmp_path: Path) -> None:
    for name in ("one", "two"):
        train.pairs(TOY, tmp_path / name, count=1, seed=5)
    made = (tmp_path / "one" / CONFUSIONS).read_bytes()
    assert made == (tmp_path / "two" / CONFUSIONS).read_bytes()
    assert len(made.splitlines()) > 50


def test_a_run_that_was_stopped_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    def one(paragraphs: list[str], seed: int, number: int, language: str = "eng") -> train_pairs.Strip:
        made.append(number)
        return train_pairs.Strip((f"dòng {number}",), (f"dong {number}",), "Tinos", False, False, "light")

    monkeypatch.setattr(train_pairs, "strip", one)
    whole, path = train_pairs.strips(["a"], 5, 2, tmp_path)
    rows = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(rows[:3]) + rows[3][:10])
    made.clear()
    assert train_pairs.strips(["a"], 5, 2, tmp_path) == (whole, path)
    assert made == [3, 4]
    assert train_pairs.strips(["b"], 1, 2, tmp_path)[1] != path and path.is_file()  # other texts, another file
