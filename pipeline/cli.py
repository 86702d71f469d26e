"""The command line: parse, call, print. Data go to stdout, progress and messages to stderr; no logic lives here."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from pipeline import messages, settings
from pipeline.errors import Exit, InputError, KehoachError, MissingError, UsageError
from pipeline.messages import Lang
from pipeline.progress import Progress

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=messages.say("cli.about", "en"))

LangOption = Annotated[str | None, typer.Option("--lang", help="Language of messages: vi or en.")]
SettingsOption = Annotated[Path | None, typer.Option("--settings", help="A TOML file with settings.")]
SetOption = Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="One setting, e.g. ocr.psm=4.")]
JobsOption = Annotated[int, typer.Option("--jobs", "-j", min=1, help="Worker processes (default: the processors there are).")]
PasswordsOption = Annotated[Path | None, typer.Option("--password-file", help="Passwords to try on locked PDFs, one a line.")]
OutputOption = Annotated[Path | None, typer.Option("--output", "-o", help="Write here instead of stdout.")]
JsonLogOption = Annotated[bool, typer.Option("--log-json", help="Progress as JSON lines.")]
CorpusOption = Annotated[Path, typer.Option("--corpus-dir", help="The corpus.")]
CORES = len(os.sched_getaffinity(0))


@contextmanager
def speaking(lang: str | None) -> Iterator[Lang]:
    """The language to speak; an error of ours is said in it on stderr, and ends with its exit code."""
    chosen: Lang = "en"
    try:
        chosen = messages.language(None)
        chosen = messages.language(lang)
        yield chosen
    except KehoachError as e:
        tell(messages.explain(e, chosen))
        raise typer.Exit(e.exit_code) from None
    except KeyboardInterrupt:
        tell(messages.say("cli.interrupted", chosen))
        raise typer.Exit(Exit.INTERRUPTED) from None
    except BrokenPipeError:  # the reader of stdout went away: nothing to say
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(Exit.OK) from None
    except OSError as e:
        tell(messages.say("error.out_unwritable", chosen, path=e.filename or "?", reason=e.strerror or e))
        raise typer.Exit(Exit.USAGE) from None


def tell(text: str) -> None:
    """A message for the person, on stderr."""
    print(f"kehoach: {text}", file=sys.stderr)


def give(data: str, output: Path | None) -> None:
    """Data on stdout, or in a file that is replaced as a whole."""
    if output is None:
        sys.stdout.write(data)
        sys.stdout.flush()
    else:
        from pipeline.stages import write_atomic

        write_atomic(output, data.encode())


def as_json(value: Any) -> str:
    """Indented UTF-8 JSON."""
    return msgspec.json.format(msgspec.json.encode(value), indent=1).decode() + "\n"


def passwords(path: Path | None) -> tuple[str, ...]:
    """The passwords of a file, one a line; they are never stored."""
    if path is None:
        return ()
    try:
        return tuple(line for line in path.read_text(encoding="utf-8").splitlines() if line)
    except (OSError, UnicodeDecodeError) as e:
        raise UsageError("bad_settings_file", path=path, reason=e) from None


def text_of(path: str) -> str:
    """Standard input (`-`) as text: UTF-8, or the encodings that ingest knows for certain."""
    if path != "-":
        raise ValueError(path)
    data = sys.stdin.buffer.read()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("not_text") from None


@app.command()
def build(
    raw: Annotated[Path, typer.Argument(help="Folder of inputs.")] = Path("data/raw"),
    out: Annotated[Path, typer.Argument(help="Folder of the corpus.")] = Path("data/processed"),
    jobs: JobsOption = CORES,
    only: Annotated[str | None, typer.Option("--only", metavar="GLOB", help="Only inputs whose path matches.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Do everything again.")] = False,
    verify: Annotated[bool, typer.Option("--verify", help="Hash every input again.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and why; change nothing.")] = False,
    prune: Annotated[bool, typer.Option("--prune", help="Confirm that missing inputs are gone for good.")] = False,
    password_file: PasswordsOption = None,
    settings_file: SettingsOption = None,
    set_: SetOption = None,
    lang: LangOption = None,
    log_json: JsonLogOption = False,
) -> None:
    """RAW → the corpus in OUT: incremental, resumable, parallel."""
    from pipeline.build import Request
    from pipeline.build import build as run

    with speaking(lang) as speech:
        chosen = settings.load(settings_file, tuple(set_ or ()))
        request = Request(raw, out, chosen, jobs, only, force, verify, dry_run, prune, passwords(password_file))
        progress = Progress(lambda key, **args: messages.say(key, speech, **args), log_json)
        try:
            report = run(request, progress)
        finally:
            progress.stop()
        if dry_run:
            for step in report.steps:
                print("\t".join((step.action, _one_line(step.source_path), step.why)))
            return
        done = {
            "plans": report.plans,
            "documents": report.documents_done,
            "pages": report.pages_read,
            "errors": report.errors,
            "seconds": report.seconds,
            "out": out,
        }
        tell(messages.say("cli.built" if report.changed else "cli.nothing_to_do", speech, **done))
        if report.errors:
            _tell_errors(out, speech)
            raise typer.Exit(Exit.PARTLY)


def _tell_errors(out: Path, lang: Lang) -> None:
    """The error rows of `problems`, and where all of them stand."""
    from pipeline.corpus import store

    rows = store.read(out)["problems"]
    errors = rows[rows["level"] == "error"]
    shown = errors.head(10)
    for row in shown.itertuples():
        page = "" if row.page is None or str(row.page) == "<NA>" else f" [{row.page}]"
        tell(f"{_one_line(str(row.source_path))}{page}: {messages.retold(str(row.code), str(row.message), lang)}")
    tell(messages.say("cli.problems_where", lang, count=len(errors), path=out / "tables" / "problems.csv"))


def _one_line(path: str) -> str:
    return path.replace("\n", "\\n").replace("\t", "\\t")


@app.command()
def read(
    files: Annotated[list[Path], typer.Argument(help="Scans or texts.", metavar="FILE…")],
    format_: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
    output: OutputOption = None,
    raw: Annotated[bool, typer.Option("--raw", help="The text before repair.")] = False,
    jobs: JobsOption = CORES,
    password_file: PasswordsOption = None,
    settings_file: SettingsOption = None,
    set_: SetOption = None,
    lang: LangOption = None,
) -> None:
    """Scan → repaired text, a line for each printed line, pages parted by a form feed."""
    from pipeline import onefile, stages

    with speaking(lang) as speech:
        if format_ not in ("text", "json"):
            raise UsageError("bad_format", format=format_, known="text, json")
        chosen = settings.load(settings_file, tuple(set_ or ()))
        secrets = passwords(password_file)
        parts, failed = [], 0
        for path in files:
            _, reading = onefile.read(path, chosen, not raw, jobs, secrets)
            for page in reading.pages:
                for problem in page.problems:
                    failed += problem.level == "error"
                    tell(f"{path} [{page.number}]: {messages.say('problem.' + problem.code, speech, detail=problem.detail)}")
            parts.append(as_json(reading) if format_ == "json" else stages.plain_text(reading))
        give(("" if format_ == "json" else "\f").join(parts), output)
        if failed:
            raise typer.Exit(Exit.PARTLY)


@app.command()
def repair(
    file: Annotated[str, typer.Argument(help="A garbled text, - for standard input.")] = "-",
    format_: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
    corpus: Annotated[Path | None, typer.Option("--corpus", help="Plain texts of sibling plans to learn from for this run.")] = None,
    output: OutputOption = None,
    settings_file: SettingsOption = None,
    set_: SetOption = None,
    lang: LangOption = None,
) -> None:
    """Garbled text → repaired text: exactly one output line for each input line, in order."""
    from pipeline import onefile, stages

    with speaking(lang):
        if format_ not in ("text", "json"):
            raise UsageError("bad_format", format=format_, known="text, json")
        chosen = settings.load(settings_file, tuple(set_ or ()))
        text = text_of(file) if file == "-" else onefile.text_file(Path(file), chosen)
        reading = onefile.repair_text(text, chosen, onefile.siblings(corpus))
        give(as_json(reading) if format_ == "json" else stages.plain_text(reading), output)


@app.command()
def extract(
    file: Annotated[str, typer.Argument(help="A text or scan, - for text on standard input.")] = "-",
    no_repair: Annotated[bool, typer.Option("--no-repair", help="The text is known to be clean.")] = False,
    output: OutputOption = None,
    jobs: JobsOption = CORES,
    password_file: PasswordsOption = None,
    settings_file: SettingsOption = None,
    set_: SetOption = None,
    lang: LangOption = None,
) -> None:
    """One text or scan → its record as JSON (a list where the file holds several documents)."""
    from pipeline import document, onefile

    with speaking(lang) as speech:
        chosen = settings.load(settings_file, tuple(set_ or ()))
        if file == "-":
            records = onefile.extract_text(text_of(file), chosen, not no_repair)
        else:
            records = onefile.extract(Path(file), chosen, not no_repair, jobs, passwords(password_file))
        rows = [document.record_rows(r) for r in records]
        give(as_json(rows[0] if len(rows) == 1 else rows), output)
        errors = [p for r in records for p in r.problems if p.level == "error"]
        for problem in errors:
            tell(messages.say("problem." + problem.code, speech, detail=problem.detail))
        if errors:
            raise typer.Exit(Exit.PARTLY)


@app.command()
def show(
    plan_id: Annotated[str, typer.Argument(help="The plan, or the first characters of its id.")],
    fact: Annotated[str | None, typer.Option("--fact", metavar="TABLE:KEY", help="Where a fact stands: plans:number, tasks:4 …")] = None,
    corpus_dir: CorpusOption = Path("data/processed"),
    lang: LangOption = None,
) -> None:
    """One plan for reading, or where one of its facts stands: page, line, box, raw words, rule."""
    from pipeline.corpus import show as shown
    from pipeline.corpus import store

    with speaking(lang) as speech:
        tables = store.read(corpus_dir)
        text = shown.fact(tables, plan_id, fact, speech) if fact else shown.plan(tables, plan_id, speech)
        give(text if text.endswith("\n") else text + "\n", None)


@app.command()
def train(
    corpus: Annotated[Path, typer.Argument(help="Folder of texts.")],
    out: Annotated[Path, typer.Argument(help="Folder of the model.")] = Path("models"),
    pairs: Annotated[bool, typer.Option("--pairs", help="Render and read pages first; leaves counted confusions as text in OUT.")] = False,
    lang: LangOption = None,
) -> None:
    """The repair model from texts, and from text–OCR pairs."""
    from pipeline import train as trainer

    with speaking(lang):
        if not corpus.is_dir():
            raise MissingError("missing_texts", path=corpus)
        if pairs:
            trainer.pairs(corpus, out)
        else:
            trainer.train(corpus, out)


@app.command()
def evaluate(
    pred: Annotated[Path, typer.Argument(help="A text, a record (JSON), or a folder of them.")],
    gold: Annotated[Path, typer.Argument(help="What it should be: of the same kind; files of folders match by stem.")],
    raw: Annotated[Path | None, typer.Option("--raw", help="The text before repair: what was mended, and what made wrong.")] = None,
    json_: Annotated[bool, typer.Option("--json", help="Figures as JSON.")] = False,
    optional: Annotated[bool, typer.Option("--optional", help="Optional tasks of the gold neither earn nor cost.")] = False,
    lang: LangOption = None,
) -> None:
    """Scores of PRED against GOLD: counts, rates, intervals by document."""
    from pipeline import evaluate as measures

    with speaking(lang) as speech:
        scores = measures.evaluate(pred, gold, raw, optional)
        give(as_json(measures.as_plain(scores)) if json_ else measures.render(scores, speech), None)


@app.command()
def doctor(
    fix: Annotated[bool, typer.Option("--fix", help="Run the command that mends it.")] = False,
    settings_file: SettingsOption = None,
    set_: SetOption = None,
    lang: LangOption = None,
) -> None:
    """What is installed, what is missing, and the one command that mends it."""
    from pipeline import doctor as examine

    with speaking(lang) as speech:
        chosen = settings.load(settings_file, tuple(set_ or ()))
        checks = examine.check(chosen)
        if fix and any(c.found is None for c in checks):
            examine.fix(checks)
            checks = examine.check(chosen)
        missing = [c for c in checks if c.found is None]
        for c in checks:
            print(f"{'✗' if c.found is None else '✓'} {c.name:<18} {c.found or messages.say('cli.missing', speech)}")
        if missing:
            command = examine.remedy(checks)
            tell(messages.say("cli.mend", speech, command=" ".join(command) if command else "make setup"))
            raise typer.Exit(Exit.MISSING)
        tell(messages.say("cli.all_there", speech))


def main() -> None:
    """Entry point of `kehoach`."""
    try:
        app(prog_name="kehoach")
    except KeyboardInterrupt:
        sys.exit(Exit.INTERRUPTED)


if __name__ == "__main__":
    main()
