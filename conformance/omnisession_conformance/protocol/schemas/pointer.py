"""JSON pointers (RFC 6901)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def step(name: str | int) -> str:
    """Return one step of a pointer, with its slash."""
    return "/" + str(name).replace("~", "~0").replace("/", "~1")


def join(path: Iterable[str | int]) -> str:
    """Return the pointer of a path of member names and list indices; "" is the whole body."""
    return "".join(map(step, path))


def tokens(pointer: str) -> list[str]:
    """Return the names and indices in a pointer, unescaped; none for that to the whole body."""
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]
