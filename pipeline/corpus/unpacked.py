"""Cells that were packed as bytes (`packed.Rows`) as Arrow columns, without a Python object for each."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from pipeline.corpus.tables import TARGETS_ARROW
from pipeline.packed import TARGET, Kind, kind


def unpacked(what: Kind, parts: Iterator[bytes]) -> pa.Array:
    """One column. Takes from `parts` as many byte strings as the kind has."""
    if what == "text":
        return _texts(next(parts), next(parts))
    if what == "integer":
        return pa.array(np.frombuffer(next(parts), np.int64), mask=np.frombuffer(next(parts), np.uint8) == 0)
    if what == "number":
        return pa.array(np.frombuffer(next(parts), np.float64), from_pandas=True)
    if what == "flag":
        return pa.array(np.frombuffer(next(parts), np.uint8) == 1)
    offsets = pa.array(_offsets(np.frombuffer(next(parts), np.int32)))
    if what == "texts":
        return pa.ListArray.from_arrays(offsets, _texts(next(parts), next(parts)))
    cells = [unpacked(kind(name), parts) for name in TARGET]
    return pa.ListArray.from_arrays(offsets, pa.StructArray.from_arrays(cells, fields=list(TARGETS_ARROW.value_type)))


def _texts(data: bytes, lengths: bytes) -> pa.StringArray:
    sizes = np.frombuffer(lengths, np.int32)
    valid = sizes >= 0
    nulls = None if valid.all() else pa.py_buffer(np.packbits(valid, bitorder="little"))
    return pa.StringArray.from_buffers(len(sizes), pa.py_buffer(_offsets(np.maximum(sizes, 0))), pa.py_buffer(data), nulls)


def _offsets(sizes: np.ndarray) -> np.ndarray:
    offsets = np.zeros(len(sizes) + 1, np.int32)
    np.cumsum(sizes, out=offsets[1:])
    return offsets
