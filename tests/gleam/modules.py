"""The modules of the client in Gleam, as far as text tells what they define.

Sources are formatted, which the compiler sees to where there is one: a type begins in the first column,
a constructor in the third.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(__file__).resolve().parents[2] / "implementations" / "gleam"
SOURCES = PACKAGE / "src"

_COMMENT = re.compile(r"//.*")
_TYPE = re.compile(
    r"^(?:pub )?(?:opaque )?type (\w+)(?:\([^)]*\))? \{\n(.*?)^\}", re.MULTILINE | re.DOTALL
)
_CONSTRUCTOR = re.compile(r"^  ([A-Z]\w*)(\(.*?^  \)|\([^\n]*\))?$", re.MULTILINE | re.DOTALL)
_LABEL = re.compile(r"(\w+): ([^,\n]+(?:\([^()]*\))?)")


@dataclass(frozen=True, slots=True)
class Constructor:
    """A constructor of a type, and its members: each a label, or empty, and a type."""

    type_: str
    name: str
    labels: tuple[str, ...]


def modules() -> list[Path]:
    """All modules of the package, those of its example and tests as well."""
    folders = (SOURCES, PACKAGE / "dev", PACKAGE / "test")
    return sorted(path for folder in folders for path in folder.rglob("*.gleam"))


def constructors(text: str) -> list[Constructor]:
    """The constructors of a module, in their order."""
    return list(_constructors(_COMMENT.sub("", text)))


def _constructors(text: str) -> Iterator[Constructor]:
    for type_, body in _TYPE.findall(text):
        for name, members in _CONSTRUCTOR.findall(body):
            labels = tuple(label for label, _ in _LABEL.findall(members))
            yield Constructor(type_, name, labels)


def twice(text: str) -> list[str]:
    """The constructors that a module defines more than once: no compiler takes it then."""
    counts = Counter(one.name for one in constructors(text))
    return sorted(name for name, count in counts.items() if count > 1)
