"""corpus.sqlite for others: the same database as in OUT, made from the tables that may leave the house."""

from __future__ import annotations

import tempfile
from pathlib import Path

from pipeline.corpus import database as corpus_database
from pipeline.corpus.tables import NAMES, Tables, to_arrow


def database(tables: Tables) -> bytes:
    """The bytes of the database with its full text; nothing of a document that was taken out stays in a free page."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / corpus_database.FILE
        corpus_database.write({name: to_arrow(name, tables[name]) for name in NAMES}, path)
        return path.read_bytes()
