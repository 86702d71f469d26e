"""Commands over a finished corpus: search, query, status, export. As in cli.py: parse, call, print."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.errors import UsageError
from pipeline.options import Asked, CorpusOption, JsonOption, OutputOption, SecretOption, command
from pipeline.screen import as_json, give, shown, usable, words

DEFAULT = Path("data/processed")
TOLD = 10  # deadlines without a day that are told one by one


def search(
    asked: Asked,
    wanted: Annotated[list[str], typer.Argument(metavar="WORDS", help=words("search_words"))],
    limit: Annotated[int, typer.Option("--limit", min=1, metavar="N", help=words("limit"))] = 50,
    json_: JsonOption = False,
    include_secret: SecretOption = False,
    corpus_dir: CorpusOption = DEFAULT,
) -> None:
    """Full text over the corpus."""
    from pipeline import query as questions
    from pipeline.aligned import window

    phrase = " ".join(wanted)
    hits = questions.search(corpus_dir, phrase, limit, include_secret)
    if json_:
        give(as_json(hits))
        return
    if hits:
        give(questions.render(hits, phrase, asked.screen.lang, window()))
    asked.screen.say("cli.found" if len(hits) < limit else "cli.found_limit", count=len(hits))


def query(
    asked: Asked,
    sql: Annotated[str, typer.Argument(metavar="SQL", help=words("sql"))],
    csv: Annotated[bool, typer.Option("--csv", help=words("csv_rows"))] = False,
    json_: JsonOption = False,
    corpus_dir: CorpusOption = DEFAULT,
) -> None:
    """SQL over the tables of the corpus."""
    from pipeline import query as questions
    from pipeline.aligned import aligned, window

    if csv and json_:
        raise UsageError("two_formats", first="--csv", second="--json")
    answer = questions.query(corpus_dir, sql)
    if csv:
        from pipeline.export.csv_tables import plain

        give(plain(answer.columns, answer.rows))
    elif json_:
        give(as_json(answer.records()))
    else:
        give(aligned(answer.columns, answer.rows, window()))


def status(
    asked: Asked,
    out: Annotated[Path, typer.Argument(metavar="OUT", help=words("out"))] = DEFAULT,
    json_: JsonOption = False,
) -> None:
    """How the corpus stands, and what a build would do."""
    from pipeline import status as state
    from pipeline.aligned import window

    progress = asked.screen.progress()
    try:
        found = state.status(out, progress)
    finally:
        progress.stop()
    give(as_json(state.plain(found)) if json_ else state.render(found, asked.screen.lang, window()))


def export(
    asked: Asked,
    out: Annotated[Path, typer.Argument(metavar="OUT", help=words("out"))] = DEFAULT,
    to: Annotated[str, typer.Option("--to", metavar="csv|xlsx|json|jsonl|ics|sqlite|graphml|tt02", help=words("to"))] = "",
    output: OutputOption = None,
    include_secret: SecretOption = False,
) -> None:
    """The corpus in other people's formats."""
    from pipeline import export as formats

    target = None if output is not None and str(output) == "-" else output
    if to not in ("csv", "tt02"):
        usable(target)
    made = formats.export(out, to, target, asked.screen.lang, include_secret)
    for path, data in made.files.items():
        give(data, path)
    for line in made.left_out[:TOLD]:
        asked.screen.tell(shown(line), "left_out")
    if made.left_out:
        asked.screen.say("cli.left_out", count=len(made.left_out))
    if made.secret:
        asked.screen.say("cli.secret_out", count=made.secret)
    if target is not None:
        asked.screen.say("cli.exported", path=shown(target))


def register(app: typer.Typer) -> None:
    """Adds these commands to the command line."""
    for name, function in (("search", search), ("query", query), ("status", status), ("export", export)):
        command(app, name)(function)
