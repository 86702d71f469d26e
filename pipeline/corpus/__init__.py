"""Records become tables: `tables` (the schema, once), `rows` (tabulate), `links`, `store`, `show`."""

from pathlib import Path

import pandas as pd

from pipeline.corpus.rows import ProblemRow, tabulate
from pipeline.corpus.tables import Tables

__all__ = ["ProblemRow", "Tables", "load", "tabulate"]


def load(out: Path | str = "data/processed") -> dict[str, pd.DataFrame]:
    """The tables of a corpus by name. Raises UsageError `no_corpus` where there is none."""
    from pipeline.corpus import store

    return dict(store.read(Path(out)))
