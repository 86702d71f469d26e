"""What may leave the house: a corpus without its documents that bear a secrecy mark (MẬT, TỐI MẬT, TUYỆT MẬT)."""

from __future__ import annotations

import pandas as pd

from pipeline.corpus.tables import NAMES, Tables


def public(tables: Tables) -> Tables:
    """The tables without every row of a secret document, and without what other rows say of it.

    A link to it becomes null, and notes on inputs that name its file go too.
    """
    plans = tables.plans
    secret = plans[plans["secrecy"].notna()]
    if secret.empty:
        return tables
    ids, paths = set(secret["plan_id"]), set(secret["source_path"])
    parts = {name: tables[name] for name in NAMES}
    problems = parts["problems"]
    names = problems["source_path"].isin(paths) | problems["message"].map(lambda text: any(path in text for path in paths))
    parts["problems"] = problems[~(problems["plan_id"].isna() & names)]
    citations = parts["citations"]
    parts["citations"] = citations.assign(cited_plan_id=citations["cited_plan_id"].mask(citations["cited_plan_id"].isin(ids), pd.NA))
    return Tables(**{name: rows[~rows["plan_id"].isin(ids)].reset_index(drop=True) for name, rows in parts.items()})
