"""What the program says, in English or Vietnamese: a key of rules/messages.toml and what fills it.

Inside the program only keys travel (`problem.blank_page`, `error.no_corpus`); they become words at the edge, here. A key that is not in
the catalogue, or a placeholder that nobody fills, is a bug and raises KeyError.
"""

from __future__ import annotations

import os
import string
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Literal, get_args

from pipeline.errors import KehoachError, UsageError

Lang = Literal["en", "vi"]
LANGUAGES: tuple[Lang, ...] = get_args(Lang)


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """Every key (`error.no_corpus`) with its text in each language."""
    text = resources.files("pipeline").joinpath("rules/messages.toml").read_text(encoding="utf-8")
    flat: dict[str, Mapping[str, str]] = {}

    def walk(prefix: str, node: Mapping[str, object]) -> None:
        for name, value in node.items():
            if not isinstance(value, dict):
                raise ValueError(f"rules/messages.toml: {prefix}{name} is no message")
            if "en" in value:
                flat[prefix + name] = value
            else:
                walk(f"{prefix}{name}.", value)

    walk("", tomllib.loads(text))
    return flat


def say(key: str, lang: Lang, /, **args: object) -> str:
    """The message `key` in `lang`, with `args` in its `{placeholders}`; surplus args are ignored.

    `say("error.no_corpus", "vi", path="out")`. Raises KeyError for an unknown key or an unfilled placeholder: a bug.
    """
    return catalogue()[key][lang].format_map(args)


def known(key: str) -> bool:
    """Whether the catalogue holds `key`."""
    return key in catalogue()


def explain(error: KehoachError, lang: Lang) -> str:
    """What an error says to a person: `error.<key>`, or the input's path and `problem.<key>` where the key is the code of its problem."""
    if known(f"error.{error.key}"):
        return say(f"error.{error.key}", lang, **error.args_)
    path = error.args_.get("path")
    return (f"{path}: " if path else "") + problem(error.key, detail(error.args_), lang)


def detail(args: Mapping[str, object]) -> str:
    """What fills `{detail}` of an input's problem: its own, else all that the error holds beside the path: `(width 1, height 1)`,
    `(elf)`: a kind or a reason speaks for itself."""
    if "detail" in args:
        return str(args["detail"])
    told = ", ".join(str(value) if name in ("what", "reason") else f"{name} {value}" for name, value in args.items() if name != "path")
    return f"({told})" if told else ""


def problem(code: str, detail: str = "", lang: Lang = "en") -> str:
    """The words of a row of `problems`; the gap that an empty detail leaves is closed up.

    A code without words (a bug; a test walks the codes in the program) is told as a fault of the program, for the night's work is
    worth more than the words of one row.
    """
    if not known(f"problem.{code}"):
        code, detail = "internal", f"{code}: {detail}".rstrip(": ")
    return " ".join(say(f"problem.{code}", lang, detail=detail).split())


def reason(key: str, lang: Lang) -> str:
    """What a key of `review_reasons` says to a person; the key itself where it was written by another version."""
    return say(f"review.{key}", lang) if known(f"review.{key}") else key


def retold(code: str, message: str, lang: Lang) -> str:
    """The English `message` of a row of `problems` in `lang`, its detail kept; as it is where it was written by another version."""
    if known(f"problem.{code}"):
        lead, hole, rest = say(f"problem.{code}", "en", detail="\0").partition("\0")
        lead, rest = lead.rstrip(), rest.lstrip()
        if hole and message.startswith(lead) and message.endswith(rest):
            return problem(code, message[len(lead) : len(message) - len(rest)].strip(), lang)
        if not hole and message == problem(code):
            return problem(code, lang=lang)
    return message


def placeholders(text: str) -> frozenset[str]:
    """Names of the `{placeholders}` of a message."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def language(option: str | None = None, environ: Mapping[str, str] = os.environ) -> Lang:
    """The language of the screen: `--lang`, else the locale (LC_ALL, LC_MESSAGES, LANG, the first that is set), else English.

    Raises UsageError for an option that is no language of ours.
    """
    if option is not None:
        for lang in LANGUAGES:
            if option.lower() == lang:
                return lang
        raise UsageError("unknown_language", lang=option, known=", ".join(LANGUAGES))
    locale = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "")
    return "vi" if locale.lower().split("_")[0].split(".")[0] == "vi" else "en"
