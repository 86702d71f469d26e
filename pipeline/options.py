"""Options that several commands share, with their help; four of them every command has, and gets as `Asked`."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from pipeline import settings
from pipeline.screen import Screen, speaking, words
from pipeline.settings import Settings

LangOption = Annotated[str | None, typer.Option("--lang", metavar="vi|en", help=words("lang"))]
SettingsOption = Annotated[Path | None, typer.Option("--settings", metavar="FILE", help=words("settings"))]
SetOption = Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help=words("set"))]
PasswordsOption = Annotated[Path | None, typer.Option("--password-file", metavar="FILE", help=words("password_file"))]
OutputOption = Annotated[Path | None, typer.Option("--output", "-o", metavar="PATH", help=words("output"))]
JsonLogOption = Annotated[bool, typer.Option("--log-json", help=words("log_json"))]
CorpusOption = Annotated[Path, typer.Option("--corpus-dir", metavar="DIR", help=words("corpus_dir"))]
JsonOption = Annotated[bool, typer.Option("--json", help=words("json_rows"))]
SecretOption = Annotated[bool, typer.Option("--include-secret", help=words("include_secret"))]


class Asked(NamedTuple):
    """What the common options ask for: where messages go and in which language, and the settings."""

    screen: Screen
    settings: Settings


@contextmanager
def _asked(
    settings_file: SettingsOption = None, set_: SetOption = None, lang: LangOption = None, log_json: JsonLogOption = False
) -> Iterator[Asked]:
    with speaking(lang, log_json) as screen:
        yield Asked(screen, settings.load(settings_file, tuple(set_ or ())))


def command(app: typer.Typer, name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Registers `function(asked, …)` as a command of `app`, with the help `help.<name>`, its own options and the common ones.

    An error of ours that the function raises is told, and ends the program with its exit code.
    """

    def register(function: Callable[..., None]) -> Callable[..., None]:
        _, *own = inspect.signature(function, eval_str=True).parameters.values()
        common = inspect.signature(_asked, eval_str=True).parameters

        @functools.wraps(function)
        def run(**given: Any) -> None:
            with _asked(**{key: given.pop(key) for key in common}) as asked:
                function(asked, **given)

        run.__signature__ = inspect.Signature([*own, *common.values()])  # type: ignore[attr-defined]
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in (*own, *common.values())}
        app.command(name, help=words(name))(run)
        return function

    return register
