"""Makes `models/`: counted confusions from typeset and read pages (`pairs`), then the whole model from counts and texts (`train`).

Both are deterministic: the same texts, programs and confusions give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pipeline import document, repair
from pipeline.errors import MissingError
from pipeline.repair import counts as counting
from pipeline.repair.channel import learn
from pipeline.repair.grammar import CLASSES, cut, form_of, words_in
from pipeline.repair.language import Builder
from pipeline.repair.store import CONFUSIONS, DEFAULT, LANGUAGE, LEXICON, MARKS, MISREAD, write_confusions
from pipeline.settings import Repair
from pipeline.train_pairs import count_pairs, strips

# Texts of a corpus folder by name, and what a sight in each weighs: official texts count in full, those nearest to the domain thrice
# (they are part of the official ones), general ones one in sixteen. A text of another name is taken as official; held-out ones never.
WEIGHTS = {"admin_vi": 1.0, "admin_docs_only": 2.0, "general_vi": 0.06}
PART_OF = {"admin_docs_only": "admin_vi"}  # a file whose texts stand in another as well: sights count once
HELD_OUT = "heldout"
STRIPS = 300  # of 17 lines, for `pairs`
SAMPLED = {"admin_docs_only": 24_000, "general_vi": 8_800}  # paragraphs of each text that strips are made of
SAMPLED_ELSE = 16_000
SURE = 0.9  # confidence of the words of a built corpus that an adaptation learns from
FORMS = ("lower", "title", "upper", "mixed")


def texts_of(corpus: Path) -> list[tuple[Path, float]]:
    """The training texts of a folder and their weights, by name. Raises MissingError where there are none."""
    found = sorted(
        p
        for p in (corpus.iterdir() if corpus.is_dir() else ())
        if p.name.endswith((".txt", ".txt.xz")) and not p.name.startswith((HELD_OUT, "README"))
    )
    if not found:
        raise MissingError("missing_corpus", path=str(corpus))
    return [(p, WEIGHTS.get(p.name.split(".")[0], 1.0)) for p in found]


def pairs(corpus: Path, out: Path, count: int = STRIPS, seed: int = 2) -> None:
    """Typeset strips of the corpus, read them with the English model, and leave the counted confusions in `out/confusions.tsv`.

    The strips are gathered in a file in `out`, so that a run that was stopped goes on; it is removed at the end.
    """
    rng = random.Random(seed)
    lines: list[str] = []
    for path, _ in texts_of(corpus):
        text = counting.read_text(path).split("\n")
        lines += rng.sample(text, min(len(text), SAMPLED.get(path.name.split(".")[0], SAMPLED_ELSE)))
    made, gathered = strips(lines, count, seed, out)
    found = count_pairs(made)
    write_confusions(learn((a, b, n) for (a, b), n in found.items()), out / CONFUSIONS)
    gathered.unlink()


def train(corpus: Path, out: Path, pairs: Path | None = None) -> None:
    """Make the model in `out` from the texts of `corpus` and the confusions in `pairs` (a file of `pairs`; default: out's, else ours)."""
    sources = texts_of(corpus)
    confusions = pairs or (out / CONFUSIONS if (out / CONFUSIONS).is_file() else DEFAULT / CONFUSIONS)
    if not confusions.is_file():
        raise MissingError("missing_confusions", path=str(confusions))
    (out / LANGUAGE).mkdir(parents=True, exist_ok=True)
    if confusions.resolve() != (out / CONFUSIONS).resolve():
        shutil.copyfile(confusions, out / CONFUSIONS)
    if not (out / MISREAD).is_file() and (DEFAULT / MISREAD).is_file():
        shutil.copyfile(DEFAULT / MISREAD, out / MISREAD)
    chunked = [(counting.chunk(counting.read_text(path)), weight) for path, weight in sources]
    official: Counter[str] = Counter()
    general: Counter[str] = Counter()
    for text, weight in chunked:
        (official if weight >= 1 else general).update(counting.chunk_counts(text))
    units = counting.vocabulary(official, general or official)
    index = {u: k for k, u in enumerate(units)}
    numbered = [(counting.unit_numbers(text, index), weight) for text, weight in chunked]
    names = {path.name.split(".")[0] for path, _ in sources}
    once = [PART_OF.get(path.name.split(".")[0]) not in names for path, _ in sources]  # texts that no other file holds already
    grams, sights = {}, {}
    for order in (1, 2, 3, 4):
        found = [counting.gram_counts(row, order, index["<p>"]) for row, _ in numbered]
        grams[order] = counting.merge(
            [(keys, np.multiply(n, weight, dtype=np.float64)) for (keys, n), (_, weight) in zip(found, numbered, strict=True)]
        )
        sights[order] = counting.merge(
            [(keys, np.multiply(n, float(new), dtype=np.float64)) for (keys, n), new in zip(found, once, strict=True)]
        )[1]
    for name, array in Builder(grams, len(units), index["<p>"], sights).arrays().items():
        if name != "word1":
            np.save(out / LANGUAGE / f"{name}.npy", array)
    _write_lexicon(units, official, general, out / LEXICON)
    _write_marks(official + general, out / MARKS)
    _write_manifest(sources, out)


def adapt(corpus: Path, out: Path | None = None, options: Repair | None = None) -> Path:
    """Write what the texts of a built corpus teach (n-gram counts, abbreviations) to `out`, default `corpus/adaptation.txt`; returns it.

    Only words that repair was sure of are learned, and nothing of documents with a secrecy mark. Raises MissingError where the folder
    holds no built plans.
    """
    plans = sorted(p.parent for p in corpus.glob("plans/*/reading.json")) if corpus.is_dir() else []
    texts = [text for plan in plans if not _is_secret(plan / "record.json") for text in _sure_text(plan / "reading.json")]
    if not any(texts):
        raise MissingError("missing_corpus", path=str(corpus))
    path = out or corpus / "adaptation.txt"
    repair.adapt(texts, path, options)
    return path


def _is_secret(record: Path) -> bool:
    """Whether a document of the record bears a secrecy mark; one without a record is taken as secret."""
    if not record.is_file():
        return True
    found = json.loads(record.read_text(encoding="utf-8"))
    return any(r["plan"].get("secrecy") for r in (found if isinstance(found, list) else [found]))


def _sure_text(reading: Path) -> Iterator[str]:
    """The lines of a stored reading, run on over line ends; a doubtful word parts what stands before it from what follows."""
    words: list[str] = []
    for _, line in document.from_json(reading.read_bytes(), document.Reading).lines():
        if not line.words:
            words.append("\n")
        words += ["\n" if w.confidence is not None and w.confidence < SURE else w.text for w in line.words]
    yield " ".join(words)


def _write_lexicon(units: list[str], official: Counter[str], general: Counter[str], path: Path) -> None:
    """`unit TAB sights in small letters TAB title TAB capitals TAB mixed TAB commonest mixed spelling`."""
    forms: dict[str, Counter[str]] = {u: Counter() for u in units}
    mixed: dict[str, Counter[str]] = {}
    for counts in (official, general):
        for token, n in counts.items():
            for word in words_in(cut(token)[1]):
                low = word.lower()
                if low in forms:
                    form = form_of(word)
                    forms[low][form] += n
                    if form == "mixed":
                        mixed.setdefault(low, Counter())[word] += n
    rows = []
    for u in units:
        best = min(mixed[u].items(), key=lambda x: (-x[1], x[0]))[0] if u in mixed and u not in CLASSES else ""
        rows.append("\t".join([u, *(str(forms[u][f]) for f in FORMS), best]))
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")


def _write_marks(counts: Counter[str], path: Path) -> None:
    """`lead|trail TAB marks TAB share` of the words, for every run of marks seen a hundred times."""
    total = 0
    seen: dict[str, Counter[str]] = {"lead": Counter(), "trail": Counter()}
    for token, n in counts.items():
        lead, body, trail = cut(token)
        if body:
            total += n
            seen["lead"][lead] += n
            seen["trail"][trail] += n
    least = min(100, total // 1000)
    rows = [(side, text, n / total) for side, c in seen.items() for text, n in c.items() if n >= least and "\t" not in text]
    path.write_text("".join(f"{a}\t{b}\t{c:.3e}\n" for a, b, c in sorted(rows)), encoding="utf-8")


def _write_manifest(sources: list[tuple[Path, float]], out: Path) -> None:
    """`MANIFEST.toml`: maker, inputs with weight and hash, the model's files with hash, licence, and room for measured scores."""
    lines = ['maker = "python -m pipeline.train (kehoach train)"', 'licence = "see LICENSE beside this file"', ""]
    for path, weight in sources:
        lines += ["[[inputs]]", f'name = "{path.name}"', f"weight = {weight}", f'sha256 = "{digest(path)}"', ""]
    made_of = [p for p in (out / CONFUSIONS, out / LEXICON, out / MARKS, out / MISREAD) if p.is_file()]
    for path in [*made_of, *sorted((out / LANGUAGE).glob("*.npy"))]:
        lines += [
            "[[files]]",
            f'name = "{path.relative_to(out).as_posix()}"',
            f"bytes = {path.stat().st_size}",
            f'sha256 = "{digest(path)}"',
            "",
        ]
    manifest = out / "MANIFEST.toml"
    made = "\n".join(lines)
    old = manifest.read_text(encoding="utf-8") if manifest.is_file() else ""
    if not old.startswith(made):  # scores of another model would lie
        manifest.write_text(made, encoding="utf-8")


def record_scores(out: Path, scores: dict[str, str]) -> None:
    """Write measured scores (`text` → `figures`) into the manifest of a model, in place of older ones."""
    manifest = out / "MANIFEST.toml"
    made = manifest.read_text(encoding="utf-8").split("[measured]")[0]
    rows = {"by": "python -m pipeline.evaluate.ablation --held-out PAGES.jsonl --record"} | scores
    manifest.write_text(made + "[measured]\n" + "".join(f'"{k}" = "{v}"\n' for k, v in rows.items()), encoding="utf-8")


def digest(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    import argparse

    parser = argparse.ArgumentParser(description="Makes the repair model from a folder of texts.")
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--out", type=Path, default=DEFAULT)
    parser.add_argument("--pairs", type=Path, help="counted confusions to use")
    parser.add_argument("--count-pairs", action="store_true", help="typeset and read pages anew first")
    given = parser.parse_args()
    if given.count_pairs:
        pairs(given.corpus, given.out)
    train(given.corpus, given.out, given.pairs)
