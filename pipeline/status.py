"""How a corpus stands: inputs, pages, failures, what waits for review, and what a build would do. Only reads."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipeline import settings
from pipeline.aligned import aligned
from pipeline.corpus.tables import Tables
from pipeline.errors import KehoachError, UsageError
from pipeline.messages import Lang, explain, retold, say
from pipeline.progress import Progress
from pipeline.screen import shown

SHOWN = 10  # rows of each list on the screen
PAGE, INDENT = 100, "    "  # columns of running text where there is no window


@dataclass(frozen=True)
class Count:
    """How often a problem with this level and code stands in `problems`, and its words in the first row."""

    level: str
    code: str
    count: int
    message: str


@dataclass(frozen=True)
class Waiting:
    """A document that waits for a person, with the reasons as codes; documents with a secrecy mark come first."""

    plan_id: str
    number: str | None
    source_path: str
    secrecy: str | None
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Next:
    """What a build would do: inputs by action (`new`, `redo`, `skip`), why most of them would be done again, why the tables alone would be
    written, or why it would refuse."""

    new: int = 0
    redo: int = 0
    skip: int = 0
    why: str | None = None
    tables: str | None = None
    refused: KehoachError | None = None


@dataclass(frozen=True)
class Status:
    """All of it. `raw` is None where no build left a run.json; `next` where RAW is not known or not asked for."""

    out: str
    raw: str | None
    built: str | None
    inputs: int
    unusable: int
    gone: int
    documents: int
    plans: int
    pages: int
    tasks: int
    deadlines: int
    problems: tuple[Count, ...]
    review: tuple[Waiting, ...]
    next: Next | None


def status(out: Path, progress: Progress | None = None, ask_build: bool = True) -> Status:
    """The state of the corpus in `out`. `ask_build` looks at RAW as a dry run does: new and changed inputs are hashed.

    Raises UsageError `no_corpus`.
    """
    from pipeline.corpus import store
    from pipeline.ledger import Ledger

    tables = store.read(out, ("plans", "tasks", "deadlines", "problems"))
    run = _run(out)
    raw = run.get("raw") if isinstance(run.get("raw"), str) else None
    intakes = list(Ledger(out).intakes().values())
    plans = tables.plans
    return Status(
        out=str(out),
        raw=raw,
        built=run.get("started") if isinstance(run.get("started"), str) else None,
        inputs=len(intakes) or int(plans["source_path"].nunique()),
        unusable=sum(i.code is not None and not i.gone for i in intakes),
        gone=sum(i.gone for i in intakes),
        documents=len(plans),
        plans=int(plans["is_plan"].sum()),
        pages=int(plans["pages"].sum()),
        tasks=len(tables.tasks),
        deadlines=len(tables.deadlines),
        problems=_problems(tables),
        review=_review(tables),
        next=_next(Path(raw), out, run, progress) if raw and ask_build else None,
    )


def plain(state: Status) -> dict[str, Any]:
    """For machines: the fields as they are, lists as objects."""
    told = {name: getattr(state, name) for name in Status.__dataclass_fields__}
    told["problems"] = [{"level": c.level, "code": c.code, "count": c.count, "message": c.message} for c in state.problems]
    told["review"] = [{n: getattr(w, n) for n in Waiting.__dataclass_fields__} for w in state.review]
    if state.next:
        after = {name: getattr(state.next, name) for name in ("new", "redo", "skip", "why", "tables")}
        told["next"] = after | {"refused": state.next.refused.key if state.next.refused else None}
    return told


def render(state: Status, lang: Lang, width: int | None = None) -> str:
    """For the screen, in `lang`; lists are cut after ten rows and say so."""
    counts = {name: getattr(state, name) for name in ("inputs", "unusable", "gone", "documents", "plans", "pages", "tasks", "deadlines")}
    facts = [
        ("out", state.out),
        ("raw", state.raw or say("status.unknown", lang)),
        ("built", state.built or say("status.unknown", lang)),
        ("inputs", say("status.inputs_value", lang, **counts)),
        ("documents", say("status.documents_value", lang, **counts)),
        ("found", say("status.found_value", lang, **counts)),
        ("next", _told(state.next, lang)),
    ]
    names = [say(f"status.{name}", lang) for name, _ in facts]
    longest = max(map(len, names))
    parts = ["".join(f"{name:<{longest}}  {value}\n" for name, (_, value) in zip(names, facts, strict=True))]
    kinds = [_kind(c, lang, width or PAGE) for c in state.problems]
    parts.append(_list("problems", len(kinds), "".join(kinds[:SHOWN]), lang))
    rows = [(w.plan_id, w.secrecy, w.number, w.source_path, ", ".join(w.reasons)) for w in state.review]
    heading = [say(f"label.{name}", lang) for name in ("plan_id", "secrecy", "number", "source_path", "review_reasons")]
    parts.append(_list("review", len(rows), aligned(heading, rows[:SHOWN], width), lang))
    return "\n".join(parts)


def _kind(kind: Count, lang: Lang, width: int) -> str:
    """Level, count and code of a kind of problem, and under them what to do, in lines of at most `width` columns."""
    message = shown(retold(kind.code, kind.message, lang))
    lines = textwrap.wrap(message, max(width, 4 * len(INDENT)), initial_indent=INDENT, subsequent_indent=INDENT, break_long_words=False)
    return "\n".join([f"{kind.count} × {say(f'level.{kind.level}', lang)}: {kind.code}", *lines]) + "\n"


def _list(name: str, count: int, listed: str, lang: Lang) -> str:
    """The title with the count, the rows that are shown, and how many are not."""
    title = say(f"status.{name}", lang, count=count)
    more = f"{say('status.more', lang, count=count - SHOWN)}\n" if count > SHOWN else ""
    return f"{title}\n{listed}{more}" if count else title + "\n"


def _told(after: Next | None, lang: Lang) -> str:
    if after is None:
        return say("status.next_unknown", lang)
    if after.refused:
        return explain(after.refused, lang)
    if after.new or after.redo:
        key = "status.next_value" if after.why is None else "status.next_value_why"
        return say(key, lang, new=after.new, redo=after.redo, skip=after.skip, why=after.why)
    return say("status.next_tables", lang, why=after.tables) if after.tables else say("status.next_nothing", lang)


def _run(out: Path) -> dict[str, Any]:
    try:
        run = json.loads((out / "run.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return run if isinstance(run, dict) else {}


def _problems(tables: Tables) -> tuple[Count, ...]:
    rows = tables.problems
    keys = list(zip(rows["level"], rows["code"], strict=True))
    first = {key: str(message) for key, message in reversed(list(zip(keys, rows["message"], strict=True)))}
    order = ("error", "warning", "note")
    counted = sorted(Counter(keys).items(), key=lambda item: (order.index(item[0][0]), -item[1], item[0][1]))
    return tuple(Count(level, code, count, first[level, code]) for (level, code), count in counted)


def _review(tables: Tables) -> tuple[Waiting, ...]:
    plans = tables.plans
    rows = plans[plans["needs_review"].fillna(False).astype(bool) | plans["secrecy"].notna()]
    named = ("plan_id", "number", "source_path", "secrecy", "review_reasons")
    waiting = [
        Waiting(str(i), _text(number), str(path), _text(secrecy), tuple(map(str, reasons)))
        for i, number, path, secrecy, reasons in zip(*(rows[c] for c in named), strict=True)
    ]
    return tuple(sorted(waiting, key=lambda w: w.secrecy is None))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _next(raw: Path, out: Path, run: dict[str, Any], progress: Progress | None) -> Next:
    """What a build of the same RAW with the settings and corrections of the last one would do."""
    from pipeline.build import Request, build

    request = Request(raw, out, _settings(run.get("settings")), dry_run=True)
    if isinstance(run.get("corrections"), str):
        request = replace(request, corrections=Path(run["corrections"]))
    try:
        report = build(request, progress or Progress(lambda key, **_: key, quiet=True))
    except KehoachError as e:
        return Next(refused=e)
    actions = Counter(step.action for step in report.steps)
    reasons = Counter(step.why for step in report.steps if step.action == "redo" and step.why).most_common(1)
    return Next(actions["new"], actions["redo"], actions["skip"], reasons[0][0] if reasons else None, report.tables)


def _settings(stored: object) -> settings.Settings:
    """The settings of run.json; a key that this version does not know, or a value that it does not take, stands at its default."""
    chosen = settings.Settings()
    sections = stored.items() if isinstance(stored, dict) else ()
    for section, values in sections:
        for name, value in values.items() if isinstance(values, dict) else ():
            try:
                chosen = settings.with_value(chosen, f"{section}.{name}", value)
            except UsageError:
                continue
    return chosen
