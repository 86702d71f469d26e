"""Repair in the report: garbled texts raw, by pyvi and repaired; kinds of damage; confidence; and each target with what was reached."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import MissingError
from pipeline.evaluate import beside, calibration, damage, diagram, garbled, runs
from pipeline.evaluate.garbled import Measured
from pipeline.evaluate.part import Part
from pipeline.evaluate.scores import as_dict, text_figures
from pipeline.evaluate.table import share
from pipeline.evaluate.text import TextCounts
from pipeline.messages import Lang, explain, say
from pipeline.settings import Settings
from pipeline.text import nfc

REPORT = "make evaluate"
FLAGGED = (0.6, 0.9)  # confidence below which a word is looked at: that of settings.extract.review_below, and a careful one
NAMES = ("cer", "wer", "base_wer", "diacritic_error_rate", "digit_error_rate", "overcorrection", "mended_share")
KIND_LINES = 500


@dataclass(frozen=True, slots=True)
class Target:
    """One target of issue 4: message key, figure as told, what is needed, whether it is met, words that it was measured on, command."""

    key: str
    what: str
    figure: str
    needed: str
    met: bool
    words: int | None
    command: str = REPORT


def parts(shared: Path, folder: Path, settings: Settings, lang: Lang) -> Iterator[Part]:
    """The parts on repair; `folder` keeps the held-out strips and gets the reliability diagram. What is absent is said to be skipped."""
    pyvi = beside.pyvi()
    if pyvi is None:
        yield _skipped("pyvi", "pip install .[compare]", lang)
    samples, text = shared / "samples", shared / "corpora/heldout_admin.txt.xz"
    found: list[Measured] = []
    targets: list[Target] = []
    texts = runs.repairs(samples)
    if texts:
        runs.repaired(texts[0][1], settings)  # loading and compiling are no part of the speed
        found += [garbled.measured(*t, settings, pyvi) for t in texts]
        targets += _of_samples(samples, found, texts, settings)
    else:
        yield _skipped("samples/garbled", str(samples), lang)
    held: list[Measured] = []
    if text.is_file():
        try:
            held = [garbled.measured(*t, settings, pyvi) for t in garbled.half(garbled.strips(text, folder), even=True)]
        except MissingError as e:
            yield Part("", explain(e, lang), (), {"skipped_strips": e.key})
        targets += _of_strips(held)
    else:
        yield _skipped("corpora/heldout_admin.txt.xz", str(text), lang)
    if found or held:
        yield _texts([*found, *held], lang)
        for name, own in (("samples", found), ("heldout", held)):
            if own:
                yield _calibrated(name, [p for m in own for p in m.pairs], folder, lang)
    if text.is_file():
        from pipeline.repair.counts import read_text

        lines = [line for line in read_text(text).split("\n") if line.strip()]
        made, told = _of_clean(lines, settings, pyvi, lang)
        targets += told
        yield made
        yield _kinds(lines[-KIND_LINES:], settings, lang)
    targets += _of_costs([*found, *held])
    yield _targets(targets, lang)


def _skipped(what: str, path: str, lang: Lang) -> Part:
    return Part("", say("evaluate.skipped", lang, what=what, path=path), (), {f"skipped_{what}": path})


def _texts(found: Sequence[Measured], lang: Lang) -> Part:
    head = ("source", *(f"measure.{n}" for n in NAMES), "lost", "produced", "invented", "speed")
    rows = [tuple(say(k if "." in k else f"evaluate.{k}", lang) for k in head)]
    values: dict[str, Any] = {}
    for m in found:
        told = (str(m.lost), share(m.produced), str(m.invented), f"{m.words / m.seconds:.0f}")
        rows.append((say("evaluate.before", lang, what=m.name), *_shares(m.raw), "", "", "", ""))
        if m.pyvi is not None:
            rows.append((say("evaluate.pyvi", lang, what=m.name, crashes=m.crashes), *_shares(m.pyvi), "", "", "", ""))
        rows.append((say("evaluate.repaired", lang, what=m.name), *_shares(m.made), *told))
        values[m.name] = {
            "raw": as_dict(text_figures([m.raw])),
            "repaired": as_dict(text_figures([m.made])),
            "pyvi": as_dict(text_figures([m.pyvi])) | {"crashes": m.crashes} if m.pyvi is not None else None,
            "produced_wrong": m.produced,
            "lost": m.lost,
            "invented": m.invented,
            "words_per_second": m.words / m.seconds,
        }
    return Part(say("evaluate.repair", lang), say("evaluate.repair_note", lang), tuple(rows), {"repair": values})


def _shares(counts: TextCounts) -> tuple[str, ...]:
    return tuple(share(counts.shares[n]) for n in NAMES)


def _calibrated(name: str, pairs: Sequence[tuple[float, bool]], folder: Path, lang: Lang) -> Part:
    found = calibration.calibration(pairs)
    head = tuple(say(f"evaluate.{k}", lang) for k in ("bin", "words", "mean_confidence", "share_right"))
    rows = [(f"{b.low:.1f}–{b.high:.1f}", str(b.count), f"{b.confidence:.3f}", f"{b.accuracy:.3f}") for b in found.bins]
    ece = "–" if found.ece is None else f"{found.ece:.4f}"
    title = say("evaluate.calibration", lang, what=say(f"evaluate.of_{name}", lang), ece=ece, count=found.count)
    notes, flagged = [], {}
    for limit in FLAGGED:
        below, wrong = calibration.flagged(pairs, limit)
        notes.append(say("evaluate.flagged", lang, limit=limit, below=share(below), wrong=share(wrong)))
        flagged[str(limit)] = {"words": below, "wrong": wrong}
    path = folder / f"reliability-{name}.svg"
    folder.mkdir(parents=True, exist_ok=True)
    texts = (title, *(say(f"evaluate.{k}", lang) for k in ("mean_confidence", "share_right", "words_of_bins")))
    path.write_text(diagram.reliability(found, *texts), encoding="utf-8")
    bins = [{"low": b.low, "high": b.high, "count": b.count, "confidence": b.confidence, "right": b.right} for b in found.bins]
    values = {"ece": found.ece, "count": found.count, "bins": bins, "flagged": flagged, "diagram": str(path)}
    return Part(title, " ".join([*notes, str(path)]), (head, *rows), {f"calibration_{name}": values})


# ---------------------------------------------------------------------------------------------- clean and damaged texts


def _of_clean(lines: Sequence[str], settings: Settings, pyvi: beside.AddAccents | None, lang: Lang) -> tuple[Part, list[Target]]:
    """Clean text, and text stripped of marks by repair and by pyvi."""
    kept = garbled.clean("\n".join(lines), settings)
    some = "\n".join(lines[: garbled.STRIPPED])
    ours, theirs, crashes = garbled.stripped(some, settings, pyvi)
    wrong, of = ours.shares["wer"]
    head = tuple(say(f"evaluate.{k}", lang) for k in ("measure", "value"))
    rows = [
        head,
        (say("evaluate.stay", lang), f"{100 * kept.stay / kept.words:.3f} % ({kept.stay}/{kept.words})"),
        (say("evaluate.changed_lines", lang), f"{kept.changed}/{kept.lines}"),
        (say("evaluate.stripped_wrong", lang), share((wrong, of))),
    ]
    values: dict[str, Any] = {"stay": kept.stay, "words": kept.words, "changed_lines": kept.changed, "stripped_wrong": (wrong, of)}
    ratio = ""
    if theirs is not None:
        beaten = theirs.shares["wer"]
        ratio = f", {wrong / max(beaten[0], 1):.3f} × pyvi"
        rows.append((say("evaluate.stripped_pyvi", lang, crashes=crashes), share(beaten)))
        values |= {"stripped_pyvi_wrong": beaten, "pyvi_crashes": crashes, "errors_to_pyvi": wrong / max(beaten[0], 1)}
    targets = [
        Target("clean_unjudged", "", f"{100 * kept.stay / kept.words:.3f} %", "≥ 99.98 %", kept.stay >= 0.9998 * kept.words, kept.words),
        Target("clean_judged", "", f"{kept.changed}/{kept.lines}", "0", not kept.changed, kept.words),
        Target("stripped", "", f"{100 - 100 * wrong / of:.2f} %{ratio}", "≥ 98.5 %", wrong <= 0.015 * of, of),
    ]
    return Part(say("evaluate.clean", lang), "", tuple(rows), {"clean": values}), targets


def _kinds(lines: Sequence[str], settings: Settings, lang: Lang) -> Part:
    """Each kind of exact damage done to clean lines: words right before and after repair."""
    head = tuple(say(f"evaluate.{k}", lang) for k in ("kind", "right_before", "right_after", "lines_right"))
    rows, values = [head], {}
    for name, damaged in damage.KINDS.items():
        raw = damaged(lines)
        made = [line.text for _, line in runs.repaired("\n".join(raw), settings)[0].lines()]
        gold = damage.AFTER[name](lines) if name in damage.AFTER else lines
        same = sum(nfc(a) == b for a, b in zip(made, gold, strict=True))
        right = [garbled.right_by_line(x, gold) for x in (raw, made)]
        rows.append((name, share(right[0]), share(right[1]), f"{same}/{len(lines)}"))
        values[name] = {"right_before": right[0], "right_after": right[1], "lines_right": same, "lines": len(lines)}
    note = say("evaluate.kinds_note", lang, count=len(lines))
    return Part(say("evaluate.kinds", lang), note, tuple(rows), {"kinds": values})


# ---------------------------------------------------------------------------------------------- targets


def _rate(counts: tuple[int, int]) -> float:
    return counts[0] / max(counts[1], 1)


def _at_most(key: str, what: str, counts: tuple[int, int], limit: float, command: str = REPORT) -> Target:
    return Target(key, what, share(counts), f"≤ {100 * limit:g} %", _rate(counts) <= limit, counts[1], command)


def _of_samples(samples: Path, found: Sequence[Measured], texts: Sequence[tuple[str, str, str, int]], settings: Settings) -> list[Target]:
    """Targets of the garbled sample whose first lines are transcribed."""
    out: list[Target] = []
    for m, (name, raw, gold, lines) in zip(found, texts, strict=True):
        if ".lines-" not in name:
            continue
        of = m.made.shares
        command = f"kehoach repair RAW > OUT; score.py text OUT GOLD --raw RAW --lines 1-{lines}"
        out.append(_at_most("wer", name, of["wer"], 0.013, command))
        out.append(_at_most("cer", name, of["cer"], 0.005, command))
        exact = m.symbols[0] + m.dates[0] == m.symbols[1] + m.dates[1]
        told = f"{m.symbols[0]}/{m.symbols[1]}, {m.dates[0]}/{m.dates[1]}"
        out.append(Target("exact", name, told, f"{m.symbols[1]}/{m.symbols[1]}, {m.dates[1]}/{m.dates[1]}", exact, of["wer"][1]))
        others = [p.read_text(encoding="utf-8") for p in sorted((samples / "texts").glob("*.txt")) if not p.name.startswith(name[:3])]
        near = garbled.with_siblings(raw, gold, lines, others, settings)
        met = near[0] <= of["wer"][0]
        out.append(Target("siblings", name, share(near), f"≤ {share(of['wer'])}", met, near[1], "kehoach repair --corpus DIR"))
    return out


def _of_strips(held: Sequence[Measured]) -> list[Target]:
    out: list[Target] = []
    for m in held:
        counts = m.produced if m.name == "medium" else m.made.shares["wer"]
        out.append(_at_most("wer_produced" if m.name == "medium" else "wer", m.name, counts, 0.02))
        if m.name == "medium":
            out.append(Target("invented", m.name, str(m.invented), "0", not m.invented, m.lost))
    if held:
        harmed = [m.made.shares["overcorrection"] for m in held]
        out.append(_at_most("overcorrection", "", (sum(a for a, _ in harmed), sum(b for _, b in harmed)), 0.003))
    return out


def _of_costs(found: Sequence[Measured]) -> list[Target]:
    spent = garbled.costs()
    mega = 1e6
    out = [
        Target("loading", "", f"{spent.loading:.2f} s", "≤ 1 s", spent.loading <= 1, None),
        Target("memory", "", f"{spent.memory / mega:.0f} MB", "≤ 200 MB", spent.memory <= 200 * mega, None),
        Target("model", "", f"{spent.model / mega:.1f} MB", "≤ 40 MB", spent.model <= 40 * mega, None, "du -sb models"),
    ]
    if found:
        words, seconds = sum(m.words for m in found), sum(m.seconds for m in found)
        out.insert(0, Target("speed", "", f"{words / seconds:.0f}", "≥ 2000", words >= 2000 * seconds, words))
    return out


def _targets(targets: Sequence[Target], lang: Lang) -> Part:
    head = tuple(say(f"evaluate.{k}", lang) for k in ("target", "figure", "needed", "met", "words", "command"))
    rows = [head]
    for t in targets:
        words = "" if t.words is None else str(t.words)
        met = say("evaluate.yes" if t.met else "evaluate.no", lang)
        rows.append((say(f"evaluate.target_{t.key}", lang, what=t.what).strip(), t.figure, t.needed, met, words, f"`{t.command}`"))
    values = [{"target": t.key, "of": t.what, "figure": t.figure, "needed": t.needed, "met": t.met, "words": t.words} for t in targets]
    return Part(say("evaluate.targets_repair", lang), "", tuple(rows), {"targets_repair": values})
