"""Measures of tasks, their units and targets, and of deadlines."""

from __future__ import annotations

from collections import Counter

from pipeline.evaluate import same
from pipeline.evaluate.same import Fact, absent, key
from pipeline.evaluate.tally import FactCounts, FactError, Tally, said

UNIT_COLUMNS = ("responsible", "coordinating", "reports_to")
SAME_TASK = 0.5  # token F1 from which two tasks may be one
PART_OF_OPTIONAL = 0.8  # share of a made task's words inside an optional one from which it is part of it


def same_tasks(made: list[Fact], gold: list[Fact]) -> list[tuple[int, int]]:
    """Pairs (made index, gold index) of tasks that are one, by the words of their texts."""
    return same.greedy_pairs([t.get("text") for t in made], [t.get("text") for t in gold], SAME_TASK)


def tasks(made: list[Fact], gold: list[Fact], pairs: list[tuple[int, int]]) -> FactCounts:
    """Tasks, their section and text, and the facts that they hold; `pairs` from `same_tasks`."""
    errors = [FactError("tasks", "", said(gold[j].get("text")), None) for j in sorted(set(range(len(gold))) - {j for _, j in pairs})]
    errors += [FactError("tasks", "", None, said(made[i].get("text"))) for i in sorted(set(range(len(made))) - {i for i, _ in pairs})]
    exact = sections = 0
    for i, j in pairs:
        for column in ("text", "section"):
            if key(made[i].get(column)) == key(gold[j].get(column)):
                exact, sections = exact + (column == "text"), sections + (column == "section")
            else:
                errors.append(FactError("tasks", column, said(gold[j].get(column)) or "–", said(made[i].get(column)) or "–"))
    tallies = {"tasks": Tally(len(pairs), len(made), len(gold))}
    for column in UNIT_COLUMNS:
        right = 0
        for i, j in pairs:
            m, g = set(same.names(made[i], column)), set(same.names(gold[j], column))
            right += len(m & g)
            errors += _named(column, gold[j], m, g)
        tallies[column] = Tally(right, sum(len(same.names(t, column)) for t in made), sum(len(same.names(t, column)) for t in gold))
    targets, more = _targets(made, gold, pairs)
    tallies["targets"] = targets
    tallies["task_facts"] = sum((tallies[c] for c in (*UNIT_COLUMNS, "targets")), Tally())
    return FactCounts(tallies, {"exact_text": (exact, len(gold)), "task_section": (sections, len(pairs))}, (*errors, *more))


def _named(column: str, task: Fact, made: set[str], gold: set[str]) -> list[FactError]:
    where = f"in: {task.get('text')}"
    out = [FactError(column, where, g, None) for g in sorted(gold - made)]
    return out + [FactError(column, where, None, m) for m in sorted(made - gold)]


def _targets(made: list[Fact], gold: list[Fact], pairs: list[tuple[int, int]]) -> tuple[Tally, list[FactError]]:
    right, errors = 0, []
    for i, j in pairs:
        left = same.targets(made[i])
        where = f"in: {gold[j].get('text')}"
        for g in same.targets(gold[j]):
            k = next((k for k, m in enumerate(left) if same.same_target(g, m)), None)
            if k is None:
                errors.append(FactError("targets", where, _target(g), None))
            else:
                left.pop(k)
                right += 1
        errors += [FactError("targets", where, None, _target(m)) for m in left]
    return Tally(right, sum(len(same.targets(t)) for t in made), sum(len(same.targets(t)) for t in gold)), errors


def _target(t: Fact) -> str:
    return f"{t.get('op')} {t.get('quantity')} {t.get('unit')} ({t.get('raw')})"


def deadlines(made: Fact, gold: Fact, pairs: list[tuple[int, int]]) -> FactCounts:
    """A deadline is right where all its fields are and it belongs to the aligned task; one of an unaligned task is missing or false."""
    place_made, place_gold = ({str(t.get("task_no")): k for k, t in enumerate(same.rows(record, "tasks"))} for record in (made, gold))
    gold_of = dict(pairs)
    rows_made, rows_gold = same.rows(made, "deadlines"), same.rows(gold, "deadlines")
    at_made = [gold_of.get(place_made.get(str(d.get("task_no")), -1)) for d in rows_made]
    at_gold = [place_gold.get(str(d.get("task_no"))) for d in rows_gold]
    free = dict.fromkeys(range(len(rows_made)))
    missing = []
    for j, g in enumerate(rows_gold):
        hit = next((i for i in free if at_made[i] is not None and at_made[i] == at_gold[j] and same.same_deadline(g, rows_made[i])), None)
        if hit is None:
            missing.append(g)
        else:
            del free[hit]
    errors = [FactError("deadlines", f"of task {g.get('task_no')}", _deadline(g), None) for g in missing]
    errors += [FactError("deadlines", f"of task {rows_made[i].get('task_no')}", None, _deadline(rows_made[i])) for i in free]
    tally = Tally(len(rows_gold) - len(missing), len(rows_made), len(rows_gold))
    return FactCounts({"deadlines": tally}, {}, tuple(errors))


def _deadline(d: Fact) -> str:
    cells = (d.get(c) for c in ("kind", "start", "end", "end_op", "rrule", "anchor"))
    return " ".join("–" if absent(c) else str(c) for c in cells) + f" «{d.get('raw')}»"


def without_optional(made: Fact, gold: Fact) -> Fact:
    """`made` without the tasks that are, or are part of, an optional task of gold and none of its tasks; nor their deadlines."""
    optional, firm, tasks = same.rows(gold, "tasks_optional"), same.rows(gold, "tasks"), same.rows(made, "tasks")
    if not optional:
        return made
    partner = dict(same_tasks(tasks, firm + optional))
    bags = [Counter(same.tokens(o.get("text"))) for o in optional]

    def loose(i: int) -> bool:
        if i in partner:
            return partner[i] >= len(firm)
        words = Counter(same.tokens(tasks[i].get("text")))
        return words.total() > 0 and any((words & bag).total() >= PART_OF_OPTIONAL * words.total() for bag in bags)

    dropped = {i for i in range(len(tasks)) if loose(i)}
    numbers = {str(tasks[i]["task_no"]) for i in dropped if not absent(tasks[i].get("task_no"))}
    lines = {n for o in optional if o.get("line") for n in range(int(o["line"]), int(o.get("line_last") or o["line"]) + 1)}
    deadlines = [
        d
        for d in same.rows(made, "deadlines")
        if str(d.get("task_no")) not in numbers and not (absent(d.get("task_no")) and d.get("line") in lines)
    ]
    return {**made, "tasks": [t for i, t in enumerate(tasks) if i not in dropped], "deadlines": deadlines}
