"""What was read of a short text is kept: cells of tables and bullets say the same words again and again."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Concatenate, ParamSpec, TypeVar, cast

P = ParamSpec("P")
T = TypeVar("T")

SHORT = 400  # characters
MANY = 4096  # texts, the last ones


def kept(read: Callable[Concatenate[str, P], T]) -> Callable[Concatenate[str, P], T]:
    """`read`, a pure function of a text, that keeps what it gave for the last short texts; its result must not be changed."""
    known = cast(Callable[Concatenate[str, P], T], lru_cache(maxsize=MANY)(read))

    @wraps(read)
    def reads(text: str, *args: P.args, **kwargs: P.kwargs) -> T:
        return known(text, *args, **kwargs) if len(text) < SHORT else read(text, *args, **kwargs)

    return reads
