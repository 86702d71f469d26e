"""Numbers and days that a pen wrote into the letterhead: no value, and a picture for review."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline import document, ingest, stages, synth
from pipeline.document import Box, Line, Page, Plan, Word
from pipeline.outputs import crops
from pipeline.settings import Settings
from pipeline.synth.source import Document, Sample

S = Settings()
PENNED = Document(
    issuer=("HỘI LÀM VƯỜN XÃ BÌNH PHÚ",),
    parent=("HỘI NÔNG DÂN TỈNH",),
    type="KẾ HOẠCH",
    title=("Cải tạo vườn tạp năm 2024",),
    number="Số: {27}/KH-HLV",
    place_date="Bình Phú, ngày {16} tháng 02 năm 2024",
    body="Thực hiện chương trình công tác năm 2024, Hội Làm vườn xã xây dựng kế hoạch như sau:\n# I. NỘI DUNG\n"
    "1. Vận động mỗi chi hội đăng ký cải tạo ít nhất 02 vườn mẫu.",
    signature=("CHỦ TỊCH",),
    signer="Nguyễn Thị Hồng Gấm",
    recipients=("- Như trên;", "- Lưu: VT."),
)


def laid(tmp_path: Path, sample: Sample, kept: str = "") -> tuple[Plan, Path, stages.Laid]:
    raw, out = tmp_path / "raw", tmp_path / "plans"
    raw.mkdir()
    (name, data), *_ = synth.produce(sample).items()
    (raw / name).write_bytes(data)
    source = ingest.ingest((raw / name,), raw, S.ingest)
    reading = stages.raw_reading(source, [stages.read_page(source, raw, 1, S, ())])
    records = stages.records_of(source, reading, S)
    (tmp_path / "reading.json").write_bytes(document.to_json(reading))
    (tmp_path / "records.json").write_bytes(document.to_json(records))
    folder = out / source.plan_id
    folder.mkdir(parents=True)
    if kept:
        (folder / kept).write_bytes(b"old")
    files = (tmp_path / "reading.json", tmp_path / "records.json")
    stages.searchable_task(source, raw, *files, S, (), out, tmp_path / "laid.json")
    return records[0].plan, folder, stages.stored(tmp_path / "laid.json", stages.Laid)


@pytest.mark.parametrize("level", ["light", "medium"])
def test_a_number_and_a_day_by_hand_have_no_value_and_are_kept_as_pictures(tmp_path: Path, level: synth.Level) -> None:
    plan, folder, told = laid(tmp_path, Sample((PENNED,), "scan", "a", level=level, seed=3))
    assert plan.number is None and plan.issue_date == "2024-02"
    assert {"number_handwritten", "number_missing"} & set(plan.review_reasons) and "partial_issue_date" in plan.review_reasons
    assert sorted(p.name for p in folder.iterdir()) == ["issue-date.png", "number.png", "searchable.pdf"]
    assert [(p.code, p.detail, p.page) for _, p in told.problems] == [
        ("handwriting_kept", f"plans/{plan.plan_id}/{what}.png", 1) for what in ("number", "issue-date")
    ]
    for name in ("number.png", "issue-date.png"):
        assert told.files[f"{plan.plan_id}/{name}"] == (folder / name).stat().st_size
        picture = cv2.imread(str(folder / name)).astype(int)
        blue = (picture[..., 0] - picture[..., 2]) > 60
        columns = np.flatnonzero(blue.any(axis=0))
        assert blue.sum() > 60 and columns[0] > 5 and columns[-1] < picture.shape[1] - 5  # all of the figures are on it


def test_what_is_printed_is_kept_as_no_picture_and_an_old_one_goes(tmp_path: Path) -> None:
    printed = Document(**{f: getattr(PENNED, f) for f in PENNED.__struct_fields__} | {
        "number": "Số: 27/KH-HLV", "place_date": "Bình Phú, ngày 16 tháng 02 năm 2024"})  # fmt: skip
    plan, folder, told = laid(tmp_path, Sample((printed,), "scan", "a", seed=3), kept="number.png")
    assert (plan.number, plan.issue_date) == ("27/KH-HLV", "2024-02-16")
    assert [p.name for p in folder.iterdir()] == ["searchable.pdf"] and told.problems == ()


def test_the_line_of_the_number_is_found_whatever_was_made_of_the_number() -> None:
    def page(*texts: str, origin: str = "ocr") -> Page:
        lines = [Line(k, t, t, (Word(t, 0, 0, len(t), Box(200, 100 * k, 500, 100 * k + 40)),)) for k, t in enumerate(texts, 1)]
        return Page(1, tuple(lines), origin, 1000, 1500)  # type: ignore[arg-type]

    plan = Plan("x", "a.pdf", 1, 1, issue_date="2024-02")
    (crop,) = crops.wanted(plan, [page("SỞ Y TẾ", "Sô; ¿q /KH-SYT")])
    assert (crop.what, crop.box) == ("number", Box(140, 164, 560, 268))
    assert crops.wanted(plan, [page("Số: /KH-SYT", origin="layer")]) == []
    assert [c.what for c in crops.wanted(plan, [page("Số: /KH-SYT", "Huế, ngày   tháng 2 năm 2024")])] == ["number", "issue-date"]
