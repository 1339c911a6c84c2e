"""Values of a view that nobody can know whole: a kit compares their type, or what they must not be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from omnisession_conformance.protocol.json import is_list
from omnisession_conformance.protocol.model.compare import ABSENT, show

LOCAL = "local:"
"""What an id begins with that only the client's own view has."""


@dataclass(frozen=True, slots=True)
class OfType:
    """Any value of a type; in a new entry it is the client's choice where only a server knows it."""

    type: type

    def fits(self, value: Any) -> bool:
        """Whether a value is one."""
        if self.type is int:
            # 3.0 is an integer in JSON, and true is none in Python's eyes only.
            whole = isinstance(value, float) and value.is_integer()
            return whole or type(value) is int
        return isinstance(value, self.type)

    def __repr__(self) -> str:
        return "any integer" if self.type is int else "any string"


@dataclass(frozen=True, slots=True)
class AnyLocalId:
    """The local id of an action whose own id nobody knows yet."""

    def fits(self, value: Any) -> bool:
        """Whether a value is one."""
        return isinstance(value, str) and value.startswith(LOCAL) and value != LOCAL

    def __repr__(self) -> str:
        return "'local:' and the id of the action"


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Whatever it was, or nothing; but not what an action has for a member that no rule takes."""

    value: Any

    def fits(self, value: Any) -> bool:
        """Whether a value is another one."""
        return value is ABSENT or not _same(value, self.value)

    def __repr__(self) -> str:
        return f"anything but {show(self.value)}"


Open = OfType | AnyLocalId | NotTaken
"""Each fits more than one value."""
TEXT, INTEGER = OfType(str), OfType(int)


def fits(expected: Any, seen: Any) -> bool:
    """Whether a value that was seen is as it is expected."""
    return expected.fits(seen) if isinstance(expected, Open) else _same(expected, seen)


def _same(one: Any, other: Any) -> bool:
    # Python holds 1 and true for equal.
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if is_list(one) and is_list(other):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)
