"""One family of errors: what happened, where, and what to do next, with the exit code that a script sees.

The words stand in rules/messages.toml under `error.<key>`, in English and Vietnamese; an error holds the key and what fills it.
"""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of the contract, section 1."""

    OK = 0
    BUG = 1
    USAGE = 2
    MISSING = 3
    BAD_INPUT = 4
    PARTLY = 5
    INTERRUPTED = 130


class KehoachError(Exception):
    """An error that a person can act on; `key` names its message, `args_` fills it."""

    exit_code = Exit.BUG

    def __init__(self, key: str, /, **args: object) -> None:
        super().__init__(key, args)
        self.key = key
        self.args_ = args


class UsageError(KehoachError):
    """A wrong option, setting or folder."""

    exit_code = Exit.USAGE


class MissingError(KehoachError):
    """A tool, language or model that is not installed."""

    exit_code = Exit.MISSING


class InputError(KehoachError):
    """An input that cannot be used. `key` is also the code of its row in `problems`."""

    exit_code = Exit.BAD_INPUT
