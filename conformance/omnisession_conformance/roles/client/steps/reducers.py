"""What becomes of a slice by one message after the other, as the vectors of the protocol have it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.kinds.tables import BY_NAME
from omnisession_conformance.protocol.limits import DEFAULT_LIMITS
from omnisession_conformance.protocol.schemas.location import schemas_folder
from omnisession_conformance.roles.client.steps.fillers import filled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omnisession_conformance.protocol.json import Object
    from omnisession_conformance.protocol.kinds.parts import Slice

STATE = "session.state"
MAY_BE_NULL = {
    "article.updated": ("article", "published_at"),
    "chat.message_edited": ("message", "edited_at"),
}
"""By event the entry that it carries, and a member of that which may lose its value."""


@dataclass(frozen=True, slots=True)
class Told:
    """A message of a vector: what it shows in a few words, its type, and its data."""

    shows: str
    type: str
    data: Object


@dataclass(frozen=True, slots=True)
class Vector:
    """The slice that is held first, and the messages after it, under some limits."""

    name: str
    kind: str
    limits: Mapping[str, int]
    slice: Slice
    steps: tuple[Told, ...]


@cache
def vectors_of(kind: str) -> tuple[Vector, ...]:
    """The vectors of a kind, in the order of their names; messages of other kinds are left out."""
    folder = schemas_folder() / "vectors" / "reducers" / kind
    found = ((path.stem, json.loads(path.read_text("utf-8"))) for path in folder.glob("*.json"))
    return tuple(_vector(name, kind, vector) for name, vector in sorted(found))


def emptied(told: Told) -> Told | None:
    """The same event with null in place of a member that has a value; None where it has no such member."""
    name, member = MAY_BE_NULL.get(told.type, ("", ""))
    entry = told.data.get(name, {})
    if entry.get(member) is None:
        return None
    data = {**told.data, name: {**entry, member: None}}
    return Told(f"{told.shows}, then without {member}", told.type, data)


def events_of(kind: str) -> tuple[Told, ...]:
    """All events of the vectors of a kind, in their order."""
    return tuple(one for vector in vectors_of(kind) for one in vector.steps if one.type != STATE)


def _vector(name: str, kind: str, vector: Mapping[str, Any]) -> Vector:
    limits = {**DEFAULT_LIMITS, **vector.get("limits", {})}
    known = {event.type for event in BY_NAME[kind].events}
    steps = (Told(one["shows"], one["type"], one["data"]) for one in vector["steps"])
    own = (
        one
        for one in steps
        if one.type in known or (one.type == STATE and one.data["type"] == kind)
    )
    slice_, told = filled(kind, vector["slice"], limits)
    return Vector(name, kind, told, slice_, tuple(own))
