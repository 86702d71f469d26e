"""What is installed, what is missing, and the one command that mends it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib import import_module

from pipeline.settings import Settings
from pipeline.versions import tesseract_models

PACKAGES = {  # what must be on a Debian system, and the package that brings it
    "tesseract": "tesseract-ocr",
    "vie": "tesseract-ocr-vie",
    "script/Vietnamese": "tesseract-ocr-script-viet",
    "pdftoppm": "poppler-utils",
    "cv2": "libgl1 libglib2.0-0",
}


@dataclass(frozen=True)
class Check:
    """One thing looked for: its name, what was found (None: missing) and the Debian packages that bring it."""

    name: str
    found: str | None
    packages: str = ""


def check(settings: Settings) -> tuple[Check, ...]:
    """Looks for programs, OCR models, libraries and the repair model."""
    checks = [Check("python", sys.version.split()[0] if sys.version_info >= (3, 11) else None)]
    checks.append(Check("tesseract", _first_line("tesseract", "--version"), PACKAGES["tesseract"]))
    models = _tesseract_models()
    checks += [Check(m, m if m in models else None, PACKAGES[m]) for m in ("vie", "script/Vietnamese")]
    checks.append(Check("pdftoppm", _first_line("pdftoppm", "-v"), PACKAGES["pdftoppm"]))
    for name in ("cv2", "pytesseract", "pdf2image", "spacy", "rapidfuzz", "pandas"):
        checks.append(Check(name, _library(name), PACKAGES.get(name, "")))
    checks.append(Check("models", _models(settings)))
    return tuple(checks)


def remedy(checks: tuple[Check, ...]) -> list[str]:
    """The command that installs what is missing, as a list of words; empty where apt can't help or nothing is missing."""
    packages = " ".join(c.packages for c in checks if c.found is None and c.packages).split()
    if not packages:
        return []
    sudo = [] if os.geteuid() == 0 else ["sudo"]
    return [*sudo, "apt-get", "install", "-y", "--no-install-recommends", *packages]


def fix(checks: tuple[Check, ...]) -> bool:
    """Runs the remedy; True where there was one and it worked."""
    command = remedy(checks)
    if not command:
        return False
    subprocess.run([*command[: command.index("install")], "update"], check=False, stdout=sys.stderr)
    return subprocess.run(command, check=False, stdout=sys.stderr).returncode == 0


def _first_line(*command: str) -> str | None:
    if shutil.which(command[0]) is None:
        return None
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
    lines = (done.stdout + done.stderr).splitlines()
    return lines[0].strip() if lines else command[0]


def _tesseract_models() -> frozenset[str]:
    models = tesseract_models() if shutil.which("tesseract") else frozenset()
    return models | {f"script/{name}" for name in models}  # Debian keeps the models of scripts beside those of languages


def _library(name: str) -> str | None:
    try:
        return str(getattr(import_module(name), "__version__", "?"))
    except ImportError:
        return None


def _models(settings: Settings) -> str | None:
    from pipeline.errors import MissingError
    from pipeline.repair import model_stamp

    try:
        return model_stamp(settings.repair)[:12]
    except MissingError:
        return None
