"""Preparation of page images: each step does its work where it is needed, and nothing where it is not."""

import io

import cv2
import numpy as np
import pytest
from paper import Sheet, full_page
from PIL import Image as Pillow

from pipeline.document import Box, Line, Word
from pipeline.image import clean, upright
from pipeline.image.skew import pose, straightened
from pipeline.pages import Scan
from pipeline.settings import Image

LIMITS = Image()
PAGE = full_page().array()


def prepared(image: np.ndarray) -> Scan:
    return clean(Scan(1, image, 200), LIMITS)


def names(scan: Scan) -> list[str]:
    return [s.split()[0] for s in scan.steps]


def test_a_page_that_is_fine_is_not_touched() -> None:
    scan = prepared(full_page().grey())
    assert scan.steps == () and np.array_equal(scan.image, full_page().grey())
    assert upright(Scan(1, PAGE), LIMITS).image is PAGE


@pytest.mark.parametrize("quarter", [0, 1, 2, 3])
def test_a_page_is_turned_upright(quarter: int) -> None:
    scan = upright(Scan(1, np.ascontiguousarray(np.rot90(PAGE, -quarter))), LIMITS)
    assert scan.steps == (() if quarter == 0 else (f"turn {90 * (4 - quarter)}",))
    assert np.array_equal(scan.image, PAGE)


@pytest.mark.parametrize("degrees", [-6.3, -1.25, -0.3, 0.0, 0.2, 0.85, 4.4])
def test_leaning_is_measured_to_a_tenth_of_a_degree(degrees: float) -> None:
    leaning = straightened(full_page().grey(), -degrees)
    assert abs(pose(leaning, 8.0).skew - degrees) <= 0.1


def test_a_table_on_its_side_is_told_by_its_letters() -> None:
    sheet = Sheet(200, landscape=True)
    for column in range(5):
        sheet.lines(20 + column * 52, 40, ("Chi hội ấp Đông", "trồng 50 gốc bưởi", "và làm hàng rào", "cây xanh quanh nhà"), 7, 11)
        sheet.lines(20 + column * 52, 95, ("Chi hội ấp Tây tổ", "chức phiên chợ quê", "vào tháng 5/2024"), 7, 11)
    for x in range(6):
        sheet.pen.line([sheet.px(18 + x * 52), sheet.px(35), sheet.px(18 + x * 52), sheet.px(180)], fill="black", width=2)
    for y in (35, 85, 180):
        sheet.pen.line([sheet.px(18), sheet.px(y), sheet.px(278), sheet.px(y)], fill="black", width=2)
    lying = np.ascontiguousarray(np.rot90(sheet.array(), -1))
    assert upright(Scan(1, lying), LIMITS).steps[0] == "turn 270"


def test_overlay_boxes_move_with_the_page() -> None:
    sheet = full_page()
    sheet.pen.rectangle([300, 100, 360, 120], fill=(0, 0, 0))
    lying = np.ascontiguousarray(np.rot90(straightened(sheet.array(), 1.5), 2))
    h, w = lying.shape[:2]
    at = cv2.transform(np.array([[[330, 110]]], np.float64), cv2.getRotationMatrix2D((w / 2, h / 2), 1.5, 1.0))[0, 0]
    x, y = w - at[0], h - at[1]
    box = Box(round(x - 30), round(y - 10), round(x + 30), round(y + 10))
    line = Line(1, "mốc", "mốc", (Word("mốc", 0, 0, 3, box),), "overlay")
    scan = upright(Scan(1, lying, overlay=(line,)), LIMITS)
    b = scan.overlay[0].words[0].box
    assert b is not None and abs((b.left + b.right) / 2 - 330) < 6 and abs((b.top + b.bottom) / 2 - 110) < 6


def test_seal_and_signature_are_lifted_and_the_print_under_them_stays() -> None:
    sheet = full_page()
    bare = sheet.grey()
    sheet.ring(120, 100)
    x, y = sheet.px(60), sheet.px(150)
    sheet.pen.line([x, y, x + 300, y - 40, x + 150, y + 60], fill="#2238a8", width=6)
    marked = np.minimum(sheet.array(), np.repeat(full_page().grey()[..., None], 3, axis=2))  # ink multiplies: print stays black
    scan = prepared(marked)
    assert names(scan) == ["colour-lifted"]
    assert (scan.image[bare > 250] > 170).mean() > 0.999  # no colour left
    assert (scan.image[bare < 60] < 130).mean() > 0.98  # no print lost


def test_uneven_light_and_a_fold_are_evened() -> None:
    page = full_page().grey().astype(np.float32)
    h, w = page.shape
    light = np.linspace(0.72, 1.0, w)[None, :] * np.linspace(1.0, 0.85, h)[:, None]
    fold = 1 - 0.4 * np.exp(-(((np.arange(h) - 0.55 * h) / (h / 150)) ** 2))[:, None]
    scan = prepared((page * light * fold).astype(np.uint8))
    assert names(scan) == ["light", "fold"]
    paper = scan.image[page > 250]
    assert np.percentile(paper, 2) > 215
    assert (scan.image[page < 40] < 130).mean() > 0.97


def test_dust_goes_and_every_dot_and_hook_stays() -> None:
    page = full_page().grey()
    noisy = page.copy()
    rng = np.random.default_rng(3)
    for y, x in zip(rng.integers(30, page.shape[0] - 30, 700), rng.integers(30, page.shape[1] - 30, 700), strict=True):
        if page[y - 25 : y + 26, x - 25 : x + 26].min() > 250:  # dust beside a letter can't be told from a mark
            noisy[y : y + 2, x : x + 2] = 20
    scan = prepared(noisy)
    assert names(scan) == ["specks"]
    assert (scan.image < 128).sum() == (page < 128).sum()
    assert np.array_equal(scan.image[page < 128], page[page < 128])


def test_black_borders_are_painted_and_print_near_them_is_not() -> None:
    page = full_page().grey()
    framed = page.copy()
    framed[:, :40] = 5
    framed[-30:] = 12
    scan = prepared(framed)
    assert names(scan) == ["border"]
    assert scan.image[:, :40].min() > 200 and np.array_equal(scan.image[200:1500, 200:1400], page[200:1500, 200:1400])


def test_a_black_fold_and_the_ring_of_a_copied_seal_are_taken_off() -> None:
    sheet = full_page()
    sheet.ring(150, 108, colour="black")
    page = np.where(sheet.grey() < 128, 0, 255).astype(np.uint8)
    page[1100:1116] = 0
    scan = prepared(page)
    assert names(scan) == ["bar", "rings"]
    assert (scan.image[1100:1116] > 128).all()
    angles = np.linspace(0, 2 * np.pi, 300)
    r = sheet.px(18 - 0.4)
    on_ring = scan.image[(sheet.px(108) + r * np.sin(angles)).astype(int), (sheet.px(150) + r * np.cos(angles)).astype(int)]
    assert (on_ring > 128).mean() > 0.9


def test_a_black_fold_through_a_line_takes_no_more_than_it_covers() -> None:
    sheet = full_page()
    page = np.where(sheet.grey() < 128, 0, 255).astype(np.uint8)
    profile = (page[sheet.px(41) : sheet.px(49)] < 128).sum(axis=1)
    dense = np.flatnonzero(profile > 0.4 * profile.max())
    y = sheet.px(41) + int(dense[0] + dense[-1]) // 2 - 2  # through the middle of the third line
    barred = page.copy()
    barred[y : y + 5] = 0
    scan = prepared(barred)
    assert names(scan) == ["bar"]
    around = np.r_[y - 40 : y - 2, y + 7 : y + 40]
    assert ((scan.image[around] < 128) != (page[around] < 128)).sum() < 0.25 * (page[around] < 128).sum()
    assert (scan.image[y : y + 5][page[y : y + 5] < 128] < 128).mean() > 0.3  # strokes that cross it are whole again
    assert (scan.image[y : y + 5] < 128).mean() < 1.2 * (page[y : y + 5] < 128).mean()


def test_words_of_a_copied_seal_go_where_no_line_runs_and_print_across_the_ring_stays() -> None:
    sheet = Sheet(200)
    for row in range(3):
        sheet.write(30, 100 + 12 * row, "Hợp tác xã nông nghiệp Bình Phú thu mua bưởi da xanh của xã viên", 14)
    page = np.where(sheet.grey() < 128, 0, 255).astype(np.uint8)
    bare = page.copy()
    sheet.ring(110, 126, colour="black")
    sheet.write(103, 137, "SEAL", 9)
    sealed = np.where(sheet.grey() < 128, 0, 255).astype(np.uint8)
    scan = prepared(sealed)
    assert names(scan) == ["rings"]
    lost = (bare < 128) & (scan.image > 128)
    assert lost.sum() < 0.02 * (bare < 128).sum()
    left = (scan.image < 128) & (bare > 128)
    assert left.sum() < 0.08 * ((sealed < 128) & (bare > 128)).sum()


def test_print_under_a_seal_stays_black_though_compression_smears_the_colour() -> None:
    sheet = Sheet(150)
    sheet.write(60, 100, "xã viên trồng bưởi", 14)
    bare = sheet.grey()
    sheet.ring(85, 103, width=9)
    inked = np.minimum(sheet.array(), np.repeat(bare[..., None], 3, axis=2))
    squeezed = io.BytesIO()
    Pillow.fromarray(inked).save(squeezed, "JPEG", quality=40)
    scan = prepared(np.asarray(Pillow.open(squeezed).convert("RGB")))
    assert names(scan) == ["colour-lifted"]
    assert (scan.image[bare < 60] < 110).mean() > 0.97
    assert (scan.image[bare == 255] > 150).mean() > 0.997


@pytest.mark.parametrize("level", [255, 180, 30])
def test_a_page_without_print_stays_without(level: int) -> None:
    scan = prepared(np.full((900, 640), level, np.uint8))
    assert "turn" not in " ".join(scan.steps) and "deskew" not in " ".join(scan.steps)
    assert scan.image.std() < 1
