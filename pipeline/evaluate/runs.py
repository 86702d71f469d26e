"""The program run over gold: clean plans, single phrases, garbled texts, scans. What the report tells is measured here."""

from __future__ import annotations

import csv
import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from pipeline import messages
from pipeline.document import Reading, record_rows, text_reading
from pipeline.errors import InputError
from pipeline.evaluate import calibration, facts, files, same, text
from pipeline.evaluate.scores import Document
from pipeline.evaluate.tally import FactCounts
from pipeline.settings import Settings


def records_of(reading: Reading, settings: Settings) -> list[dict[str, Any]]:
    """The records that the extractor reads, as plain rows."""
    from pipeline.extract import extract

    return [record_rows(r) for r in extract(reading, settings.extract)]


def plans(folder: Path, settings: Settings, optional: bool = True) -> tuple[tuple[Document, ...], float]:
    """Every `X.txt` of a folder, known to be clean, against `X.record.json`: documents, and the seconds of extraction."""
    out, seconds = [], 0.0
    for gold in sorted(folder.glob("*.record.json")):
        words = files.text(gold.with_name(gold.name.replace(".record.json", ".txt")))
        started = time.perf_counter()
        made = records_of(text_reading(words), settings)
        seconds += time.perf_counter() - started
        name = gold.name.removesuffix(".record.json")
        out.append(Document(name, facts=facts.compare(made, files.records(gold), optional)))
    return tuple(out), seconds


# ---------------------------------------------------------------------------------------------- single phrases


def phrases(table: Path, right: Callable[[dict[str, str]], bool]) -> tuple[tuple[int, int], tuple[str, ...]]:
    """Rows with `scored` 1 of a CSV table: (right ones, all), and the first column of the wrong ones."""
    with table.open(encoding="utf-8", newline="") as f:
        rows = [r for r in csv.DictReader(f) if r["scored"] == "1"]
    wrong = tuple(next(iter(r.values())) for r in rows if not right(r))
    return (len(rows) - len(wrong), len(rows)), wrong


def identifier_right(row: dict[str, str]) -> bool:
    """A row of identifiers.csv: exactly its symbol is found, or nothing where it is none."""
    from pipeline.extract import identifiers

    found = [same.symbol_key(i.canonical) for i in identifiers.find(row["input"].replace("\\n", "\n"))]
    return found == ([same.symbol_key(row["cited_id"])] if row["is_identifier"] == "1" else [])


def deadline_right(row: dict[str, str]) -> bool:
    """A row of deadlines.csv: its time expressions and no other; ` | ` in `rrule` parts the rules of two."""
    from pipeline.extract import deadlines

    gold = [] if row["kind"] == "none" else [row | {"rrule": rule} for rule in row["rrule"].split(" | ")]
    found = deadlines.read(row["text"].replace("\\n", "\n"), date.fromisoformat(row["ref_date"]))
    made = [{"kind": t.kind, "start": t.first, "end": t.last, "end_op": t.end_op, "rrule": t.rrule} for t in found]
    for g in gold:
        hit = next((m for m in made if same.same_deadline(g, m)), None)
        if hit is None:
            return False
        made.remove(hit)
    return not made


# ---------------------------------------------------------------------------------------------- repair


def repairs(samples: Path) -> list[tuple[str, str, str, int]]:
    """The garbled samples that are there: (name, whole raw text, gold of its first lines, how many lines those are)."""
    out = []
    for raw in sorted((samples / "garbled").glob("*.eng.txt")):
        gold = files.text(raw.with_name(raw.name.replace(".eng.txt", ".gold.txt")))
        out.append((raw.name.removesuffix(".eng.txt"), files.text(raw), gold, len(text.lines_of(gold))))
    for gold_path in sorted((samples / "gold").glob("*.lines-1-*.gold.txt")):
        name = gold_path.name.split(".")[0]
        whole = next((samples / "texts").glob(f"{name}_*.txt"), None)
        if whole is not None:
            gold = files.text(gold_path)
            out.append((gold_path.name.removesuffix(".gold.txt"), files.text(whole), gold, len(gold.removesuffix("\n").split("\n"))))
    for raw in sorted((samples / "scans_gold/garbled_textlayer").glob("*.garbled.txt")):
        name = raw.name.removesuffix(".garbled.txt")
        if (gold_path := samples / "scans_gold" / f"{name}.gt.txt").is_file():
            out.append((f"textlayer {name}", files.text(raw), files.text(gold_path), len(text.lines_of(files.text(raw)))))
    return out


def repaired(raw: str, settings: Settings) -> tuple[Reading, float]:
    """A garbled text repaired, and the seconds that it took."""
    from pipeline.repair import repair_text

    started = time.perf_counter()
    reading = repair_text(raw, settings.repair)
    return reading, time.perf_counter() - started


def first_lines(words: str, count: int) -> str:
    """The first `count` lines of a text."""
    return "\n".join(words.split("\n")[:count])


def repair_measures(reading: Reading, raw: str, gold: str, lines: int) -> tuple[text.TextCounts, text.TextCounts, list[tuple[float, bool]]]:
    """The first lines of a repaired text and of its raw text against gold, and its words' confidence pairs."""
    from pipeline.stages import plain_text

    made, before = first_lines(plain_text(reading), lines), first_lines(raw, lines)
    head = tuple(replace(p, lines=tuple(line for line in p.lines if line.number <= lines)) for p in reading.pages)
    return text.compare(made, gold, before), text.compare(before, gold), calibration.word_pairs(replace(reading, pages=head), gold)


# ---------------------------------------------------------------------------------------------- scans


def degraded(samples: Path, level: str, settings: Settings, jobs: int = 1) -> tuple[Document, ...]:
    """The pages of the degraded sample at one level (light, medium, heavy), read and repaired, against their gold."""
    pages = degraded_pages(samples, level)
    return tuple(Document(page.stem, text=_page(_read(page, settings, jobs), 1, gold)) for page, gold in pages)


def degraded_pages(samples: Path, level: str) -> list[tuple[Path, str]]:
    """The page images of the degraded sample at one level, with their gold."""
    found = sorted((samples / "degraded/003" / level).iterdir())
    return [(p, files.text(samples / f"gold/degraded_003/003.p{p.stem.split('_p')[-1]}.txt")) for p in found]


def scans(samples: Path, settings: Settings, jobs: int = 1) -> tuple[tuple[Document, ...], tuple[Document, ...]]:
    """Real scans, each read once: their transcribed pages against gold, and their header fields against what was read by eye.

    Of a page the running text counts, no overlay and no stamp; of the fields number, date, type, place and title, where gold has them.
    """
    gold_pages = _transcribed(samples)
    fields = {}
    for line in files.text(samples / "scans_gold/fields.jsonl").splitlines():
        row = json.loads(line)
        path_of = next(iter(sorted((samples / "scans").glob(row["id"] + ".*"))), None)
        if path_of is not None:
            fields[path_of] = row
    texts, headers = [], []
    for path in sorted({*gold_pages, *fields}):
        reading = _read(path, settings, jobs)
        for name, page, gold in gold_pages.get(path, ()):
            texts.append(Document(name, text=_page(reading, page, files.text(gold))))
        if path in fields:
            headers.append(Document(path.stem, facts=_header(reading, fields[path], settings)))
    return tuple(texts), tuple(headers)


def plain_scans(samples: Path, settings: Settings) -> tuple[Document, ...]:
    """The same transcribed pages as one plain `tesseract --psm 3` of the page image reads them, with nothing prepared."""
    import pytesseract
    from PIL import Image

    from pipeline import ingest, pages

    out = []
    for path, found in sorted(_transcribed(samples).items()):
        source = ingest.ingest((path,), path.parent, settings.ingest)
        for name, page, gold in found:
            scan = pages.picture(source, path.parent, page, settings)
            config = "--psm 3" + (f" --dpi {scan.dpi}" if scan.dpi else "")
            words = pytesseract.image_to_string(Image.fromarray(scan.image), lang=settings.ocr.languages, config=config)
            out.append(Document(name, text=text.compare(words, files.text(gold))))
    return tuple(out)


def _transcribed(samples: Path) -> dict[Path, list[tuple[str, int, Path]]]:
    """Scans with transcribed pages: (name, number of the page, gold) of each."""
    gold_pages: dict[Path, list[tuple[str, int, Path]]] = {}
    for gold in sorted((samples / "scans_gold").glob("*_p*.gt.txt")):
        name = gold.name.removesuffix(".gt.txt")
        document, _, number = name.rpartition("_p")
        image = next((samples / "scans").glob(f"{name}.*"), None)
        path = image or next((samples / "scans").glob(f"{document}.*"))
        gold_pages.setdefault(path, []).append((name, 1 if image else int(number), gold))
    return gold_pages


_FIELDS = {"number": "number", "date": "issue_date", "type": "doc_type", "place": "place", "title": "title"}


def _header(reading: Reading, row: dict[str, Any], settings: Settings) -> FactCounts:
    gold = {column: row[name] for name, column in _FIELDS.items() if row.get(name) is not None}
    plan = records_of(reading, settings)[0]["plan"]
    return facts.compare([{"plan": {c: plan.get(c) for c in gold}}], [{"plan": gold}])


def _read(path: Path, settings: Settings, jobs: int) -> Reading:
    """The reading of a scan; one that cannot be read is said so on stderr, and counts as a page without a word."""
    from pipeline import onefile

    try:
        return onefile.read(path, settings, repaired=True, jobs=jobs)[1]
    except InputError as e:
        print(f"{path.name}: {messages.explain(e, 'en')}", file=sys.stderr)
        return Reading("scan", ())


def _page(reading: Reading, page: int, gold: str) -> text.TextCounts:
    lines = text.running(line for p in reading.pages if p.number == page for line in p.lines)
    return text.compare("\n".join(x.text for x in lines), gold, "\n".join(x.raw for x in lines))
