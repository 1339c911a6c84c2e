"""Whether two slices are the same in all that the protocol names, and where they differ first.

Members that the protocol does not name are left out: a server may show more, and change it at will.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.json import is_list, is_object
from omnisession_conformance.protocol.model.slices import MEMBERS

if TYPE_CHECKING:
    from omnisession_conformance.protocol.kinds.parts import Slice

ABSENT = object()
SHOWN = 120
"""Characters of a value that are shown to people."""


@dataclass(frozen=True, slots=True)
class Unlike:
    """Something that a client holds or shows otherwise than it should: where, and both sides."""

    where: str
    expected: str
    seen: str

    def __str__(self) -> str:
        return f"{self.where}: expected {self.expected}, seen {self.seen}"


@dataclass(frozen=True, slots=True)
class Difference:
    """The first difference of two slices: a JSON pointer into a state's body, and both sides."""

    pointer: str
    expected: str
    seen: str


def show(value: Any) -> str:
    """Return a value as a short text for people."""
    if value is ABSENT:
        return "absent"
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}… ({len(text)} characters)"


def first_difference(kind: str, expected: Slice, seen: Slice) -> Difference | None:
    """Return where two slices of a kind differ first, or None where they are the same."""
    for name, members in MEMBERS[kind].items():
        one: Any = expected.get(name, ABSENT)
        other: Any = seen.get(name, ABSENT)
        # Almost always true, and then decided without a look at the members.
        if one == other:
            continue
        found = _difference(f"/data/{name}", members, one, other)
        if found is not None:
            return found
    return None


def _difference(pointer: str, members: tuple[str, ...], one: Any, other: Any) -> Difference | None:
    if is_list(one) and is_list(other):
        return _in_lists(pointer, members, one, other)
    if members and is_object(one) and is_object(other):
        return _in_entries(pointer, members, one, other)
    return None if one == other else Difference(pointer, show(one), show(other))


def _in_lists(
    pointer: str, members: tuple[str, ...], one: list[Any], other: list[Any]
) -> Difference | None:
    for index in range(max(len(one), len(other))):
        mine = one[index] if index < len(one) else ABSENT
        theirs = other[index] if index < len(other) else ABSENT
        if mine == theirs:
            continue
        found = _difference(f"{pointer}/{index}", members, mine, theirs)
        if found is not None:
            return found
    return None


def _in_entries(
    pointer: str, members: tuple[str, ...], one: dict[str, Any], other: dict[str, Any]
) -> Difference | None:
    for name in members:
        mine, theirs = one.get(name, ABSENT), other.get(name, ABSENT)
        if mine != theirs:
            return Difference(f"{pointer}/{name}", show(mine), show(theirs))
    return None
