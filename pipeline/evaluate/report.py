"""The one report (`make evaluate`): extraction from the invented plans and its targets, phrases, repair, calibration; with --scans reading.

Of the held-out half only totals are printed, never a row. What lies in ../shared and is not there is skipped, and the report says so.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pipeline import messages
from pipeline.evaluate import as_rows, damaged_report, extraction_report, facts, files, repair_report, runs
from pipeline.evaluate.damaged_plans import Way
from pipeline.evaluate.part import Part
from pipeline.evaluate.scores import Figure, as_dict, fact_figures
from pipeline.evaluate.table import markdown
from pipeline.messages import Lang, say
from pipeline.settings import Settings

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"
MADE = ROOT / "build/evaluate"


def report(
    shared: Path, settings: Settings, lang: Lang, scans: bool = False, errors: bool = False, jobs: int = 1, folder: Path = MADE
) -> Iterator[Part]:
    """The parts in order, each measured when it is asked for; `folder` keeps held-out strips and gets the pictures."""
    yield from extraction_report.parts(ROOT, settings, lang, errors)
    samples = shared / "samples"
    if samples.is_dir():
        yield from _sample_plan(samples, settings, lang)
        yield _phrases(samples, lang)
    else:
        yield Part("", say("evaluate.skipped", lang, what="shared/samples", path=samples), (), {"skipped": [str(samples)]})
    ways: tuple[Way, ...] = ("light", "prepared", "scan") if scans else ("light", "prepared")
    yield from damaged_report.parts(ROOT, folder / "plans", settings, lang, ways)
    yield from repair_report.parts(shared, folder, settings, lang)
    if scans:
        from pipeline.evaluate import scan_report

        yield from scan_report.parts(shared, folder, settings, lang, jobs)


def _part(key: str, title: str, note: str, figures: Sequence[Figure], lang: Lang, **more: Any) -> Part:
    return Part(title, note, tuple(map(tuple, as_rows(tuple(figures), lang))), {key: as_dict(figures) | more})


def _sample_plan(samples: Path, settings: Settings, lang: Lang) -> Iterator[Part]:
    """The sample plan from its clean text; then macro F1 from the lines of its pages: as printed, as read by another model, repaired."""
    for path in sorted((samples / "gold").glob("*.record.json")):
        gold = files.records(path)
        name = path.name.split("_")[0]
        whole = facts.compare(_from_text(files.text(samples / "texts" / path.name.replace(".record.json", ".txt")), settings), gold, True)
        title = say("evaluate.extraction", lang, what=say("evaluate.sample_record", lang))
        yield _part("extraction_sample", title, "", fact_figures([whole]), lang)
        heading = (say("evaluate.source", lang), *(say(f"measure.{n}", lang) for n in ("macro_f1", *_COMPONENTS)))
        rows, values = [heading], {}
        for raw in sorted((samples / "garbled").glob(f"{name}.*.eng.txt")):
            label = raw.name.removesuffix(".eng.txt")
            printed = _from_text(files.text(raw.with_name(label + ".gold.txt")), settings)
            mended = runs.records_of(runs.repaired(files.text(raw), settings)[0], settings)
            for kind, made in (("clean", printed), ("raw", _from_text(files.text(raw), settings)), ("repaired", mended)):
                counts = facts.compare(made, gold, True)
                each = (counts.macro_f1, *(counts.tally(c).f1 for c in _COMPONENTS))
                rows.append((f"{label} · {kind}", *("" if x is None else f"{x:.3f}" for x in each)))
                values[f"{label}.{kind}"] = dict(zip(("macro_f1", *_COMPONENTS), each, strict=True))
        if values:
            yield Part(say("evaluate.garbled_extraction", lang), "", tuple(rows), {"extraction_garbled": values})


_COMPONENTS = ("header", "citations", "sections", "tasks", "task_facts", "deadlines", "recipients")


def _from_text(words: str, settings: Settings) -> list[dict[str, Any]]:
    from pipeline.document import text_reading

    return runs.records_of(text_reading(words), settings)


def _phrases(samples: Path, lang: Lang) -> Part:
    figures, wrong = extraction_report.phrase_figures(samples)
    return _part("phrases", say("evaluate.symbols", lang), wrong, figures, lang)


def main(argv: Sequence[str] | None = None) -> int:
    """`make evaluate`: Markdown, or JSON, on stdout; `--help` tells the options."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.evaluate.report")
    parser.add_argument("--errors", action="store_true", help="list what is wrong on the development half")
    parser.add_argument("--scans", action="store_true", help="read the degraded and the real scans too (minutes)")
    parser.add_argument("--jobs", type=int, default=1, help="worker processes that read pages")
    parser.add_argument("--json", action="store_true", help="figures as JSON")
    parser.add_argument("--shared", type=Path, default=SHARED, help="folder that holds samples/")
    parser.add_argument("--folder", type=Path, default=MADE, help="keeps the held-out strips and gets the pictures")
    parser.add_argument("--lang", choices=messages.LANGUAGES, default=None)
    args = parser.parse_args(argv)
    lang = messages.language(args.lang)
    values: dict[str, Any] = {}
    if not args.json:
        print(f"# {say('evaluate.report', lang)}\n")
    for part in report(args.shared, Settings(), lang, args.scans, args.errors, args.jobs, args.folder):
        values |= part.values
        if not args.json:
            print("\n".join(filter(None, (f"## {part.title}\n" if part.title else "", part.note + "\n" if part.note else ""))))
            if part.rows:
                print(markdown(part.rows))
            sys.stdout.flush()
    if args.json:
        print(json.dumps(values, ensure_ascii=False, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
