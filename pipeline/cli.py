"""The command line: parse, call, print. Data go to stdout, progress and messages to stderr; no logic lives here."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline import cli_corpus, messages
from pipeline.errors import Exit, InputError, KehoachError, MissingError, UsageError
from pipeline.options import Asked, CorpusOption, OutputOption, PasswordsOption, command
from pipeline.screen import Screen, as_json, give, passwords, shown, standard_input, usable, words

if TYPE_CHECKING:
    from pipeline.request import Report

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=words("about"))

JobsOption = Annotated[int, typer.Option("--jobs", "-j", min=1, metavar="N", help=words("jobs"))]
CorrectionsOption = Annotated[Path, typer.Option("--corrections", metavar="DIR", help=words("corrections"))]
CORRECTIONS = Path("data/corrections")
CORES = len(os.sched_getaffinity(0))
FORMATS = ("text", "json")
READ_FORMATS = (*FORMATS, "hocr", "alto", "pdf")


@command(app, "build")
def build(
    asked: Asked,
    raw: Annotated[Path, typer.Argument(metavar="RAW", help=words("raw"))] = Path("data/raw"),
    out: Annotated[Path, typer.Argument(metavar="OUT", help=words("out"))] = Path("data/processed"),
    jobs: JobsOption = CORES,
    only: Annotated[str | None, typer.Option("--only", metavar="GLOB", help=words("only"))] = None,
    force: Annotated[bool, typer.Option("--force", help=words("force"))] = False,
    verify: Annotated[bool, typer.Option("--verify", help=words("verify"))] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=words("dry_run"))] = False,
    prune: Annotated[bool, typer.Option("--prune", help=words("prune"))] = False,
    watch: Annotated[bool, typer.Option("--watch", help=words("watch"))] = False,
    scheduler: Annotated[str, typer.Option("--scheduler", metavar="ADDRESS", help=words("scheduler"))] = "",
    corrections: CorrectionsOption = CORRECTIONS,
    password_file: PasswordsOption = None,
) -> None:
    """RAW → the corpus in OUT."""
    from pipeline.build import Request
    from pipeline.build import build as run

    if corrections != CORRECTIONS and not corrections.is_dir():  # a name typed wrong would drop every correction
        raise UsageError("no_folder", path=corrections)
    request = Request(raw, out, asked.settings, jobs, only, force, verify, dry_run, prune, passwords(password_file), corrections, scheduler)
    progress = asked.screen.progress()
    if watch:
        from pipeline import watch as watching

        if dry_run:
            raise UsageError("watch_dry_run")
        asked.screen.say("cli.watching", raw=shown(raw), out=shown(out))
        watching.watch(request, progress, lambda news: _tell_round(news, out, asked.screen))
    try:
        report = run(request, progress)
    finally:
        progress.stop()
    if dry_run:
        give("".join("\t".join((step.action, shown(step.source_path), step.why)) + "\n" for step in report.steps))
        counted = Counter(step.action for step in report.steps)
        asked.screen.say("cli.would", new=counted["new"], redo=counted["redo"], skip=counted["skip"])
        if report.tables:
            asked.screen.say("cli.tables_stale", why=report.tables)
        return
    asked.screen.say("cli.built" if report.changed else "cli.nothing_to_do", **_counts(report, out))
    if report.errors:
        _tell_errors(out, asked.screen)
        raise typer.Exit(Exit.PARTLY)


def _counts(report: Report, out: Path) -> dict[str, object]:
    return {
        "plans": report.plans,
        "documents": report.documents_done,
        "pages": report.pages_read,
        "errors": report.errors,
        "seconds": report.seconds,
        "out": shown(out),
    }


def _tell_round(news: Report | KehoachError, out: Path, screen: Screen) -> None:
    """One line for what a round of --watch did, or for what keeps it from its work."""
    if isinstance(news, KehoachError):
        screen.tell(messages.explain(news, screen.lang), "error", code=news.key)
    else:
        screen.say("cli.round", clock=time.strftime("%H:%M:%S"), **_counts(news, out))


def _tell_errors(out: Path, screen: Screen) -> None:
    """The error rows of `problems`, and where all of them stand."""
    from pipeline.corpus import store

    rows = store.read(out, ("problems",))["problems"]
    errors = rows[rows["level"] == "error"]
    for row in errors.head(10).itertuples():
        page = "" if row.page is None or str(row.page) == "<NA>" else " [" + str(row.page) + "]"
        told = messages.retold(str(row.code), str(row.message), screen.lang)
        screen.tell(f"{shown(row.source_path)}{page}: {told}", "problem", code=str(row.code), source_path=str(row.source_path))
    screen.say("cli.problems_where", count=len(errors), path=shown(out / "tables" / "problems.csv"))


def _format(name: str, known: tuple[str, ...] = FORMATS) -> str:
    if name not in known:
        raise UsageError("bad_format", format=name, known=", ".join(known))
    return name


@command(app, "read")
def read(
    asked: Asked,
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help=words("files"))],
    format_: Annotated[str, typer.Option("--format", metavar="text|json|hocr|alto|pdf", help=words("format"))] = "text",
    output: OutputOption = None,
    raw: Annotated[bool, typer.Option("--raw", help=words("raw_text"))] = False,
    pdfa: Annotated[bool, typer.Option("--pdfa", help=words("pdfa"))] = False,
    jobs: JobsOption = CORES,
    password_file: PasswordsOption = None,
) -> None:
    """Scan → repaired text. A file that cannot be used is told and the others are read."""
    from pipeline import onefile, stages

    form, target = _format(format_, READ_FORMATS), usable(output, files)
    if pdfa and form != "pdf":
        raise UsageError("pdfa_without_pdf", format=form)
    secrets = passwords(password_file)
    readings, sources, failed = [], [], 0
    for path in files:
        progress = asked.screen.progress()
        try:
            source, reading = onefile.read(path, asked.settings, not raw, jobs, secrets, progress)
            if form in ("hocr", "alto", "pdf") and source.kind == "text":
                raise InputError("no_image", path=path)
            sources.append(path)
            readings.append(reading)
        except InputError as e:
            if len(files) == 1:
                raise
            asked.screen.tell(messages.explain(e, asked.screen.lang), "error", code=e.key)
            failed += 1
            continue
        finally:
            progress.stop()
        for problem in (p for page in readings[-1].pages for p in page.problems):
            failed += problem.level == "error"
            told = messages.problem(problem.code, problem.detail, asked.screen.lang)
            asked.screen.tell(f"{shown(path)} [{problem.page}]: {told}", "problem", code=problem.code)
    if not readings:
        raise typer.Exit(Exit.BAD_INPUT)
    if form == "json":
        give(as_json(readings[0] if len(files) == 1 else readings), target)
    elif form in ("hocr", "alto", "pdf"):
        give(onefile.output(form, sources, readings, asked.settings, secrets, pdfa), target)
    else:
        give("\f".join(stages.plain_text(reading) for reading in readings), target)
    if failed:
        raise typer.Exit(Exit.PARTLY)


@command(app, "repair")
def repair(
    asked: Asked,
    file: Annotated[str, typer.Argument(metavar="FILE", help=words("garbled"))] = "-",
    format_: Annotated[str, typer.Option("--format", metavar="text|json", help=words("format_repair"))] = "text",
    corpus: Annotated[Path | None, typer.Option("--corpus", metavar="DIR", help=words("siblings"))] = None,
    output: OutputOption = None,
) -> None:
    """Garbled text → repaired text, line for line."""
    from pipeline import onefile, stages

    form, target = _format(format_), usable(output, [Path(file)])
    siblings = onefile.siblings(corpus)
    text = standard_input() if file == "-" else onefile.text_file(Path(file), asked.settings)
    reading = onefile.repair_text(text, asked.settings, siblings)
    plain = stages.plain_text(reading) if text else ""  # no line in, no line out
    give(as_json(reading) if form == "json" else plain, target)


@command(app, "extract")
def extract(
    asked: Asked,
    file: Annotated[str, typer.Argument(metavar="FILE", help=words("one_input"))] = "-",
    no_repair: Annotated[bool, typer.Option("--no-repair", help=words("no_repair"))] = False,
    output: OutputOption = None,
    jobs: JobsOption = CORES,
    password_file: PasswordsOption = None,
) -> None:
    """One text or scan → its record as JSON."""
    from pipeline import document, onefile

    target = usable(output, [Path(file)])
    if file == "-":
        records = onefile.extract_text(standard_input(), asked.settings, not no_repair)
    else:
        progress = asked.screen.progress()
        try:
            records = onefile.extract(Path(file), asked.settings, not no_repair, jobs, passwords(password_file), progress)
        finally:
            progress.stop()
    rows = [document.record_rows(r) for r in records]
    give(as_json(rows[0] if len(rows) == 1 else rows), target)
    errors = [p for r in records for p in r.problems if p.level == "error"]
    for problem in errors:
        page = "" if problem.page is None else f" [{problem.page}]"
        asked.screen.tell(
            f"{shown(file)}{page}: {messages.problem(problem.code, problem.detail, asked.screen.lang)}", "problem", code=problem.code
        )
    if errors:
        raise typer.Exit(Exit.PARTLY)


@command(app, "show")
def show(
    asked: Asked,
    plan_id: Annotated[str, typer.Argument(metavar="PLAN_ID", help=words("plan_id"))],
    fact: Annotated[str | None, typer.Option("--fact", metavar="TABLE:KEY", help=words("fact"))] = None,
    corpus_dir: CorpusOption = Path("data/processed"),
) -> None:
    """One plan for reading, or where one of its facts stands."""
    from pipeline.corpus import show as shown_plan
    from pipeline.corpus import store

    tables = store.read_around(corpus_dir, plan_id)
    text = shown_plan.fact(tables, plan_id, fact, asked.screen.lang) if fact else shown_plan.plan(tables, plan_id, asked.screen.lang)
    give(text if text.endswith("\n") else text + "\n")


@command(app, "train")
def train(
    asked: Asked,
    corpus: Annotated[Path | None, typer.Argument(metavar="CORPUS", help=words("train_corpus"))] = None,
    out: Annotated[Path, typer.Argument(metavar="OUT", help=words("train_out"))] = Path("models"),
    pairs: Annotated[bool, typer.Option("--pairs", help=words("pairs"))] = False,
    adapt: Annotated[Path | None, typer.Option("--adapt", metavar="OUT", help=words("train_adapt"))] = None,
    output: OutputOption = None,
) -> None:
    """The repair model from texts, and from text–OCR pairs."""
    if adapt is not None:
        from pipeline import train as trainer

        give(f"{trainer.adapt(adapt, output)}\n")
        return
    if corpus is None:
        raise UsageError("no_texts", path="CORPUS")
    if not corpus.is_dir():
        raise MissingError("missing_texts", path=corpus)
    from pipeline import train as trainer

    if pairs:
        trainer.pairs(corpus, out)
    else:
        trainer.train(corpus, out)


@command(app, "evaluate")
def evaluate(
    asked: Asked,
    pred: Annotated[Path, typer.Argument(metavar="PRED", help=words("pred"))],
    gold: Annotated[Path, typer.Argument(metavar="GOLD", help=words("gold"))],
    raw: Annotated[Path | None, typer.Option("--raw", metavar="PATH", help=words("evaluate_raw"))] = None,
    json_: Annotated[bool, typer.Option("--json", help=words("json"))] = False,
    optional: Annotated[bool, typer.Option("--optional", help=words("optional"))] = False,
) -> None:
    """Scores of PRED against GOLD: counts, rates, intervals by document."""
    from pipeline import evaluate as measures

    scores = measures.evaluate(pred, gold, raw, optional)
    give(as_json(measures.as_plain(scores)) if json_ else measures.render(scores, asked.screen.lang))


@command(app, "doctor")
def doctor(
    asked: Asked,
    fix: Annotated[bool, typer.Option("--fix", help=words("fix"))] = False,
) -> None:
    """What is installed, what is missing, and the one command that mends it."""
    from pipeline import doctor as examine

    checks = examine.check(asked.settings)
    if fix and any(c.found is None for c in checks):
        examine.fix(checks)
        checks = examine.check(asked.settings)
    missing = messages.say("cli.missing", asked.screen.lang)
    give("".join(f"{'✗' if c.found is None else '✓'} {c.name:<18} {c.found or missing}\n" for c in checks))
    if any(c.found is None for c in checks):
        command = examine.remedy(checks)
        asked.screen.say("cli.mend", command=" ".join(command) if command else "make setup")
        raise typer.Exit(Exit.MISSING)
    asked.screen.say("cli.all_there")


cli_corpus.register(app)


def _end(*_: int | FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> None:
    """Entry point of `kehoach`. Ended by SIGTERM, or by the terminal that closes, it stops as by Ctrl-C."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) == signal.SIG_DFL:  # nohup ignores SIGHUP: so it stays
            signal.signal(number, _end)
    try:
        app(prog_name="kehoach")
    except KeyboardInterrupt:
        sys.exit(Exit.INTERRUPTED)


if __name__ == "__main__":
    main()
