"""The picture of the README: a page as it was scanned, with numbered boxes, beside the rows that came of it.

    .venv/bin/python docs/picture.py data/processed data/raw samples/ductrong_ubnd_42_2025.pdf 1 docs/scan-and-rows.png

Nothing is drawn by hand: boxes and rows are those of the tables.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image, ImageDraw, ImageFont

from pipeline import image, ingest, pages, settings
from pipeline.synth.fonts import font_path

HEIGHT, TABLE, EDGE = 1180, 960, 14  # pixels: of the picture, width of the rows, blank around
COLOURS = {"plan_fields": "#1f5fa8", "citations": "#2f8f4e", "tasks": "#b9770e", "deadlines": "#b03a2e", "recipients": "#6c3483"}
FIELDS = ("number", "issue_date", "title", "issuing_authority", "signer_name")  # of plan_fields; more would crowd the picture
MOST = 6  # rows of any other table


@dataclass(frozen=True)
class Row:
    """One row to show: its table, what it says, and where it stands."""

    table: str
    text: str
    where: tuple[float, float, float, float]


def value(cell: Any) -> str:
    """A cell as a reader wants it: lists joined, nothing for null."""
    if pd.api.types.is_list_like(cell):
        return ", ".join(map(str, cell))
    return "" if pd.isna(cell) else str(cell)


def rows_of(corpus: Path, plan_id: str, page: int) -> list[Row]:
    """The rows of one page that have a box, table by table."""
    shown = {
        "plan_fields": ("column", "value"),
        "citations": ("relation", "cited_id", "cited_date", "cited_issuer", "cited_plan_id"),
        "tasks": ("section", "responsible", "text"),
        "deadlines": ("kind", "start", "end", "end_op", "rrule"),
        "recipients": ("name", "purpose"),
    }
    out = []
    for table, columns in shown.items():
        frame = pd.read_parquet(corpus / "tables" / f"{table}.parquet")
        frame = frame[(frame.plan_id == plan_id) & (frame.page == page) & frame.left.notna()]
        if table == "plan_fields":
            frame = frame[frame.column.isin(FIELDS)]
        for _, row in frame.head(len(FIELDS) if table == "plan_fields" else MOST).iterrows():
            text = "  ·  ".join(filter(None, (value(row[c]) for c in columns)))
            out.append(Row(table, text, (row.left, row.top, row.right, row.bottom)))
    return out


def draw(scan: Image.Image, rows: list[Row]) -> Image.Image:
    """The page on the left with a numbered box for each row, the rows on the right."""
    dark = np.flatnonzero((np.asarray(scan.convert("L")) < 90).mean(axis=1) > 0.005)  # rows of print
    scan = scan.crop((0, 0, scan.width, min(int(dark[-1] + 0.03 * scan.height), scan.height)))
    scale = (HEIGHT - 2 * EDGE) / scan.height
    page = scan.convert("RGB").resize((round(scan.width * scale), HEIGHT - 2 * EDGE), Image.Resampling.LANCZOS)
    picture = Image.new("RGB", (page.width + TABLE + 3 * EDGE, HEIGHT), "white")
    picture.paste(page, (EDGE, EDGE))
    pen = ImageDraw.Draw(picture)
    words, bold = (ImageFont.truetype(str(font_path("Arimo", heavy)), 18) for heavy in (False, True))
    small = ImageFont.truetype(str(font_path("Arimo", True)), 12)
    x, y, table = page.width + 2 * EDGE, EDGE, ""
    for number, row in enumerate(rows, 1):
        colour = COLOURS[row.table]
        if row.table != table:
            table = row.table
            y += 12
            pen.text((x, y), table, fill=colour, font=bold)
            y += 28
        lines = wrapped(row.text, words, TABLE - 40)[:2]
        badge(pen, (x + 11, y + 10), number, colour, small)
        for line in lines:
            pen.text((x + 32, y), line, fill="black", font=words)
            y += 23
        y += 5
        left, top, right, bottom = (EDGE + v * scale for v in row.where)
        pen.rectangle([left - 2, top - 2, right + 2, bottom + 2], outline=colour, width=2)
        badge(pen, (right + 4, top - 2) if row.table == "deadlines" else (left - 4, top - 2), number, colour, small)
    return picture


def badge(pen: ImageDraw.ImageDraw, middle: tuple[float, float], number: int, colour: str, font: ImageFont.FreeTypeFont) -> None:
    """A number in a filled circle."""
    x, y = middle
    pen.ellipse([x - 10, y - 10, x + 10, y + 10], fill=colour)
    pen.text((x, y), str(number), fill="white", font=font, anchor="mm")


def wrapped(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """The text in lines of at most `width` pixels; what does not fit on two ends in an ellipsis."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= width or not lines[-1]:
            lines[-1] = longer
        elif len(lines) == 2:
            lines[-1] = lines[-1].rstrip(" ,;") + " …"
            break
        else:
            lines.append(word)
    return lines


def main(corpus: Path, raw: Path, source: str, page: int, out: Path) -> None:
    """Draw the picture of one page."""
    plans = pd.read_parquet(corpus / "tables" / "plans.parquet")
    plan = plans[(plans.source_path == source) & (plans.page_first <= page) & (page <= plans.page_last)].iloc[0]
    known = settings.Settings()
    scan = pages.picture(ingest.ingest((raw / source,), raw, known.ingest), raw, page, known)
    upright = image.upright(scan, known.image)
    draw(Image.fromarray(upright.image), rows_of(corpus, plan.plan_id, page)).quantize(256, Image.Quantize.FASTOCTREE).save(
        out, optimize=True
    )


if __name__ == "__main__":
    if len(sys.argv) != 6:  # CORPUS RAW SOURCE PAGE OUT.png
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]), Path(sys.argv[5]))
