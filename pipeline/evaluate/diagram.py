"""A reliability diagram as SVG: how often words of a confidence are right, beside the diagonal where the two agree."""

from __future__ import annotations

from html import escape

from pipeline.evaluate.calibration import Calibration

SIDE, LEFT, TOP = 320, 56, 34  # pixels
SHARE = 60  # height of the bars that tell how many words a bin holds


def reliability(found: Calibration, title: str, across: str, up: str, below: str) -> str:
    """The diagram of bins, with the share of words in each bin under it; the texts are title, axes, and what the lower bars are."""
    width, height = LEFT + SIDE + 20, TOP + SIDE + SHARE + 70
    floor = TOP + SIDE

    def x(v: float) -> float:
        return LEFT + SIDE * v

    def y(v: float) -> float:
        return floor - SIDE * v

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="{LEFT}" y="20" font-size="13">{escape(title)}</text>',
    ]
    for k in range(6):
        v = k / 5
        out.append(f'<path d="M{LEFT} {y(v):.1f}H{LEFT + SIDE}M{x(v):.1f} {TOP}V{floor}" stroke="#ddd"/>')
        out.append(f'<text x="{LEFT - 6}" y="{y(v) + 4:.1f}" text-anchor="end">{v:.1f}</text>')
        out.append(f'<text x="{x(v):.1f}" y="{floor + 16}" text-anchor="middle">{v:.1f}</text>')
    out.append(f'<path d="M{LEFT} {floor}L{LEFT + SIDE} {TOP}" stroke="#888" stroke-dasharray="4 3"/>')
    base = floor + 44 + SHARE
    for b in found.bins:
        wide, share = SIDE * (b.high - b.low) - 4, SHARE * b.count / max(found.count, 1)
        out.append(
            f'<rect x="{x(b.low) + 2:.1f}" y="{y(b.accuracy):.1f}" width="{wide:.1f}" height="{SIDE * b.accuracy:.1f}" fill="#9ecae1"/>'
        )
        out.append(f'<rect x="{x(b.low) + 2:.1f}" y="{base - share:.1f}" width="{wide:.1f}" height="{share:.1f}" fill="#bdbdbd"/>')
        out.append(f'<text x="{x(b.low) + 2 + wide / 2:.1f}" y="{base + 12}" text-anchor="middle" font-size="9">{b.count}</text>')
    line = " ".join(f"{x(b.confidence):.1f},{y(b.accuracy):.1f}" for b in found.bins)
    out.append(f'<polyline points="{line}" fill="none" stroke="#08519c" stroke-width="1.5"/>')
    out += [f'<circle cx="{x(b.confidence):.1f}" cy="{y(b.accuracy):.1f}" r="3" fill="#08519c"/>' for b in found.bins]
    out.append(f'<text x="{LEFT + SIDE / 2}" y="{floor + 32}" text-anchor="middle">{escape(across)}</text>')
    out.append(f'<text transform="translate(14 {TOP + SIDE / 2}) rotate(-90)" text-anchor="middle">{escape(up)}</text>')
    out.append(f'<text x="{LEFT}" y="{base + 24}" font-size="10">{escape(below)}</text>')
    return "\n".join([*out, "</svg>"]) + "\n"
