"""What the schema says to people and programs: docs/tables.md and datapackage.json, made from `tables.py` and the message catalogue."""

from __future__ import annotations

import json
from typing import Any

import pandera.pandas as pa_schema

from pipeline.corpus.tables import BOOLEAN, INTEGER, NAMES, NUMBER, SCHEMAS, TARGETS, TEXTS, codes, dtype, key, links
from pipeline.messages import Lang, known, say

_FRICTIONLESS: dict[Any, str] = {INTEGER: "integer", NUMBER: "number", BOOLEAN: "boolean"}
_SHOWN: dict[Any, str] = {**_FRICTIONLESS, TEXTS: "list of text", TARGETS: "list of targets"}
_INTRO = """# Tables

Made from `pipeline/corpus/tables.py` and `pipeline/rules/messages.toml` by `pipeline.corpus.dictionary.markdown`; a test says where this
file is behind. Null means absent. Lists are lists in Parquet; in CSV their entries are parted by ` | ` (a `|` of an
entry's own stands as `¦`), in corpus.sqlite they are JSON arrays. Rows are sorted by plan, then in order of print.
"""
_END = """
## Questions

`kehoach query` takes SQL over these tables, as does Datasette over corpus.sqlite. Who cites a document, and by which words:

```sql
SELECT p.number, p.issuing_authority, c.relation, c.page, c.line, c.raw
FROM citations AS c JOIN plans AS p USING (plan_id)
WHERE c.cited_plan_id = (SELECT plan_id FROM plans WHERE number = '666/QĐ-TTg');
```

All that was issued to carry it out, and at how many removes:

```sql
WITH RECURSIVE below (plan_id, steps) AS (
  SELECT plan_id, 0 FROM plans WHERE number = '666/QĐ-TTg'
  UNION SELECT c.plan_id, steps + 1 FROM below JOIN citations AS c ON c.cited_plan_id = below.plan_id WHERE steps < 9)
SELECT min(steps) AS steps, number, number_source, issuing_authority FROM below JOIN plans USING (plan_id) GROUP BY plan_id ORDER BY 1, 2;
```

Whose tasks end in one month:

```sql
SELECT value AS who, count(*) AS tasks
FROM tasks AS t JOIN deadlines AS d USING (plan_id, task_no), json_each(t.responsible)
WHERE d."end" BETWEEN '2031-08-01' AND '2031-08-31' GROUP BY who ORDER BY tasks DESC;
```

On which pages words stand, whatever their diacritics; `exact` in place of `folded` where these count:

```sql
SELECT p.number, t.page FROM full_text AS f JOIN page_texts AS t ON t.id = f.rowid JOIN plans AS p USING (plan_id)
WHERE f.full_text MATCH 'folded : "thi hanh an"' ORDER BY p.number, t.page;
```

Datasette shows a search box over `page_texts` with `{"databases": {"corpus": {"tables": {"page_texts": {"fts_table": "full_text",
"fts_pk": "id"}}}}}` as its `--metadata`. Seen on 1 December 2026 over the sample corpus: `frictionless validate datapackage.json`
(5.21) calls every table valid; `datasette inspect` (0.65) counts every table, and its pages answer full text by that box and by SQL.

## Corrections

People set right what was read in `data/corrections/*.csv`, one row a correction, never changed afterwards: `id, plan_id, table, key,
column, page, line, left, top, right, bottom, old, value, author, at, note`. `old` and `value` are cells as in the CSV tables. A row is
found again by page, place and `old`. What many facts of a page say (a code, a number, a body in charge, an empty cell) does not tell which
of them is meant: there the place must be the very spot, the box of the fact or, in a text, its first line.

| to … | table | column | old | value |
|---|---|---|---|---|
| correct a line, which is then extracted anew | `lines` | `text` | the line | the line as printed |
| correct a cell | `plans`, `citations`, `sections`, `tasks`, `deadlines`, `recipients` | its name | the cell | the cell as it should be |
| take out a fact that is none | `citations`, `sections`, `tasks`, `deadlines`, `recipients` | `*` | its words | (empty) |
| add a fact that was missed | the same | `*` | (empty) | its words, or its cells as a JSON object |
| undo any of these | as the row | as the row | its `value` | its `old` |

The words of a fact are the text of a task, the number of a citation (else its subject), the title of a section, the time words of
a deadline, the name of a recipient. JSON gives more cells: `{"text": "Lập sổ", "responsible": ["Trạm y tế"]}`; a section needs
`section`; a deadline needs `kind`, has `raw` for its time words, and stands on a line of its task. Facts are numbered anew in order of
print; a task takes its deadlines with it. What does not fit (`correction_orphan`, `correction_conflict`, `correction_malformed`) is a
row of `problems`.

## How they grow

`make bench` writes the tables of 1,000 to 100,000 invented plans (3 pages, 120 lines, 20 tasks, 10 citations each; `PLANS=` for others;
the last take 12 GB of disk), from records and rows as workers leave them to Parquet, CSV and corpus.sqlite with its full text. It searches
them for 100 words, rare and frequent, and draws [scale.svg](scale.svg). Time is linear; memory grows by a card of each plan and the numbers
it cites.

| plans | CPU seconds | wall seconds | peak memory | written | search: median, slowest of 100 words |
|---|---|---|---|---|---|
| 1,000 | 2.4 | 2.1 | 408 MB | 124 MB | 2.3 ms, 11 ms |
| 3,000 | 6.5 | 5.6 | 494 MB | 359 MB | 2.3 ms, 11 ms |
| 10,000 | 22 | 19 | 643 MB | 1,186 MB | 2.5 ms, 12 ms |
| 30,000 | 71 | 60 | 699 MB | 3,550 MB | 3.6 ms, 11 ms |
| 100,000 | 239 | 250 | 883 MB | 11,828 MB | 4.8 ms, 14 ms |

`pytest -m bench tests/test_bench_build.py` builds 1,000 such plans from texts with two workers: 16 plans a second; again with nothing new
0.6 s; with one new plan 2.4 s beyond that plan's own work.

Measured on two cores (25 November 2026): up to 30,000 plans alone, 100,000 and the builds beside one other process.

## Secret documents

Documents with a secrecy mark are in the tables, which stay in OUT, and so in what looks into OUT on this machine: `query`, `show`,
`status`. What goes out leaves them out unless `--include-secret`: `export` in every format, the calendar too, `search`, the web pages.
A link to one becomes null there, and notes that name its file go too.
"""


def label(table: str, column: str, lang: Lang) -> str:
    """A short name of a column for the screen; one that means the same everywhere is named once."""
    own = f"label.{table}.{column}"
    return say(own if known(own) else f"label.{column}", lang)


def description(table: str, column: str, lang: Lang) -> str:
    """What a column holds, for people; a column that means the same everywhere is described once."""
    own = f"column.{table}.{column}"
    return say(own if known(own) else f"column.any.{column}", lang)


def markdown() -> str:
    """The data dictionary, docs/tables.md."""
    out = [_INTRO]
    for name in NAMES:
        out += [f"\n## {name}\n", f"{say(f'table.{name}', 'en')}\n*{say(f'table.{name}', 'vi')}*\n"]
        if key(name):
            out.append(f"Key: {', '.join(f'`{c}`' for c in key(name))}.")
        for here, target, there in links(name):
            out.append(f"Link: {', '.join(f'`{c}`' for c in here)} → `{target}` ({', '.join(f'`{c}`' for c in there)}).")
        out += ["", "| column | type | null | holds | nội dung |", "|---|---|---|---|---|"]
        for column, rules in SCHEMAS[name].columns.items():
            allowed = codes(rules) if column != "column" else ()
            told = description(name, column, "en") + (f" One of: {', '.join(f'`{c}`' for c in allowed)}." if allowed else "")
            row = (f"`{column}`", _SHOWN.get(dtype(rules), "text"), "yes" if rules.nullable else "", told, description(name, column, "vi"))
            out.append("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |")
    return "\n".join(out) + "\n" + _END


def datapackage() -> bytes:
    """datapackage.json: a Frictionless Data Package of the CSV files, with titles and descriptions in English and Vietnamese."""
    package = {
        "profile": "tabular-data-package",
        "name": "kehoach",
        "title": "Kế hoạch: a corpus of Vietnamese administrative plans",
        "description": "Each table as CSV; the same tables stand beside them as Parquet. "
        "Entries of lists are parted by ' | '; a '|' of their own stands as '¦'.",
        "resources": [_resource(name) for name in NAMES],
    }
    return json.dumps(package, ensure_ascii=False, indent=1).encode() + b"\n"


def _resource(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = {"fields": [_field(name, c, rules) for c, rules in SCHEMAS[name].columns.items()], "missingValues": [""]}
    if key(name):
        schema["primaryKey"] = list(key(name))
    if links(name):
        schema["foreignKeys"] = [
            {"fields": list(here), "reference": {"resource": target, "fields": list(there)}} for here, target, there in links(name)
        ]
    return {
        "profile": "tabular-data-resource",
        "name": name,
        "path": f"tables/{name}.csv",
        "title": name,
        "description": say(f"table.{name}", "en"),
        "description_vi": say(f"table.{name}", "vi"),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "lineTerminator": "\n", "quoteChar": '"', "doubleQuote": True, "header": True},
        "schema": schema,
    }


def _field(table: str, column: str, rules: pa_schema.Column) -> dict[str, Any]:
    is_list = dtype(rules) in (TEXTS, TARGETS)
    constraints: dict[str, Any] = {}
    if not rules.nullable and not is_list:  # an empty list is an empty cell
        constraints["required"] = True
    if codes(rules):
        constraints["enum"] = list(codes(rules))
    for check in rules.checks:
        if check.name == "greater_than_or_equal_to":
            constraints["minimum"] = check.statistics["min_value"]
        elif check.name == "less_than_or_equal_to":
            constraints["maximum"] = check.statistics["max_value"]
        elif check.name == "str_matches":
            constraints["pattern"] = check.statistics["pattern"].strip("^$")
    field = {
        "name": column,
        "type": _FRICTIONLESS.get(dtype(rules), "string"),
        "title": label(table, column, "en"),
        "title_vi": label(table, column, "vi"),
        "description": description(table, column, "en"),
        "description_vi": description(table, column, "vi"),
    }
    return field | ({"constraints": constraints} if constraints else {})
