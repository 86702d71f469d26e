"""Files that are written whole or not at all, whatever stops the writer."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from pipeline.errors import UsageError

TEMPORARY = ".tmp-"  # begins the names of files being written
_UMASK = os.umask(0o077)
os.umask(_UMASK)


def write_atomic(path: Path, data: bytes, flush: bool = True) -> None:
    """Writes a file whole or not at all: a temporary file beside it, flushed to the disk, then renamed. Makes the folder.

    Without `flush` a power cut may leave it empty: for what is made again where it is not whole.

    Raises UsageError out_unwritable where the disk is full, read-only or gone; what was there before then stands.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=TEMPORARY, dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as f:
                f.write(data)
                f.flush()
                if flush:
                    os.fsync(f.fileno())
            with contextlib.suppress(OSError):  # a network share may know no rights
                Path(name).chmod(0o666 & ~_UMASK)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as e:
        raise UsageError("out_unwritable", path=path, reason=e.strerror or e) from None
