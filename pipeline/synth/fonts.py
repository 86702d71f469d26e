"""The fonts that sample pages are set in: free faces with every Vietnamese letter, found on the system and checked glyph by glyph."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

from pipeline.errors import MissingError

# Where Debian's fonts-croscore, fonts-liberation2 and fonts-dejavu put their files; fontconfig is asked when a face is elsewhere.
FONT_FOLDERS = ("/usr/share/fonts/truetype", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
_STYLES = {
    (False, False): ("Regular", "", "Book"),
    (True, False): ("Bold",),
    (False, True): ("Italic", "Oblique"),
    (True, True): ("BoldItalic", "BoldOblique"),
}
_WEIGHT = {False: "regular", True: "bold"}


@cache
def font_path(font: str, bold: bool = False, italic: bool = False) -> Path:
    """The file of a face: `font_path("Tinos", bold=True)` → `…/croscore/Tinos-Bold.ttf`.

    Raises MissingError if no file of that family and style is installed: fontconfig's nearest substitute is never taken.
    """
    family = font.replace(" ", "")
    names = [f"{family}-{style}.ttf" if style else f"{family}.ttf" for style in _STYLES[bold, italic]]
    for folder in FONT_FOLDERS:
        base = Path(folder).expanduser()
        for name in names:
            found = sorted(base.rglob(name)) if base.is_dir() else []
            if found:
                return found[0]
    ask = f"{font}:weight={_WEIGHT[bold]}:slant={'italic' if italic else 'roman'}"
    try:
        answer = subprocess.run(["fc-match", "-f", "%{file}", ask], capture_output=True, text=True, timeout=20, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        answer = ""
    if Path(answer).name in names:
        return Path(answer)
    raise MissingError("missing_font", font=font, style=_STYLES[bold, italic][0])


@cache
def _letters(path: Path) -> frozenset[int]:
    """Every code point that the font file has a glyph for."""
    from reportlab.pdfbase.ttfonts import TTFontFile

    return frozenset(TTFontFile(str(path)).charToGlyph)


def check_glyphs(text: str, path: Path) -> None:
    """Raise MissingError if the font lacks a glyph for a character of `text` (a page full of boxes teaches nothing)."""
    lacking = sorted({c for c in text if not c.isspace() and ord(c) not in _letters(path)})
    if lacking:
        raise MissingError("missing_glyph", font=path.stem, letters=" ".join(lacking))
