"""Records become tables: `tables` (the schema, once), `rows` (tabulate), `links`, `store`, `show`."""

from pipeline.corpus.rows import ProblemRow, tabulate
from pipeline.corpus.tables import Tables

__all__ = ["ProblemRow", "Tables", "tabulate"]
