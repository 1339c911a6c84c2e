"""Cuts long lists of a body down to entries that break its schema: what explains a fault looks at each.

To say what is wrong with a body of hundreds of thousands of entries takes minutes and gigabytes. That one
of two halves is wrong is known at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.json import is_list, is_object
from omnisession_conformance.protocol.schemas.pointer import step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOST_VALUES = 10_000
"""Values of a body that is explained as it is; the largest right states have a third of that."""
LONG = 200
KEPT = 8
"""Entries that are left of a list that is cut."""


@dataclass(slots=True)
class Cut:
    """A list that was cut: its place, and the number of the first entry that is left."""

    pointer: str
    first: int


def is_long(value: Any) -> bool:
    """Whether a JSON value has more values in it than can be explained."""
    waiting, count = [value], 0
    while waiting:
        value = waiting.pop()
        count += 1
        if is_object(value):
            waiting += value.values()
        elif is_list(value):
            waiting += value
        if count + len(waiting) > MOST_VALUES:
            return True
    return False


def shorten(
    body: dict[str, Any], is_valid: Callable[[Any], bool]
) -> tuple[dict[str, Any], list[Cut]]:
    """Return a body with its long lists cut to entries that break the schema, and what was cut.

    Where no part of a list breaks it alone, its first entries are left.
    """
    cuts: list[Cut] = []
    for names, entries in list(_long_lists(body, ())):
        low, high = 0, len(entries)
        while high - low > KEPT:
            middle = (low + high) // 2
            if not is_valid(_with(body, names, entries[low:middle])):
                high = middle
            elif not is_valid(_with(body, names, entries[middle:high])):
                low = middle
            else:
                low, high = 0, KEPT
        body = _with(body, names, entries[low:high])
        cuts.append(Cut("".join(map(step, names)), low))
    return body, cuts


def moved(pointer: str, cuts: list[Cut]) -> str:
    """Where a place of a shortened body is in the whole one."""
    for cut in cuts:
        index, slash, rest = pointer.removeprefix(f"{cut.pointer}/").partition("/")
        if pointer.startswith(f"{cut.pointer}/") and index.isdecimal():
            return f"{cut.pointer}/{int(index) + cut.first}{slash}{rest}"
    return pointer


def _long_lists(
    value: dict[str, Any], names: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], list[Any]]]:
    for name, member in value.items():
        if is_list(member) and len(member) > LONG:
            yield (*names, name), member
        elif is_object(member) and len(names) < KEPT:
            yield from _long_lists(member, (*names, name))


def _with(body: dict[str, Any], names: tuple[str, ...], entries: list[Any]) -> dict[str, Any]:
    name, *rest = names
    inner = _with(body[name], tuple(rest), entries) if rest else entries
    return {**body, name: inner}
