"""Ordered lists of entries, which are never changed in place.

A name, key or time that is not of its type raises TypeError or KeyError: such an entry cannot be used.
"""

from bisect import insort
from collections.abc import Callable, Hashable
from typing import Any, cast

from omnisession_reference.wire import JsonObject

Key = Callable[[JsonObject], Hashable]
Order = Callable[[JsonObject], Any]


def upsert(
    entries: list[JsonObject], entry: JsonObject, key: Key, order: Order, limit: int | None
) -> list[JsonObject]:
    """Put an entry at its sorted place, instead of the one with its key; cut the list at its end."""
    rest = without(entries, key, key(entry))
    insort(rest, entry, key=order)
    return rest[:limit]


def without(entries: list[JsonObject], key: Key, gone: Hashable) -> list[JsonObject]:
    """Leave out the entry with a key, if any."""
    return [entry for entry in entries if key(entry) != gone]


def replaced(entries: list[JsonObject], key: Key, entry: JsonObject) -> list[JsonObject]:
    """Put an entry where the one with its key stands."""
    return [entry if key(old) == key(entry) else old for old in entries]


def text(entry: JsonObject, name: str) -> str:
    """A string of an entry; Python compares strings by code point, as the protocol does."""
    value = entry[name]
    if not isinstance(value, str):
        raise TypeError
    return value


def whole(entry: JsonObject, name: str) -> int:
    """An integer of an entry."""
    value = entry[name]
    if type(value) is not int:
        raise TypeError
    return value


def entity(value: Any) -> JsonObject:
    """An object."""
    if not isinstance(value, dict):
        raise TypeError
    return cast("JsonObject", value)


def entries(value: Any, order: Order) -> list[JsonObject]:
    """A list of objects, each of which has what it is sorted by."""
    if not isinstance(value, list):
        raise TypeError
    found = [entity(item) for item in cast("list[Any]", value)]
    for entry in found:
        order(entry)
    return found


def texts(value: Any) -> list[str]:
    """A list of strings."""
    if not isinstance(value, list):
        raise TypeError
    found = cast("list[Any]", value)
    if not all(isinstance(item, str) for item in found):
        raise TypeError
    return cast("list[str]", found)
