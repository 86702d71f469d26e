"""One plan for reading, and where one of its facts stands: page, lines, box, raw words, rule. Returns text; prints nothing."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd
from rapidfuzz import process

from pipeline.corpus.dictionary import label
from pipeline.corpus.inferred import witness
from pipeline.corpus.tables import SCHEMAS, Tables
from pipeline.document import EVIDENCE_COLUMNS
from pipeline.errors import UsageError
from pipeline.messages import Lang, known, reason, retold, say

WIDTH = 100
LABEL = 26
NEAR = 3  # names offered where one was not found
AROUND = 1  # printed lines shown before and after a fact
# The column that names a fact of each table on the command line: tasks:4, sections:II.2, plans:number.
KEYS: Mapping[str, str] = {
    "plans": "column",
    "citations": "citation_no",
    "sections": "section",
    "tasks": "task_no",
    "deadlines": "deadline_no",
    "recipients": "ordinal",
}
# Codes of these columns are said in words; tables and exports keep them.
CODED: Mapping[tuple[str, str], str] = {
    ("plans", "source_kind"): "source_kind",
    ("plans", "source"): "source",
    ("plans", "number_source"): "source",
    ("plans", "issue_date_source"): "source",
    ("citations", "relation"): "relation",
    ("deadlines", "kind"): "deadline",
}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")  # would steer the terminal or turn its text round

Row = Mapping[str, Any]


def plan(tables: Tables, plan_id: str, lang: Lang) -> str:
    """A whole plan for reading. `plan_id` may be the beginning of one; UsageError where it names none or several."""
    plan_id = _plan_id(tables, plan_id)
    row = _rows(tables, "plans", plan_id)[0]
    out = [say("show.plan" if row["is_plan"] else "show.document", lang, plan_id=plan_id), ""]
    out += [_field("plans", column, value, lang) for column, value in row.items() if column != "plan_id" and _told(value)]
    for part in (_outline(tables, plan_id, lang), _citations(tables, plan_id, lang), _cited_by(tables, plan_id, lang)):
        out += part
    recipients = _rows(tables, "recipients", plan_id)
    out += _part(
        "recipients", (f"[{r['ordinal']}] {r['name']}" + (f" ({r['purpose']})" if _told(r["purpose"]) else "") for r in recipients), lang
    )
    out += _part("problems", (_problem(r, lang) for r in _rows(tables, "problems", plan_id)), lang)
    return _clean("\n".join(out))


def fact(tables: Tables, plan_id: str, fact: str, lang: Lang) -> str:
    """Where the fact `TABLE:KEY` of a plan stands, e.g. `plans:number`, `sections:II.2`, `tasks:4`.

    A cell of `plans` that is null, or that no page tells, is said to be so. Raises UsageError for an unknown plan or fact.
    """
    plan_id = _plan_id(tables, plan_id)
    own = _rows(tables, "plans", plan_id)[0]
    table, _, key = fact.partition(":")
    out = [f"{own['source_path']} · {plan_id} · {fact}", ""]
    if table == "plans" and key in own:
        read = key.removesuffix("_source")  # number_source stands where the number stands
        found = [r for r in _rows(tables, "plan_fields", plan_id) if r["column"] == read]
        if not found:
            value = own[key]
            return _clean("\n".join([*out, *([_field("plans", key, value, lang)] if _told(value) else []), say(_why(value), lang)]))
        found = [{read: r["value"], "source": r["source"]} | {c: r[c] for c in EVIDENCE_COLUMNS} for r in found]
    else:
        found = [r for r in _rows(tables, table, plan_id) if str(r[KEYS[table]]) == key] if table in KEYS and table != "plans" else []
    if not found:
        raise UsageError("unknown_fact", plan_id=plan_id, fact=fact, near=_near(fact, _facts(tables, plan_id)))
    is_text = own["source_kind"] in ("text", "garbled_text")
    for row in found:
        out += [_field(table, c, v, lang) for c, v in row.items() if c not in EVIDENCE_COLUMNS and c != "plan_id" and _told(v)]
        told_by = witness(str(row["rule"]))
        if told_by is None or not len(tables.plans[tables.plans["plan_id"] == told_by[0]]):
            out += [*_evidence(row, lang), *_context(tables, plan_id, row, is_text, lang), ""]
        else:  # inferred from another document: the evidence stands there
            other = _rows(tables, "plans", told_by[0])[0]
            where = f"{other['source_path']} · {told_by[0]} · citations:{told_by[1]}"
            there = _context(tables, told_by[0], row, other["source_kind"] in ("text", "garbled_text"), lang)
            out += [where, *_evidence(row, lang), *there, ""]
    if table == "citations":
        for row in _rows(tables, "citation_mentions", plan_id):
            if str(row["citation_no"]) == key and row["mention_no"] > 1:
                out += [say("show.mention", lang, no=row["mention_no"]), *_context(tables, plan_id, row, is_text, lang), ""]
    return _clean("\n".join(out).rstrip())


def _plan_id(tables: Tables, asked: str) -> str:
    """The plan that `asked` names in full, or is the beginning of."""
    known = [str(i) for i in tables.plans["plan_id"]]
    if asked in known:
        return asked
    found = [i for i in known if asked and i.startswith(asked.lower())]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError("ambiguous_plan", plan_id=asked, near=", ".join(found[: 2 * NEAR]))
    raise UsageError("unknown_plan", plan_id=asked, near=_near(asked, known))


def _near(asked: str, known: list[str]) -> str:
    return ", ".join(name for name, _, _ in process.extract(asked, known, limit=NEAR)) or "–"


def _facts(tables: Tables, plan_id: str) -> list[str]:
    """Every fact of a plan as it is asked for."""
    names = [f"plans:{column}" for column in SCHEMAS["plans"].columns]
    for table, key in KEYS.items():
        if table != "plans":
            names += [f"{table}:{row[key]}" for row in _rows(tables, table, plan_id)]
    return names


def _rows(tables: Tables, table: str, plan_id: str) -> list[Row]:
    """The rows of a plan, with None for null."""
    rows = tables[table]
    found = rows[(rows["plan_id"] == plan_id).fillna(False)]
    return [{str(c): None if _is_null(v) else v for c, v in row.items()} for row in found.to_dict("records")]


def _is_null(value: Any) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and value != value)


def _told(value: Any) -> bool:
    return value is not None and not (isinstance(value, (list, tuple)) and not value)


def _why(value: Any) -> str:
    return "show.computed" if _told(value) else "show.absent"


def _value(value: Any, lang: Lang) -> str:
    if isinstance(value, bool):
        return say("show.yes" if value else "show.no", lang)
    if isinstance(value, (list, tuple)):
        return "; ".join(_value(v, lang) for v in value)
    if isinstance(value, dict):  # a target
        return f"{value['op']} {value['quantity']:g} {value['unit']}" + (f" ({value['of']})" if value.get("of") else "")
    if isinstance(value, float):
        return f"{value:.2f}"
    return str(value)


def _field(table: str, column: str, value: Any, lang: Lang) -> str:
    if column == "review_reasons":
        value = [reason(str(key), lang) for key in value]
    elif (table, column) in CODED:
        value = _code(table, column, value, lang)
    return _entry(label(table, column, lang), _value(value, lang))


def _code(table: str, column: str, value: Any, lang: Lang) -> str:
    key = f"code.{CODED[table, column]}.{value}"
    return say(key, lang) if known(key) else str(value)


def _entry(name: str, text: str) -> str:
    return _wrap(f"  {name:<{LABEL}}", text, 2 + LABEL)


def _wrap(lead: str, text: str, indent: int) -> str:
    return textwrap.fill(text, WIDTH, initial_indent=lead, subsequent_indent=" " * indent, break_long_words=False) or lead


def _part(name: str, entries: Iterator[str], lang: Lang) -> list[str]:
    """A part of the page under its heading; nothing where it has no entries."""
    lines = [_wrap("  ", entry, 6) for entry in entries]
    return ["", say(f"show.{name}", lang), *lines] if lines else []


def _outline(tables: Tables, plan_id: str, lang: Lang) -> list[str]:
    """Sections and tasks in order of print; under a task who does it, what is to be reached, and by when."""
    sections, tasks = _rows(tables, "sections", plan_id), _rows(tables, "tasks", plan_id)
    deadlines = _rows(tables, "deadlines", plan_id)
    # Stable: a section goes before a task of the same line, tasks of one line keep their order.
    both = sorted(
        [(s["page"], s["line"], 0, s) for s in sections] + [(t["page"], t["line"], 1, t) for t in tasks], key=lambda item: item[:3]
    )
    out = []
    depth = 0
    for _, _, is_task, row in both:
        if not is_task:
            depth = 2 * row["level"]
            out.append(_wrap(" " * depth, f"{row['section']} {row['title'] or ''}".rstrip(), depth + 2))
            continue
        out.append(_wrap(" " * (depth + 2), f"[{row['task_no']}] {row['text']}", depth + 6))
        told = [c for c in ("responsible", "coordinating", "reports_to", "targets", "product") if _told(row[c])]
        details = [(label("tasks", c, lang), _value(row[c], lang)) for c in told]
        for d in deadlines:
            if d["task_no"] == row["task_no"]:
                details.append((say("show.deadline", lang, no=d["deadline_no"]), _when(d, lang)))
        out += [_wrap(" " * (depth + 6), f"{name}: {text}", depth + 8) for name, text in details]
    return ["", say("show.sections", lang), *out] if out else []


def _when(row: Row, lang: Lang) -> str:
    """`by < 2023-12-31 “trước ngày 31/12/2023”`, `within 2023-06-01 – 2023-06-30 “…”`."""
    op = row["end_op"] if row["end_op"] == "<" or not _told(row["start"]) else None
    days = [f"{row['start']} –" if _told(row["start"]) and _told(row["end"]) else row["start"], op, row["end"]]
    told = [str(part) for part in (*days, row["rrule"], row["anchor"]) if _told(part)]
    return " ".join([_code("deadlines", "kind", row["kind"], lang), *told, f"“{row['raw']}”"])


def _citations(tables: Tables, plan_id: str, lang: Lang) -> list[str]:
    def entry(row: Row) -> str:
        words = [row[c] for c in ("cited_type", "cited_id", "cited_date", "cited_issuer", "subject") if _told(row[c])]
        link = f" → {row['cited_plan_id']}" if _told(row["cited_plan_id"]) else ""
        return f"[{row['citation_no']}] {' · '.join(words)} ({_code('citations', 'relation', row['relation'], lang)}){link}"

    return _part("citations", (entry(r) for r in _rows(tables, "citations", plan_id)), lang)


def _cited_by(tables: Tables, plan_id: str, lang: Lang) -> list[str]:
    rows = tables.citations
    who = rows["plan_id"][(rows["cited_plan_id"] == plan_id).fillna(False)].unique()
    plans = [_rows(tables, "plans", str(i))[0] for i in who]
    return _part("cited_by", (f"{p['plan_id']} {p['number'] or ''} {p['title'] or ''}".rstrip() for p in plans), lang)


def _problem(row: Row, lang: Lang) -> str:
    page = f" [{label('problems', 'page', lang).lower()} {row['page']}]" if _told(row["page"]) else ""
    return f"{say('level.' + row['level'], lang)}{page} {row['code']}: {retold(row['code'], row['message'], lang)}"


def _evidence(row: Row, lang: Lang) -> list[str]:
    key = "where" if row["line"] == row["line_last"] else "where_lines"
    sides = {side: row[side] for side in ("left", "top", "right", "bottom")}
    box = say("show.box_value", lang, **sides) if _told(row["left"]) else say("show.no_box", lang)
    out = [
        _entry(say("show.place", lang), say(f"show.{key}", lang, page=row["page"], line=row["line"], line_last=row["line_last"])),
        _entry(say("show.box", lang), box),
    ]
    return out + [_field("", c, row[c], lang) for c in ("raw", "rule", "confidence") if _told(row[c])]


def _context(tables: Tables, plan_id: str, row: Row, is_text: bool, lang: Lang) -> list[str]:
    """The printed lines of a fact and one to either side; where repair changed a line, what was read stands under it.

    Lines of a text count through its pages, those of a scan begin anew on each page.
    """
    rows = tables.lines
    mine = rows[rows["plan_id"] == plan_id]
    if not is_text:
        mine = mine[mine["page"] == row["page"]]
    first, last = row["line"], row["line_last"]
    inside = mine["line"].between(first, last)
    before, after = mine[mine["line"] < first].tail(AROUND), mine[mine["line"] > last].head(AROUND)
    if not inside.any():
        return [say("show.no_context", lang)]
    out = [say("show.context", lang)]
    for line in pd.concat([before, mine[inside], after]).to_dict("records"):
        mark = ">" if first <= line["line"] <= last else " "
        text = "" if _is_null(line["text"]) else line["text"]
        out.append(f" {mark} {line['line']:>4} │ {text}")
        if not _is_null(line["raw"]) and line["raw"] != text:
            out.append(f"   {'':>4} ┆ {line['raw']}")
    return out


def _clean(text: str) -> str:
    return _CONTROL.sub("\ufffd", text)
