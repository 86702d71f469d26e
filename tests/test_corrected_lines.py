"""Corrected lines: their words take the places of the old ones, and no line is added or lost."""

from __future__ import annotations

from dataclasses import replace

from correction_rows import SOURCE, correction, line_correction, printed, said, shifted, told, whole, write

from pipeline.corrections import read
from pipeline.corrections.lines import amended
from pipeline.document import Reading, text_reading


def test_a_line_of_a_text_keeps_its_blanks_and_the_count_of_lines():
    reading = text_reading("A\n  - Phong  Y\tte chu tri.\n\nB\n")
    row = correction(
        plan_id=SOURCE, table="lines", column="text", page=1, line=2, old="- Phong Y te chu tri.", value="- Phòng Y tế chủ trì."
    )
    got, troubles = amended(reading, (row,))
    assert said(got) == ["A", "  - Phòng Y tế chủ trì.", "", "B"] and not troubles
    whole(got.pages[0])
    assert [line.corrected for _, line in got.lines()] == [None, (2, 2 + len(row.value)), None, None]
    assert [line.raw for _, line in got.lines()] == [line.raw for _, line in reading.lines()]


def test_a_line_since_cut_in_two_and_one_since_joined_are_found():
    before = printed(["phòng nội vụ chủ trì xét duyệt hồ sơ", "trung tâm y tế báo cáo"])
    rows = (line_correction(1, before, 0, "phòng nội vụ chủ trì thẩm định hồ sơ"),)
    x = before.lines[0].words
    cut = replace(
        before, lines=(replace(before.lines[0], text="phòng nội vụ chủ", words=x[:4]), shifted(before.lines[0], 4), before.lines[1])
    )
    got, troubles = amended(Reading("scan", (cut,)), rows)
    assert said(got) == ["phòng nội vụ chủ", "trì thẩm định hồ sơ", "trung tâm y tế báo cáo"] and not troubles
    joined = printed(["phòng nội vụ chủ trì xét duyệt hồ sơ trước ngày làm việc"])
    got, troubles = amended(Reading("scan", (joined,)), rows)
    assert said(got) == ["phòng nội vụ chủ trì thẩm định hồ sơ trước ngày làm việc"] and not troubles


def test_the_words_at_the_ends_of_a_misread_line_belong_to_it():
    before = printed(["phòng nội vụ chủ trì", "dòng sau"])
    now = printed(["ph#~g nội vụ chủ ~|1", "dòng sau"])
    got, troubles = amended(Reading("scan", (now,)), (line_correction(1, before, 0, "phòng nội vụ chủ trì."),))
    assert said(got) == ["phòng nội vụ chủ trì.", "dòng sau"] and not troubles


def test_a_corrected_line_undone_or_corrected_again(tmp_path):
    page = printed(["so 12 cua so y te"])
    one = line_correction(1, page, 0, "số 12 của sở y tế")
    two = replace(one, id="c002", at="2024-05-02T08:00:00", old=one.value, value="số 13 của sở y tế")
    assert said(amended(Reading("scan", (page,)), (one, two))[0]) == ["số 13 của sở y tế"]
    undo = replace(one, id="c003", at="2024-05-03T08:00:00", old=one.value, value=one.old)
    write(tmp_path / "c.csv", (one, undo))
    assert read(tmp_path).rows == ()
    clash = replace(two, old=one.old, value="số 21 của xã y tế phường", id="c004")
    got, troubles = amended(Reading("scan", (page,)), (one, clash))
    assert said(got) == ["số 21 của xã y tế phường"] and told(troubles) in (["correction_conflict"], [])
