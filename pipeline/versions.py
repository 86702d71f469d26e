"""What the stamps say of programs and models: told without loading any of them, so that a build with nothing to do ends at once."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from functools import cache, lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pipeline import settings
from pipeline.errors import MissingError

DEFAULT_MODEL = Path(__file__).resolve().parents[1] / "models"
LEXICON, CONFUSIONS, MARKS, LANGUAGE = "lexicon.tsv", "confusions.tsv", "marks.tsv", "language"
MISREAD = "misread.tsv"  # confusions of the Vietnamese recogniser; a model may be without
ASKED = 5  # times
ARRAYS = (  # of the language model, as `pipeline.repair.language.Language` names them
    *("word2", "word3", "word4", "prob1", "prob2", "prob3", "prob4", "back1", "back2", "back3", "child1", "child2", "child3"),
)


@cache
def tool_versions(languages: str = "") -> tuple[str, ...]:
    """`tesseract 5.3.0` and the like, and the hash of each model of Tesseract in `vie+eng`, for the stamps of pages.

    Raises MissingError where Tesseract is not there; a model that is missing is told when a page is read.
    """
    if shutil.which("tesseract") is None:
        raise MissingError("missing_tool", name="tesseract")
    listed = _said("tesseract", "--list-langs").partition('"')[2].partition('"')[0]
    hashes = ((name, _traineddata(Path(listed), name)) for name in languages.split("+") if name)
    return (
        " ".join(_said("tesseract", "--version").split()[:2]),
        "poppler " + " ".join(_said("pdftoppm", "-v").split()[2:3]),
        *(f"{name} {_installed(name)}" for name in ("opencv-python", "pypdfium2")),
        *(f"{name} {digest}" for name, digest in hashes),
    )


def tesseract_models() -> frozenset[str]:
    """The models that Tesseract has, as `-l` takes them: `vie`, `Vietnamese` (a script; below `script/` on some systems)."""
    return frozenset(line.strip() for line in _said("tesseract", "--list-langs").splitlines()[1:] if line.strip())


def _said(*command: str) -> str:
    """What a program prints; one that something killed says nothing, and is asked again."""
    for _ in range(ASKED):
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=20)
        except (OSError, subprocess.SubprocessError):
            return ""
        if done.returncode >= 0:
            return (done.stdout + done.stderr).decode("utf-8", "replace")
    return ""


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _traineddata(folder: Path, name: str) -> str:
    try:
        return hashlib.sha256((folder / f"{name}.traineddata").read_bytes()).hexdigest()[:12]
    except OSError:
        return ""


def model_folder(repair: settings.Repair) -> Path:
    """The folder of the repair model."""
    return Path(repair.model) if repair.model else DEFAULT_MODEL


def model_files(path: Path) -> list[Path]:
    """The files of a repair model. Raises MissingError where one is absent."""
    names = [path / LEXICON, path / CONFUSIONS, path / MARKS, *(path / LANGUAGE / f"{name}.npy" for name in ARRAYS)]
    for name in names:
        if not name.is_file():
            raise MissingError("missing_model", path=str(name))
    return [*names, *(p for p in (path / MISREAD,) if p.is_file())]


def model_stamp(repair: settings.Repair) -> str:
    """SHA-256 (hex) over the files that repair uses: those of the model, and the adaptation where one is set.

    Raises MissingError (`missing_model` or `missing_adaptation`, path) where one is absent.
    """
    own = _digest(tuple((str(f), f.stat().st_size, f.stat().st_mtime_ns) for f in model_files(model_folder(repair))))
    if not repair.adaptation:
        return own
    return hashlib.sha256(f"{own} {adaptation_stamp(Path(repair.adaptation))}".encode()).hexdigest()


def adaptation_stamp(path: Path) -> str:
    """SHA-256 (hex) of an adaptation file. Raises MissingError (`missing_adaptation`, path)."""
    if not path.is_file():
        raise MissingError("missing_adaptation", path=str(path))
    about = path.stat()
    return _of_file(path, about.st_size, about.st_mtime_ns)


@lru_cache(maxsize=4)
def _digest(files: tuple[tuple[str, int, int], ...]) -> str:
    whole = hashlib.sha256()
    for name, _, _ in files:
        whole.update(Path(name).name.encode() + hashlib.sha256(Path(name).read_bytes()).digest())
    return whole.hexdigest()


@lru_cache(maxsize=2)
def _of_file(path: Path, size: int, changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
