"""`python -m pipeline.synth SOURCES OUT [NAME…]`: make the samples of the TOML files in SOURCES anew, byte for byte, in OUT."""

from __future__ import annotations

import sys
from pathlib import Path

from pipeline.errors import Exit, KehoachError
from pipeline.messages import explain
from pipeline.synth.scan import produce
from pipeline.synth.source import load


def main(args: list[str]) -> int:
    """Write every sample (or the named ones), saying each file on stderr; returns the exit code."""
    if len(args) < 2:
        print(__doc__, file=sys.stderr)
        return Exit.USAGE
    sources, out, names = Path(args[0]), Path(args[1]), set(args[2:])
    found = [p for p in sorted(sources.glob("*.toml")) if not names or p.stem in names]
    if not found:
        print(f"{sources}: no sample sources (*.toml)", file=sys.stderr)
        return Exit.USAGE
    out.mkdir(parents=True, exist_ok=True)
    for path in found:
        try:
            files = produce(load(path))
        except KehoachError as e:
            print(explain(e, "en"), file=sys.stderr)
            return e.exit_code
        for name, data in files.items():
            (out / name).write_bytes(data)
            print(f"{out / name}: {len(data):,} bytes", file=sys.stderr)
    return Exit.OK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
