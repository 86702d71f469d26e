"""The committed model: what its manifest says of its files, how large it is, how it lies in memory, and what is pruned."""

import hashlib
import subprocess
import tomllib
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.evaluate.garbled import costs
from pipeline.repair import counts as counting
from pipeline.repair.language import BITS, LEAST, Builder, Language
from pipeline.repair.store import DEFAULT, load

MEGABYTE = 1_000_000


def test_the_manifest_names_every_file_and_its_hash() -> None:
    told = {f["name"]: f for f in tomllib.loads((DEFAULT / "MANIFEST.toml").read_text(encoding="utf-8"))["files"]}
    there = {p.relative_to(DEFAULT).as_posix(): p for p in DEFAULT.rglob("*") if p.is_file() and p.name not in ("LICENSE", "MANIFEST.toml")}
    assert set(told) == set(there)
    for name, path in there.items():
        assert (told[name]["bytes"], told[name]["sha256"]) == (path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest()), name


def test_the_model_is_small_and_was_over_its_history() -> None:
    assert sum(p.stat().st_size for p in DEFAULT.rglob("*") if p.is_file()) < 40 * MEGABYTE
    top = DEFAULT.parent
    git = ["git", "-C", str(top)]
    if not (top / ".git").exists():
        pytest.skip("no history here")
    listed = subprocess.run([*git, "rev-list", "--objects", "HEAD", "--", "models"], capture_output=True, text=True, check=True).stdout
    rows = [row.split(" ", 1) for row in listed.splitlines() if " models/" in row]
    sizes = subprocess.run(
        [*git, "cat-file", "--batch-check"], input="\n".join(r[0] for r in rows), capture_output=True, text=True, check=True
    )
    assert sum(int(line.split()[2]) for line in sizes.stdout.splitlines() if " blob " in line) < 120 * MEGABYTE


def test_its_arrays_stay_on_disk_and_cannot_be_written() -> None:
    language = load(DEFAULT).language
    for name in Language.__dataclass_fields__:
        array = getattr(language, name)
        assert isinstance(array, np.memmap) and not array.flags.writeable, name


def test_it_takes_little_memory_of_its_own() -> None:
    assert costs().memory < 200 * MEGABYTE


@pytest.mark.parametrize("order", [3, 4])
def test_rare_sequences_are_pruned_whatever_they_weigh(order: int) -> None:
    """Twice seen: gone, though it weighs ten; three times seen: kept."""
    text = counting.chunk("một hai ba bốn\n" * 2 + "năm sáu bảy tám\n" * 3)
    index = {w: k for k, w in enumerate(["<p>", *["một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám"]])}
    units = counting.unit_numbers(text, index | {"<unk>": 0, "<caps>": 0})
    grams, sights = {}, {}
    for n in (1, 2, 3, 4):
        keys, seen = counting.gram_counts(units, n, 0)
        grams[n], sights[n] = (keys, np.multiply(seen, 10, dtype=np.float64)), seen.astype(np.float64)
    assert LEAST == 3
    kept = Builder(grams, 9, 0, sights).keys[order]
    packed = [
        sum(index[w] << (BITS * (order - 1 - k)) for k, w in enumerate(words.split()[:order]))
        for words in ("một hai ba bốn", "năm sáu bảy tám")
    ]
    assert [key in kept.tolist() for key in packed] == [False, True]


def test_training_without_texts_says_what_is_needed(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["train", str(tmp_path / "none"), str(tmp_path / "out"), "--lang", "en"])
    assert done.exit_code == 3 and "none" in done.output
