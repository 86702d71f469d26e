"""How many cells of typeset annex tables are read right: `python tests/table_cells.py [LEVELS] [KINDS] [TABLES]`.

LEVELS: clean, light, medium, heavy (default light,medium). KINDS: the rules drawn (all, level, few, none), `2` for a header on two levels,
`g` for group rows. A cell is right where its row, its column and nine tenths of its characters are, marks aside. Prints right, of, found.
"""

import random
import re
import sys

import numpy as np
from rapidfuzz import fuzz

from pipeline import ocr, synth
from pipeline.image import clean
from pipeline.pages import Scan
from pipeline.settings import Settings
from pipeline.synth.source import Annex, Document, Sample
from pipeline.text import bare

S = Settings()
KINDS = "all,all2,allg,level,level2,levelg,few,none,noneg"
WORK = (
    "Rà soát, thống kê số hộ trồng dừa trên địa bàn xã",
    "Mở lớp tập huấn kỹ thuật nuôi tôm",
    "In tờ rơi tuyên truyền về phân loại rác tại nhà",
    "Kiểm tra việc sử dụng hóa đơn của các đại lý vật tư",
    "Tổ chức ngày hội đọc sách cho học sinh tiểu học",
    "Sửa chữa cầu ván qua kênh Bà Tư",
    "Lập danh sách thanh niên tình nguyện",
    "Trồng 500 cây sao đen dọc tuyến đường liên ấp",
    "Đánh giá kết quả và đề nghị khen thưởng",
)
WHO = ("Phòng Kinh tế", "UBND xã", "Trạm Y tế", "Công chức Văn hóa - Xã hội", "Hội Nông dân", "Đoàn Thanh niên", "Trường Tiểu học Tân Lập")
WITH = ("Các ấp", "Hội Phụ nữ; Mặt trận xã", "Công an xã", "Ban Nhân dân ấp", "Các trường học")
WHEN = ("Tháng 3/2027", "Trước 15/5/2027", "Quý II/2027", "Thường xuyên", "Trước ngày 30/11/2027")
WHAT = ("Báo cáo", "Danh sách", "Kế hoạch chi tiết", "Biên bản", "Tờ trình")
GROUPS = {0: "I. Công tác tuyên truyền", 4: "II. Công tác kiểm tra, giám sát"}


def table(kind: str, seed: int) -> tuple[Sample, dict[tuple[int, int], str]]:
    """A plan with one annex table, and the texts of its cells by row and column."""
    dice = random.Random(seed)
    first = "TT" if seed % 2 else "STT"
    header: tuple[tuple[str, ...], ...] = ((first, "Nội dung công việc", "Chủ trì", "Phối hợp", "Thời gian", "Sản phẩm"),)
    if "2" in kind:
        header = ((first, "Nội dung công việc", "Phân công", "", "Thời gian", "Sản phẩm"), ("", "", "Chủ trì", "Phối hợp", "", ""))
    rows: list[tuple[str, ...]] = []
    for k in range(7):
        rows += [(GROUPS[k],)] if "g" in kind and k in GROUPS else []
        rows.append((str(k + 1), *map(dice.choice, (WORK, WHO, WITH, WHEN, WHAT))))
    rules = kind.strip("2g")
    note = "(Kèm theo Kế hoạch số 12/KH-UBND ngày 03 tháng 02 năm 2027)"
    shape = {"landscape": seed % 2 == 0, "rules": rules, "numbering": False}
    annex = Annex(("PHỤ LỤC", "PHÂN CÔNG NHIỆM VỤ"), note, header, (7, 34, 18, 18, 16, 14), tuple(rows), **shape)
    plan = Document(("UBND XÃ TÂN LẬP",), "KẾ HOẠCH", ("Phát triển nông thôn",), "Thực hiện chương trình năm.", annexes=(annex,))
    cells = {(r, c): text for r, row in enumerate((*header, *rows)) for c, text in enumerate(row) if text}
    return Sample((plan,), "pdf", font=("Tinos", "Liberation Serif", "Arimo")[seed % 3], seed=seed), cells


def read(sample: Sample, level: str) -> dict[tuple[int, int], str]:
    """The cells as they are read from the last page of the sample, degraded."""
    image = synth.pages_of(synth.typeset(sample))[-1]
    if level != "clean":
        image = synth.degrade(image, level, sample.seed + 5, synth.Marks())  # type: ignore[arg-type]
    dpi = {"medium": 200, "heavy": 150}.get(level, 300)
    page = ocr.read(clean(Scan(1, np.asarray(image.convert("RGB")), dpi), S.image), S.ocr)
    found: dict[tuple[int, int], list[str]] = {}
    for line in page.lines:
        if line.cell:
            found.setdefault(line.cell[1:], []).append(line.text)
    return {place: " ".join(texts) for place, texts in found.items()}


def letters(text: str) -> str:
    return re.sub(r"\s", "", bare(text))


def main(levels: str = "light,medium", kinds: str = KINDS, tables: str = "3") -> None:
    for level in levels.split(","):
        for kind in kinds.split(","):
            right = of = made = 0
            for seed in range(int(tables)):
                sample, wanted = table(kind, seed)
                found = read(sample, level)
                right += sum(fuzz.ratio(letters(found.get(k, "")), letters(text)) >= 90 for k, text in wanted.items())
                of, made = of + len(wanted), made + len(found)
            print(f"{level:7} {kind:7} {right:4} {of:4} {made:4}  {100 * right / of:.1f} %", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
