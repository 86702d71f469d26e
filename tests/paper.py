"""Pages drawn for tests: invented words set at places in millimetres on A4, and what scanners do to them."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from pipeline.synth.fonts import font_path

BODY = (
    "Thực hiện chương trình công tác năm 2024, Hội Làm vườn xã Bình Phú xây dựng kế hoạch",
    "cải tạo vườn tạp, trồng cây ăn quả theo hướng hữu cơ với những nội dung như sau:",
    "1. Vận động mỗi chi hội đăng ký cải tạo ít nhất 02 vườn mẫu, hoàn thành trước ngày",
    "30/6/2024; hỗ trợ giống bưởi da xanh, mít ruột đỏ cho các hộ khó khăn.",
    "2. Mở 03 lớp tập huấn kỹ thuật ủ phân, tỉa cành, phòng trừ sâu bệnh bằng thảo mộc;",
    "phối hợp với Trạm Khuyến nông cấp phát tờ rơi đến từng ấp.",
    "3. Tổ chức chợ phiên nông sản vào sáng chủ nhật, khuyến khích người trồng tự bán.",
)


class Sheet:
    """An A4 page at `dpi`, white, RGB; `write` sets a line with its baseline box's left and top in millimetres."""

    def __init__(self, dpi: int = 200, landscape: bool = False) -> None:
        size = (297, 210) if landscape else (210, 297)
        self.dpi = dpi
        self.image = Image.new("RGB", tuple(round(mm * dpi / 25.4) for mm in size), "white")
        self.pen = ImageDraw.Draw(self.image)

    def px(self, mm: float) -> int:
        return round(mm * self.dpi / 25.4)

    def write(
        self, left: float, top: float, text: str, pt: float = 13, font: str = "Tinos", bold: bool = False, colour: str = "black"
    ) -> None:
        face = ImageFont.truetype(str(font_path(font, bold)), round(pt * self.dpi / 72))
        self.pen.text((self.px(left), self.px(top)), text, fill=colour, font=face)

    def lines(self, left: float, top: float, texts: tuple[str, ...], step: float = 8, pt: float = 13) -> None:
        for k, text in enumerate(texts):
            self.write(left, top + k * step, text, pt)

    def ring(self, x: float, y: float, radius: float = 18, colour: str = "#d02030", width: float = 0.8) -> None:
        box = [self.px(x - radius), self.px(y - radius), self.px(x + radius), self.px(y + radius)]
        self.pen.ellipse(box, outline=colour, width=max(2, self.px(width)))

    def array(self) -> np.ndarray:
        return np.asarray(self.image).copy()

    def grey(self) -> np.ndarray:
        return np.asarray(self.image.convert("L")).copy()


def full_page(dpi: int = 200) -> Sheet:
    """A page of body text in three blocks, straight and clean."""
    sheet = Sheet(dpi)
    for block in range(4):
        sheet.lines(30, 25 + block * 62, BODY)
    return sheet
