"""Documents of invented numbers and dates around running text that nothing was trained on: typeset, degraded, read, measured.

Each has a letterhead, bases with numbers and dates, a body, recipients and a signer, in one of four font families. Half of them, the first,
third and so on, may be looked at while tuning; the other half is for figures. The same seed gives the same pages (nobody looked into
those of the default seed so far). The gold is the text layer of the typeset PDF in the order in which a born-digital file is read.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.document import Reading
from pipeline.evaluate import text
from pipeline.evaluate.confidence import Ranking, ranking
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.synth.degrade import Level
    from pipeline.synth.source import Sample

FONTS = ("Tinos", "Liberation Serif", "Arimo", "DejaVu Serif")
SIZES = (13.0, 13.5, 14.0)  # points
HALVES = ("dev", "heldout")
SEED = 47
BASES = (5, 8)  # bases of a document, from and to
BODY = 2200  # characters of running text of a document
_DATE = re.compile(r"\b(\d{1,2})(?:/| tháng )(\d{1,2})(?:/| năm )(\d{4})\b")
_PRINTED = re.compile(r"[\w\s.,;:!?()/%+“”\"'–\-…]*")


@dataclass(slots=True)
class Found:
    """Pieces of one kind (symbols, dates) in gold and in what was read: `there`, `right` of them, `invented` ones that gold lacks."""

    there: int = 0
    right: int = 0
    invented: int = 0

    def add(self, gold: Counter[Any], made: Counter[Any]) -> None:
        """Count one document."""
        self.there += gold.total()
        self.right += (gold & made).total()
        self.invented += sum(n for piece, n in made.items() if piece not in gold)


@dataclass(slots=True)
class Measured:
    """One level and half. `raw` before repair, `made` after it; `symbols` and `dates` in the text, `cited` and `own` in the records."""

    documents: int = 0
    pages: int = 0
    raw: text.TextCounts = field(default_factory=text.TextCounts)
    made: text.TextCounts = field(default_factory=text.TextCounts)
    symbols: Found = field(default_factory=Found)
    dates: Found = field(default_factory=Found)
    cited: Found = field(default_factory=Found)
    own: Found = field(default_factory=Found)
    pairs: list[tuple[float, bool]] = field(default_factory=list)

    @property
    def ranking(self) -> Ranking:
        """How well confidence parts wrong words from right ones."""
        return ranking(self.pairs)

    def values(self) -> dict[str, Any]:
        """Everything as plain values."""
        out: dict[str, Any] = {"documents": self.documents, "pages": self.pages}
        for name in ("raw", "made"):
            out[name] = getattr(self, name).values()
        for name in ("symbols", "dates", "cited", "own"):
            found = getattr(self, name)
            out[name] = {f.name: getattr(found, f.name) for f in fields(found)}
        return out | {"confidence": self.ranking.values()}


def samples(paragraphs: Sequence[str], count: int, seed: int) -> Iterator[Sample]:
    """`count` documents of about two pages."""
    from pipeline.synth.source import Document, Sample

    rng = random.Random(seed)
    kept = [p for p in paragraphs if 80 <= len(p) <= 700 and _PRINTED.fullmatch(p)]
    for k in range(count):
        province = rng.choice(_PROVINCES)
        year = rng.randint(2012, 2025)
        head, code, signer = rng.choice(_BODIES)
        bases = [f"~ Căn cứ {_base(rng, year, province)};" for _ in range(rng.randint(*BASES))]
        body: list[str] = []
        at = rng.randrange(len(kept))
        while sum(map(len, body)) < BODY:
            words = kept[at % len(kept)].strip()
            at += 1
            if rng.random() < 0.6:
                words += f" {rng.choice(_TURNS)} {_base(rng, year, province)}."
            body.append(words)
        document = Document(
            issuer=tuple(x.format(province=province.upper()) for x in head[1:]),
            parent=(head[0].format(province=province.upper()),) if head[0] else (),
            number=f"Số: {rng.randint(1, 3200)}/KH-{code}",
            place_date=f"{province}, ngày {rng.randint(1, 28):02d} tháng {rng.randint(1, 12):02d} năm {year}",
            type="KẾ HOẠCH",
            title=(rng.choice(_SUBJECTS), f"năm {year}"),
            body="\n".join((*bases, *body)),
            signature=signer,
            signer=" ".join(rng.choice(part) for part in _NAMES),
            recipients=("- Như trên;", f"- Ủy ban nhân dân tỉnh {province} (để báo cáo);", "- Lưu: VT, KHTH."),
        )
        yield Sample((document,), "scan", f"{k:03d}", FONTS[k // 2 % len(FONTS)], rng.choice(SIZES), seed=seed * 1000 + k)


def _base(rng: random.Random, year: int, province: str) -> str:
    kind, code, by = rng.choice(_CITED)
    day, month, then = rng.randint(1, 28), rng.randint(1, 12), rng.randint(year - 4, year)
    date = f"{day:02d}/{month:02d}/{then}" if rng.random() < 0.35 else f"{day:02d} tháng {month:02d} năm {then}"
    return f"{kind} số {rng.randint(3, 2900)}/{code} ngày {date} của {by.format(province=province)}"


def measure(documents: Sequence[Sample], level: Level, settings: Settings, jobs: int = 1) -> dict[str, Measured]:
    """The documents at one level, read, repaired and extracted in `jobs` workers: figures for each half."""
    out = {half: Measured() for half in HALVES}
    for k, sample in enumerate(documents):
        gold, made, pages = read_document(sample, level, settings, jobs)
        _count(out[HALVES[k % 2]], gold, made, pages, settings)
        print(f"{level} {k + 1}/{len(documents)} {sample.font}", file=sys.stderr)
    return out


def read_document(sample: Sample, level: Level, settings: Settings, jobs: int = 1, repaired: bool = True) -> tuple[Reading, Reading, int]:
    """What was printed, what was read of it at one level of damage, before or after repair, and the number of pages."""
    from pipeline import onefile
    from pipeline.synth.scan import scanned
    from pipeline.synth.typeset import sheets

    with tempfile.TemporaryDirectory() as folder:
        printed, scan = Path(folder) / "printed.pdf", Path(folder) / "scan.tif"
        printed.write_bytes(sheets(sample).pdf)
        gold = onefile.read(printed, settings, repaired=False)[1]
        first, *rest = scanned(_marked(sample, level))
        first.save(scan, "TIFF", save_all=True, append_images=rest, dpi=first.info["dpi"])
        return gold, onefile.read(scan, settings, repaired=repaired, jobs=jobs)[1], 1 + len(rest)


def _marked(sample: Sample, level: Level) -> Sample:
    """The document as a level scans it: seal and signature at the signer, further marks by the level's chances."""
    from msgspec.structs import replace

    from pipeline.synth.degrade import LEVELS

    rng, damage = random.Random(f"{sample.seed} {level}"), LEVELS[level]
    turned = tuple((page, rng.choice((90, 180, 270))) for page in range(1, 9) if rng.random() < damage.turned)
    chance = [rng.random() for _ in range(3)]
    return replace(
        sample,
        level=level,
        stamp=chance[0] < damage.stamp,
        body_seal=chance[1] < 2 * damage.body_seal,
        bitonal=chance[2] < damage.bitonal,
        turned=turned,
    )


def _count(into: Measured, gold: Reading, made: Reading, pages: int, settings: Settings) -> None:
    from pipeline.evaluate.calibration import word_pairs
    from pipeline.evaluate.runs import records_of

    truth, raw, words = (_running(reading, column) for reading, column in ((gold, "text"), (made, "raw"), (made, "text")))
    into.documents += 1
    into.pages += pages
    into.raw += text.compare(raw, truth)
    into.made += text.compare(words, truth, raw)
    into.symbols.add(_symbols(truth), _symbols(words))
    into.dates.add(_dates(truth), _dates(words))
    (ours, cited), (theirs, their_cited) = (_facts(records_of(reading, settings)) for reading in (gold, made))
    into.own.add(ours, theirs)
    into.cited.add(cited, their_cited)
    into.pairs += word_pairs(made, truth)


def _running(reading: Reading, column: str) -> str:
    return "\n".join(getattr(line, column) for line in text.running(x for _, x in reading.lines()))


def _symbols(words: str) -> Counter[str]:
    from pipeline.evaluate.same import symbol_key
    from pipeline.extract import identifiers

    return Counter(symbol_key(i.canonical) for i in identifiers.find(words))


def _dates(words: str) -> Counter[tuple[int, ...]]:
    return Counter(tuple(map(int, m.groups())) for m in _DATE.finditer(" ".join(words.split())))


def _facts(records: Sequence[dict[str, Any]]) -> tuple[Counter[str], Counter[str]]:
    """Number and date that documents carry themselves; the symbols that they cite, and those with their dates.

    A citation without its date lacks one piece; it invents none.
    """
    own = Counter(f"{c} {r['plan'][c]}" for r in records for c in ("number", "issue_date") if r["plan"][c])
    numbered = [c for r in records for c in r["citations"] if c["cited_id"]]
    cited = Counter(c["cited_id"] for c in numbered) + Counter(f"{c['cited_id']} {c['cited_date']}" for c in numbered if c["cited_date"])
    return own, cited


_PROVINCES = ("Lâm Đồng", "Quảng Ngãi", "Đắk Lắk", "Bình Phước", "Yên Bái", "Hưng Yên", "Cà Mau", "Thừa Thiên Huế", "Bắc Giang", "Sơn La")
_BODIES = (
    (("", "ỦY BAN NHÂN DÂN", "TỈNH {province}"), "UBND", ("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH")),
    (("UBND TỈNH {province}", "SỞ XÂY DỰNG"), "SXD", ("KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC")),
    (("UBND TỈNH {province}", "SỞ Y TẾ"), "SYT", ("GIÁM ĐỐC",)),
    (("UBND TỈNH {province}", "THANH TRA TỈNH"), "TTT", ("CHÁNH THANH TRA",)),
)
_CITED = (
    ("Quyết định", "QĐ-TTg", "Thủ tướng Chính phủ"),
    ("Quyết định", "QĐ-BXD", "Bộ Xây dựng"),
    ("Quyết định", "QĐ-UBND", "Ủy ban nhân dân tỉnh {province}"),
    ("Kế hoạch", "KH-UBND", "Ủy ban nhân dân tỉnh {province}"),
    ("Công văn", "BNV-CCVC", "Bộ Nội vụ"),
    ("Nghị quyết", "NQ-CP", "Chính phủ"),
    ("Nghị quyết", "NQ-HĐND", "Hội đồng nhân dân tỉnh {province}"),
    ("Chỉ thị", "CT-TTg", "Thủ tướng Chính phủ"),
    ("Tờ trình", "TTr-STC", "Sở Tài chính"),
)
_TURNS = ("Việc này thực hiện theo", "Nội dung chi tiết nêu tại", "Kinh phí bố trí theo", "Trước đó đã có")
_SUBJECTS = (
    "Kiểm tra công tác văn thư, lưu trữ",
    "Bảo trì hệ thống đường tỉnh",
    "Phòng, chống dịch bệnh mùa hè",
    "Rà soát quỹ đất công chưa sử dụng",
    "Nâng cao chất lượng phục vụ người dân",
)
_NAMES = (
    ("Nguyễn", "Trần", "Lê", "Phạm", "Võ", "Đặng"),
    ("Quang", "Thị Thu", "Đức", "Hữu", "Minh"),
    ("Thắng", "Hằng", "Khải", "Nghĩa", "Vỹ"),
)


def main() -> None:
    """`python -m pipeline.evaluate.typeset TEXT.txt[.xz]`: JSON on stdout; about ten seconds a document."""
    from pipeline.repair.counts import read_text
    from pipeline.synth.degrade import LEVELS

    parser = argparse.ArgumentParser(prog="python -m pipeline.evaluate.typeset", description=main.__doc__)
    parser.add_argument("text", type=Path)
    parser.add_argument("--levels", nargs="+", choices=tuple(LEVELS), default=list(LEVELS))
    parser.add_argument("--count", type=int, default=24, help="documents of each level")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--jobs", type=int, default=1)
    given = parser.parse_args()
    documents = list(samples(read_text(given.text).split("\n"), given.count, given.seed))
    for level in given.levels:
        found = measure(documents, level, Settings(), given.jobs)
        print(json.dumps({"level": level} | {half: m.values() for half, m in found.items()}, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
