"""Options that several commands share, with their help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.screen import words

LangOption = Annotated[str | None, typer.Option("--lang", metavar="vi|en", help=words("lang"))]
SettingsOption = Annotated[Path | None, typer.Option("--settings", metavar="FILE", help=words("settings"))]
SetOption = Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help=words("set"))]
PasswordsOption = Annotated[Path | None, typer.Option("--password-file", metavar="FILE", help=words("password_file"))]
OutputOption = Annotated[Path | None, typer.Option("--output", "-o", metavar="PATH", help=words("output"))]
JsonLogOption = Annotated[bool, typer.Option("--log-json", help=words("log_json"))]
CorpusOption = Annotated[Path, typer.Option("--corpus-dir", metavar="DIR", help=words("corpus_dir"))]
JsonOption = Annotated[bool, typer.Option("--json", help=words("json_rows"))]
SecretOption = Annotated[bool, typer.Option("--include-secret", help=words("include_secret"))]
