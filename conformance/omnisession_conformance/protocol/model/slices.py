"""The slices that a client holds, one per kind, and the members that the protocol names in them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.json import member
from omnisession_conformance.protocol.kinds.tables import BY_NAME, KIND_OF_PREFIX

if TYPE_CHECKING:
    from omnisession_conformance.protocol.kinds.parts import Slice

_EMPTY = {name: kind.empty() for name, kind in BY_NAME.items()}
MEMBERS: dict[str, dict[str, tuple[str, ...]]] = {
    name: {part.name: part.members for part in kind.members} for name, kind in BY_NAME.items()
}
"""By kind and member of its slice: the members of the entities there; none for plain strings."""


def empty_slice(kind: str) -> Slice:
    """Return the slice of a kind before its first state; KeyError where the kind is unknown."""
    return dict(_EMPTY[kind])


@lru_cache(maxsize=256)
def kind_of_event(type_: str) -> str | None:
    """Return the kind that an event of a type changes, or None where its prefix is no kind's."""
    return KIND_OF_PREFIX.get(type_.partition(".")[0])


def kind_of_state(data: Any) -> str | None:
    """Return the kind that a state's `data` names, or None where it is none of the protocol's."""
    kind = member(data, "type")
    return kind if isinstance(kind, str) and kind in _EMPTY else None
