"""Extraction: a reading becomes records, one for each document in it."""

from __future__ import annotations

from dataclasses import replace

from pipeline.document import Reading, Record, making_many
from pipeline.settings import Extract


def extract(reading: Reading, settings: Extract, plan_id: str = "", source_path: str = "") -> tuple[Record, ...]:
    """One record for each document of the reading, in order; plan ids `X`, `X-2`, ….

    A text in which nothing is found still gives one record. Pure: the same reading and settings give the same records.
    """
    from pipeline.extract import documents, record
    from pipeline.extract.pipeline import analyse

    out = []
    with making_many():
        for k, lines in enumerate(documents.split(reading), 1):
            own_id = plan_id if k == 1 else f"{plan_id}-{k}"
            kept, problems = documents.bounded(lines, settings.most_lines)
            found = record.record(analyse(kept, settings), reading, own_id, source_path)
            out.append(replace(found, problems=(*found.problems, *problems)))
    return tuple(out)
