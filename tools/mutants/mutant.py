"""One mutant: a change of one place of a source file, named so that it is the same after other edits."""

from __future__ import annotations

import difflib
import hashlib
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SHOWN_LINES = 2
"""How many lines around a change a diff shows."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A change of the bytes `start` to `end` of a file, from `before` to `after`.

    `file` is relative to the root of the project; `function` is empty at module level. What happens
    several times in one function is told apart by `ordinal`. Line and offsets name nothing: they move.
    """

    file: str
    function: str
    operator: str
    before: str
    after: str
    start: int
    end: int
    line: int
    ordinal: int = 0

    @property
    def id(self) -> str:
        """A short name that survives whatever is changed elsewhere in the file."""
        parts = (self.file, self.function, self.operator, flat(self.before), flat(self.after))
        text = "\0".join((*parts, str(self.ordinal)))
        return hashlib.sha256(text.encode()).hexdigest()[:10]

    @property
    def title(self) -> str:
        """The mutant in one line."""
        change = f"{flat(self.before):.60} -> {flat(self.after):.60}"
        return f"{self.id} {self.file}:{self.line} {self.function or '(module)'} {self.operator}: {change}"

    def applied(self, source: bytes) -> bytes:
        """Return the file with the change; raises ValueError where it is another file by now."""
        if source[self.start : self.end] != self.before.encode():
            raise ValueError(f"{self.file} has changed: {self.before!r} is not at {self.start}")
        return source[: self.start] + self.after.encode() + source[self.end :]

    def diff(self, source: bytes) -> str:
        """Return the change as people read it."""
        old, new = (text.decode().splitlines() for text in (source, self.applied(source)))
        lines = difflib.unified_diff(
            old, new, self.file, f"{self.file} ({self.id})", "", "", SHOWN_LINES, ""
        )
        return "\n".join(lines)


def flat(text: str) -> str:
    """Write a text in one line, however it is indented."""
    return " ".join(text.split())


def numbered(mutants: Iterable[Mutant]) -> Iterator[Mutant]:
    """Tell apart what is changed alike in one function, in the order of the file."""
    seen: Counter[tuple[str, ...]] = Counter()
    for mutant in sorted(mutants, key=lambda m: (m.file, m.start, m.end, m.operator, m.after)):
        key = (
            mutant.file,
            mutant.function,
            mutant.operator,
            flat(mutant.before),
            flat(mutant.after),
        )
        yield replace(mutant, ordinal=seen[key])
        seen[key] += 1
