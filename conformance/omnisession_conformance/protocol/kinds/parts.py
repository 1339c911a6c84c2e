"""What the slice of a kind is made of: entities, lists of them, and how a list is changed.

Nothing here changes a value that it was given. What changes nothing is returned as it is, so that who
asks for a difference may compare objects.
"""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.json import as_text, is_object
from omnisession_conformance.protocol.limits import limit_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Slice = dict[str, Any]
"""The `data` of a state; treated as frozen, whatever Python allows."""
Entry = dict[str, Any]
Part = int | str
Key = tuple[Part, ...]
"""What a list is sorted by, ascending; strings compare by code point, as Python's do."""


@dataclass(frozen=True, slots=True)
class Entity:
    """An object of the protocol: the members that it names, which of them tell two apart, and times."""

    members: tuple[str, ...]
    id: tuple[str, ...]
    times: tuple[str, ...] = ()


def plain(*members: str) -> Entity:
    """The data of an event that holds no entity: all its members, each as it stands."""
    return Entity(members, members)


@dataclass(frozen=True, slots=True)
class One:
    """A member of a slice that is one entity, or null for none."""

    name: str
    entity: Entity

    @property
    def members(self) -> tuple[str, ...]:
        """The members that the protocol names."""
        return self.entity.members


@dataclass(frozen=True, slots=True)
class ListOf:
    """A member of a slice that is a list of entities, or of strings where `entity` is None.

    `key` gives what it is sorted by, None where no member tells the order; `limit` is the member of
    `opened.limits` that bounds it, None where nothing does.
    """

    name: str
    entity: Entity | None
    key: Callable[[Any], Key] | None
    limit: str | None

    @property
    def members(self) -> tuple[str, ...]:
        """The members of its entries that the protocol names, none for strings."""
        return self.entity.members if self.entity is not None else ()

    @property
    def times(self) -> tuple[str, ...]:
        """The members of its entries that are times."""
        return self.entity.times if self.entity is not None else ()

    def bound(self, limits: Mapping[str, Any]) -> int | None:
        """Return how many entries it may hold, or None where no limit bounds it."""
        return None if self.limit is None else limit_of(limits, self.limit)

    def cut(self, entries: list[Any], limits: Mapping[str, Any]) -> list[Any]:
        """Return entries cut at their end to the bound; the list itself where it is within."""
        bound = self.bound(limits)
        return entries if bound is None or len(entries) <= bound else entries[:bound]

    def told(self, slice_: Slice, entries: list[Any], limits: Mapping[str, Any]) -> Slice:
        """Return a slice with these entries, cut to the bound."""
        if entries is slice_[self.name]:
            return slice_
        return {**slice_, self.name: self.cut(entries, limits)}

    def put(
        self, slice_: Slice, entry: Entry, limits: Mapping[str, Any], by: tuple[str, ...] = ()
    ) -> Slice:
        """Return a slice with an entry at its sorted place, instead of the one of the same ids.

        `by` names the ids where they are fewer than those of the entity. ValueError for a list that
        has no order, or of strings.
        """
        if self.entity is None or self.key is None:
            raise ValueError(f"{self.name} is no sorted list of entities")
        entries = slice_[self.name]
        after = _without(entries, {name: entry[name] for name in by or self.entity.id})
        after = list(entries) if after is entries else after
        insort(after, entry, key=self.key)
        return self.told(slice_, after, limits)

    def drop(self, slice_: Slice, limits: Mapping[str, Any], **ids: Any) -> Slice:
        """Return a slice without the entries that have these members."""
        return self.told(slice_, _without(slice_[self.name], ids), limits)


def _without(entries: list[Entry], ids: dict[str, Any]) -> list[Entry]:
    """Return the list without the entries of these ids; the list itself where it has none."""
    (name, value), *rest = ids.items()
    if rest:
        kept = [e for e in entries if any(e.get(n) != v for n, v in ids.items())]
    else:
        kept = [e for e in entries if e.get(name) != value]
    return entries if len(kept) == len(entries) else kept


def entry_in(data: Entry, name: str, *ids: str) -> Entry | None:
    """Return the entity in an event's data ("" for the data themselves).

    None where it is no object or lacks one of the strings that name it, as no right server sends it.
    """
    value: Any = data.get(name) if name else data
    if not is_object(value):
        return None
    return value if all(isinstance(value.get(id_), str) for id_ in ids) else None


def string_key(value: Any) -> Key:
    """Order plain strings."""
    return (as_text(value),)
