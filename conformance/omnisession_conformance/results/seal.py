"""The last line of a transcript: how many lines stand before it, and a digest of them.

It shows that a transcript is the one that was written, whole and in its order. That protects against
accidents: a copy that broke off, a filter, two files in one. It is no signature, and whoever changes a
transcript on purpose can make it anew.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.protocol.json import Object

HEADER, FACTS, END = "transcript", "facts", "end"
MADE_OF_SEVERAL = "its transcript is made of several: a second header stands in line {at}"
BEHIND = "something stands behind its transcript's end, in line {at}"
NO_END = "its transcript has no last line, which a kit writes when all is written"
CHANGED = "its transcript is not as it was written: {told}"


class Seal:
    """Takes in lines as they are written."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self._lines = 0

    def take(self, lines: str) -> None:
        """Take in lines that are in the file now, each with its end."""
        self._digest.update(lines.encode())
        self._lines += lines.count("\n")

    def end(self, more: str = "") -> dict[str, Any]:
        """The last line behind what was taken in and `more`, which is not written yet."""
        digest = self._digest.copy()
        digest.update(more.encode())
        return {
            "line": END,
            "lines": self._lines + more.count("\n"),
            "sha256": digest.hexdigest(),
        }


def flaw(kinds: Sequence[tuple[int, str]], *, ends: bool) -> str | None:
    """What is wrong with the lines of a transcript as a whole; None where nothing is.

    `kinds` are their numbers and names; `ends` says whether the kit that wrote it writes an end. Of
    earlier ones nobody knows more than what is in the lines.
    """
    headers = [at for at, kind in kinds if kind == HEADER]
    if len(headers) > 1:
        return MADE_OF_SEVERAL.format(at=headers[1])
    found = [at for at, kind in kinds if kind == END]
    closing = found or [at for at, kind in kinds if kind == FACTS and not ends]
    behind = [at for at, _ in kinds if closing and at > closing[0]]
    if behind:
        return BEHIND.format(at=behind[0])
    return NO_END if ends and not found else None


def changed(seal: Seal, told: Object) -> str | None:
    """What the last line of a transcript tells of those that were taken in that is not so, if anything."""
    now = seal.end()
    if (lines := told.get("lines")) != now["lines"]:
        return CHANGED.format(told=f"{now['lines']} lines stand before its last one, {lines} did")
    if told.get("sha256") != now["sha256"]:
        return CHANGED.format(told="its lines are others, or stand in another order")
    return None
