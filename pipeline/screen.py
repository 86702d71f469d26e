"""What a person or a machine sees of a command: data on stdout, messages and errors on stderr, in the chosen language."""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import typer

from pipeline import messages
from pipeline.errors import Exit, KehoachError, UsageError
from pipeline.messages import Lang
from pipeline.progress import Progress

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


@dataclass(frozen=True)
class Screen:
    """Where messages go: lines for a person in `lang`, or JSON lines for a machine."""

    lang: Lang
    as_json: bool = False

    def tell(self, text: str, event: str = "message", **fields: object) -> None:
        """A message on stderr; `fields` are for machines."""
        if sys.stderr is None:
            return
        line = json.dumps({"event": event, **fields, "text": text}, ensure_ascii=False) if self.as_json else f"kehoach: {text}"
        with suppress(OSError):  # the reader of stderr went away
            print(line, file=sys.stderr, flush=True)

    def say(self, key: str, **args: object) -> None:
        """The message `key` of rules/messages.toml on stderr."""
        fields = {k: v if isinstance(v, int | float) else shown(v) for k, v in args.items()}
        self.tell(messages.say(key, self.lang, **args), key.partition(".")[2], **fields)

    def progress(self) -> Progress:
        """Progress in the same language and form."""
        return Progress(lambda key, **args: messages.say(key, self.lang, **args), self.as_json)


@contextmanager
def speaking(lang: str | None, as_json: bool = False) -> Iterator[Screen]:
    """The screen of one command; an error of ours is said on it, and ends with its exit code."""
    screen = Screen("en", as_json)
    try:
        screen = Screen(messages.language(None), as_json)
        screen = Screen(messages.language(lang), as_json)
        yield screen
    except KehoachError as e:
        screen.tell(messages.explain(e, screen.lang), "error", code=e.key)
        raise typer.Exit(e.exit_code) from None
    except KeyboardInterrupt:
        screen.say("cli.interrupted")
        raise typer.Exit(Exit.INTERRUPTED) from None
    except BrokenPipeError:  # the reader of stdout went away: nothing to say
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(Exit.OK) from None
    except OSError as e:
        key = "output_unwritable" if e.errno in _FULL else "system"
        screen.tell(messages.say(f"error.{key}", screen.lang, path=shown(e.filename or ""), reason=e.strerror or e), "error", code=key)
        raise typer.Exit(Exit.USAGE) from None


def words(key: str) -> str:
    """The words `help.<key>` in the language that the command line asks for: help is put together before options are read."""
    return messages.say(f"help.{key}", asked_language(sys.argv[1:], os.environ))


def asked_language(arguments: Sequence[str], environ: Mapping[str, str]) -> Lang:
    """`--lang vi` or `--lang=vi` among the arguments, else the locale; a wrong one is told later."""
    given = [b if a == "--lang" else a.removeprefix("--lang=") for a, b in zip(arguments, [*arguments[1:], ""], strict=False) if _names(a)]
    try:
        return messages.language(given[0] if given else None, environ)
    except UsageError:
        return messages.language(None, environ)


def _names(argument: str) -> bool:
    return argument == "--lang" or argument.startswith("--lang=")


def shown(value: object) -> str:
    """A path or other value in one line that any terminal and any JSON takes."""
    return str(value).encode("utf-8", "backslashreplace").decode().replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")


def give(data: str | bytes, output: Path | None = None) -> None:
    """Data on stdout, or in a file that is replaced as a whole (a pipe or device is written to)."""
    encoded = data if isinstance(data, bytes) else data.encode("utf-8", "backslashreplace")
    if output is None or str(output) == "-":
        if sys.stdout is None:
            raise UsageError("closed_stream")
        sys.stdout.flush()
        sys.stdout.buffer.write(encoded)
        sys.stdout.buffer.flush()
    elif output.exists() and not output.is_file():
        with output.open("wb") as f:
            f.write(encoded)
    else:
        from pipeline.atomic import write_atomic

        try:
            write_atomic(output.resolve(), encoded)
        except UsageError as e:
            raise UsageError("output_unwritable", path=output, reason=e.args_["reason"]) from None


def usable(output: Path | None, inputs: Sequence[Path] = ()) -> Path | None:
    """`output`, after a look before the work begins. Raises UsageError where it is a folder or one of the inputs."""
    if output is None or str(output) == "-":
        return None
    if output.is_dir():
        raise UsageError("output_is_folder", path=output)
    if any(path.exists() and output.exists() and path.samefile(output) for path in inputs):
        raise UsageError("output_is_input", path=output)
    return output


def as_json(value: Any) -> str:
    """Indented UTF-8 JSON."""
    return msgspec.json.format(msgspec.json.encode(value), indent=1).decode() + "\n"


def standard_input() -> str:
    """Standard input as text: UTF-8, or an encoding that ingest knows for certain."""
    from pipeline import ingest
    from pipeline.errors import InputError
    from pipeline.text import nfc

    if sys.stdin is None:
        raise UsageError("closed_stream")
    data = sys.stdin.buffer.read()
    try:
        if b"\0" not in data:
            return nfc(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        pass
    decoded = ingest.decode(data)
    if decoded is None:
        raise InputError("not_text", path="-")
    return decoded[0]


def passwords(path: Path | None) -> tuple[str, ...]:
    """The passwords of a file, one a line; they are never stored."""
    if path is None:
        return ()
    try:
        return tuple(line for line in path.read_text(encoding="utf-8-sig").splitlines() if line)
    except OSError as e:
        raise UsageError("bad_password_file", path=path, reason=e.strerror or e) from None
    except UnicodeDecodeError as e:
        raise UsageError("bad_password_file", path=path, reason=e) from None
