"""kehoach: scans of Vietnamese administrative plans into a corpus that can be trusted and queried.

The public face: `read` (a file → a reading), `repair`, `extract` (a reading → records), `tabulate` (records → tables), `load` (the
tables of a corpus as pandas DataFrames). Each is imported when it is first used.
"""

from importlib import import_module
from typing import Any

_FACE = {"read": "onefile", "repair": "repair", "extract": "extract", "tabulate": "corpus", "load": "corpus"}


def __getattr__(name: str) -> Any:
    if name in _FACE:
        return getattr(import_module(f"pipeline.{_FACE[name]}"), name)
    raise AttributeError(name)
