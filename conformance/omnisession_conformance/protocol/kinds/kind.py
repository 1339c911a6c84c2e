"""What the protocol says of a kind, declared once: everything that model and rules know of it.

To add a kind: a module beside `url.py`, a line in `__init__.py`, and cases and rules of its own. What
a declaration lacks, or has wrong, raises ValueError at import.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from omnisession_conformance.protocol.kinds.parts import Entity, Entry, ListOf, One, Slice

Reducer = Callable[[Slice, Entry, Mapping[str, Any]], Slice]
"""Takes the slice of its kind, an event's `data` and the advertised limits; returns the slice after it.

The same object where the event changes nothing, as with an id that is not there, or data that no right
server sends. Applying an event twice equals applying it once.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A type of event: how it changes the slice, and what is in its data.

    `entity` is what `data` hold in the member `within`, "" where they are the entity themselves;
    `about` is the sort of thing that it is about, and the member of the entity that names it, None
    where there is none. `once` says that the same entity in another session is the same change;
    `made_at` is the time of something that the change made, None where it made nothing.
    `readers_differ` says that one change may be another type of event, or none, to somebody else;
    `nobody` that no action causes it, since only opens and ends of sessions do.
    """

    type: str
    reduce: Reducer
    within: str
    entity: Entity
    about: tuple[str, str] | None
    once: bool
    made_at: str | None
    readers_differ: bool = False
    nobody: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A type of action: the events that it may cause in sessions of its user, of whatever kind.

    `creates` says that the `result` of its ack names what it made; `always` that an ack of it proves
    an effect. `echoes` are members of its data that its event repeats; `reveals` are events that it
    brings to those who may read now what they could not before.
    """

    type: str
    causes: tuple[str, ...]
    creates: bool
    always: bool
    echoes: tuple[str, ...] = ()
    reveals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Leftover:
    """How a case removes what it made: by which action.

    `seen_after` is the action after which others see it, whose lists it makes longer, be it the one
    that makes it; None where nobody else ever does, so that it is removed only from a server that is
    not the kit's own.
    """

    delete: str
    seen_after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Abilities:
    """The actions by which a case that needs no certain kind works with this one.

    `makes` changes what its user is shown and needs nothing that is there before; `alters` changes the
    same thing again. `shares` are those that it takes until another user is told of it, in their order;
    empty where nobody else ever is.
    """

    makes: str
    alters: str
    shares: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of slices.

    `prefix` begins the types of its events and actions; `disturbs` is its rank by how much sessions
    of others disturb it, least first; `members` are those of its slice beside `type`; `id_member`
    names in actions and results what they are about, None where that is the acting user alone;
    `leftover` is None where cases leave nothing behind; `abilities` are what cases of any
    kind use, None for one that nobody can write.
    """

    name: str
    prefix: str
    disturbs: int
    members: tuple[One | ListOf, ...]
    events: tuple[Event, ...]
    actions: tuple[Action, ...]
    id_member: str | None
    leftover: Leftover | None
    abilities: Abilities | None

    def __post_init__(self) -> None:
        for fault in self._faults():
            raise ValueError(f"kind {self.name}: {fault}")

    @property
    def lists(self) -> tuple[ListOf, ...]:
        """The lists of its slice."""
        return tuple(member for member in self.members if isinstance(member, ListOf))

    @property
    def ones(self) -> tuple[One, ...]:
        """The members of its slice that are null where there is nothing."""
        return tuple(member for member in self.members if isinstance(member, One))

    def empty(self) -> Slice:
        """The slice before its first state."""
        lists = {member.name: isinstance(member, ListOf) for member in self.members}
        return {"type": self.name, **{n: [] if listed else None for n, listed in lists.items()}}

    def _faults(self) -> list[str]:
        types = [one.type for one in (*self.events, *self.actions)]
        faults = [f"{t} is not of {self.prefix}" for t in types if t.split(".")[0] != self.prefix]
        actions = {action.type for action in self.actions}
        if self.id_member is None and (self.leftover or any(a.creates for a in self.actions)):
            faults.append("what its actions make has no id_member")
        if self.leftover is not None and not {
            self.leftover.delete,
            self.leftover.seen_after or self.leftover.delete,
        } <= {*actions}:
            faults.append("leftover names an action that it does not have")
        able = self.abilities
        if able is not None and not {able.makes, able.alters, *able.shares} <= actions:
            faults.append("abilities name an action that it does not have")
        for event in self.events:
            named = {event.about[1]} if event.about else set[str]()
            made = {event.made_at} if event.made_at else set[str]()
            if not named <= {*event.entity.members} or not made <= {*event.entity.times}:
                faults.append(f"{event.type} names a member that its entity does not have")
        return faults
