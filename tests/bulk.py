"""Plans in bulk for benchmarks: each of 3 pages, 120 lines, 20 tasks and 10 citations, all invented, none like another.

`python tests/bulk.py FOLDER COUNT` writes them as texts, in folders of a hundred.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

PLACES = ("Thạnh Phú", "Bình Đại", "Ba Tri", "Giồng Trôm", "Mỏ Cày Nam", "Châu Thành", "Chợ Lách", "Mỏ Cày Bắc")
BODIES = ("Phòng Tư pháp", "Phòng Y tế", "Phòng Nội vụ", "Phòng Tài chính - Kế hoạch", "Phòng Lao động - Thương binh và Xã hội")
FIELDS = ("công tác hộ tịch", "an toàn thực phẩm", "cải cách hành chính", "phòng chống thiên tai", "chuyển đổi số", "hòa giải ở cơ sở")
VERBS = ("kiểm tra", "tập huấn", "rà soát", "tuyên truyền", "thống kê", "sơ kết")
CITED = (
    ("Quyết định", "QĐ-UBND", "Ủy ban nhân dân tỉnh Bến Tre"),
    ("Nghị định", "NĐ-CP", "Chính phủ"),
    ("Thông tư", "TT-BTP", "Bộ Tư pháp"),
    ("Chỉ thị", "CT-TTg", "Thủ tướng Chính phủ"),
    ("Kế hoạch", "KH-UBND", "Ủy ban nhân dân tỉnh Bến Tre"),
)
YEARLY = ("NĐ-CP", "TT-BTP")  # symbols that hold their year
LINES, PAGES, TASKS, CITATIONS = 120, 3, 20, 10


def plan(number: int) -> str:
    """One plan by its number: the same number, the same text."""
    dice = random.Random(number)
    place, body, about = PLACES[number % len(PLACES)], BODIES[number % len(BODIES)], FIELDS[number % len(FIELDS)]
    year = 2016 + number % 9
    lines = [
        f"UBND HUYỆN {place.upper()}\tCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        f"{body.upper()}\tĐộc lập - Tự do - Hạnh phúc",
        f"Số: {number}/KH-P{body.split()[1][0].upper()}\t{place}, ngày {number % 28 + 1:02} tháng {number % 12 + 1:02} năm {year}",
        "",
        "KẾ HOẠCH",
        f"Triển khai {about} trên địa bàn huyện {place} năm {year}",
        "",
    ]
    for k in range(CITATIONS):
        kind, code, issuer = CITED[k % len(CITED)]
        day, month = dice.randrange(1, 29), dice.randrange(1, 13)
        lines.append(
            f"Căn cứ {kind} số {dice.randrange(1, 3000)}/{f'{year - 1}/' if code in YEARLY else ''}{code} "
            f"ngày {day:02}/{month:02}/{year - 1} của {issuer} về {FIELDS[(number + k) % len(FIELDS)]};"
        )
    lines += ["", f"{body} huyện {place} xây dựng kế hoạch như sau:", "", "I. MỤC ĐÍCH, YÊU CẦU", ""]
    lines += [f"- Bảo đảm {about} đúng quy định, thiết thực, tiết kiệm.", "- Phân công rõ việc, rõ người, rõ thời gian.", ""]
    lines += ["II. NỘI DUNG", ""]
    for k in range(TASKS):
        if k == TASKS // 2:
            lines += ["III. TỔ CHỨC THỰC HIỆN", ""]
        who, other = dice.sample(BODIES, 2)
        lines += [
            f"{k % (TASKS // 2) + 1}. {who} chủ trì, phối hợp với {other} {dice.choice(VERBS)} {dice.choice(FIELDS)}",
            f"tại {dice.randrange(2, 20):02} xã, thị trấn, hoàn thành trước ngày {dice.randrange(1, 29)}/{dice.randrange(1, 13)}/{year};",
            f"báo cáo kết quả về {body} huyện {place} theo quy định.",
            "",
        ]
    end = ["Nơi nhận:", "- UBND huyện (để b/c);", "- UBND các xã, thị trấn;", "- Lưu: VT.", "", "TRƯỞNG PHÒNG", "", "Lê Thị Bích Hạnh"]
    lines += [""] * (LINES - len(lines) - len(end)) + end
    per_page = LINES // PAGES
    return "\n\f".join("\n".join(lines[p * per_page : (p + 1) * per_page]) for p in range(PAGES)) + "\n"


def lay_out(folder: Path, count: int, first: int = 1) -> None:
    """Writes `count` plans below `folder`, from number `first` on."""
    for number in range(first, first + count):
        path = folder / f"đợt {number // 100:03}" / f"kế hoạch {number:06}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(plan(number), encoding="utf-8")


if __name__ == "__main__":
    lay_out(Path(sys.argv[1]), int(sys.argv[2]))
