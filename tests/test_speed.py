"""The measure of speed: what it adds up, and what it counts as the text of a page. No times are tested."""

import pytest
from paper import BODY, Sheet
from PIL import Image

from pipeline.document import Line
from pipeline.evaluate.speed import Cost, measure
from pipeline.evaluate.text import running
from pipeline.settings import Settings


def test_costs_add_up_and_the_ratio_is_that_of_the_sums() -> None:
    both = Cost(1, 200, 0.5, 1.5, 2.0, 0.0, 3) + Cost(1, 100, 0.5, 3.5, 2.0, 0.0, 1)
    assert (both.pages, both.words, both.ours_wrong) == (2, 300, 4)
    assert both.ratio == pytest.approx(1.5)
    assert Cost().ratio == 0.0


def test_stamps_and_overlays_are_no_running_text() -> None:
    lines = (Line(1, "Kế hoạch", "Kế hoạch", ()), Line(2, "ĐẾN", "ĐẾN", (), "stamp"), Line(3, "Ký bởi", "Ký bởi", (), "overlay"))
    assert "\n".join(line.raw for line in running(lines)) == "Kế hoạch"


def test_a_page_is_read_by_both_and_each_is_timed(tmp_path) -> None:
    sheet = Sheet(200)
    sheet.lines(30, 40, BODY)
    path = tmp_path / "page.png"
    Image.fromarray(sheet.grey()).save(path, dpi=(200, 200))
    cost = measure(path, "\n".join(BODY), Settings())
    assert cost.pages == 1 and cost.words == len(" ".join(BODY).split())
    assert min(cost.prepare, cost.read, cost.plain) > 0 and cost.other == 0
    assert max(cost.ours_wrong, cost.plain_wrong) <= 0.05 * cost.words
