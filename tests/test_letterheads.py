"""Letterheads of every sort of body, each in three layouts: who issues, who stands above, number, date, and the title under them."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from letterheads import BODY, plan

ROWS = list(csv.DictReader((Path(__file__).parent / "phrases/dev/letterheads.csv").open(encoding="utf-8")))
MOTTO = "Độc lập - Tự do - Hạnh phúc"


def laid_out(left: list[str], right: list[str]) -> Iterator[str]:
    """The two columns one after the other, side by side, and read into one line with one blank between."""
    yield "\n".join(left + right)
    yield "\n".join(f"{a:<40}{b}".rstrip() for a, b in itertools.zip_longest(left, right, fillvalue=""))
    yield "\n".join(f"{a} {b}".strip() for a, b in itertools.zip_longest(left, right, fillvalue=""))


@pytest.mark.parametrize("row", ROWS, ids=[r["left"] for r in ROWS])
def test_letterhead(row: dict[str, str]) -> None:
    left = row["left"].split(" | ")
    right = [row["right"], *([MOTTO] if row["right"].startswith("CỘNG HÒA") else []), row["dated"]]
    number = left[-1].removeprefix("Số").lstrip(" :").replace(" ", "")
    for head in laid_out(left, right):
        found = plan(f"{head}\n\nKẾ HOẠCH\nTriển khai công tác của cơ quan\n{BODY}")
        said = {c: str(found[c] or "").lower() for c in ("issuing_authority", "parent_authority")}
        assert said == {c: row[c].lower() for c in said}, head
        assert found["number"] == number, head
        assert str(found["issue_date"])[8:] == "03", head
        assert found["place"] == row["dated"].split(",")[0], head
        assert found["title"] == "Triển khai công tác của cơ quan", head


def test_table_is_there() -> None:
    assert len(ROWS) > 40
