"""How many may act, so that the lists of a server have room for all that they make."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.model.limits import bound_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omnisession_conformance.roles.server.steps.any_kind import AnyKind

SPARE = 4
"""Entries that the same case makes beside, in a list that everybody shares."""


@dataclass(frozen=True, slots=True)
class Size:
    """So many sessions of each of so many users, and so many actions of each session in a round."""

    users: int
    each: int
    at_a_time: int = 3

    def smaller(self, *, shared: bool) -> Size | None:
        """The next smaller one: one action of a session comes before what is done, and one behind it."""
        if self.at_a_time > 2:
            return replace(self, at_a_time=self.at_a_time - 1)
        if self.each > 2:
            return replace(self, each=self.each - 1)
        if shared and self.users > 2:
            return replace(self, users=self.users - 1)
        if self.each > 1:
            return replace(self, each=1)
        return replace(self, users=1) if shared and self.users > 1 else None

    def entries(self, rounds: int, *, shared: bool) -> int:
        """How many entries of one list they make."""
        return (self.users if shared else 1) * self.each * self.at_a_time * rounds


def size_for(kind: AnyKind, limits: Mapping[str, Any], users: int, each: int, rounds: int) -> Size:
    """The largest size for which a list has room, else the smallest that there is."""
    size, shared = Size(users, each), kind.everybody
    bound = None if kind.list is None else bound_of(kind.name, kind.list, limits)
    if bound is None:
        return size
    room = bound - SPARE if shared else bound
    while size.entries(rounds, shared=shared) > room:
        less = size.smaller(shared=shared)
        if less is None:
            break
        size = less
    return size
