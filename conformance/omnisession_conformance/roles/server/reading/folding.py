"""The fold of sessions with events, as a right client would hold it.

Folding costs more than anything else that the rules do, so events are folded only where something is
compared with the fold: at a state, or at a heartbeat with digests.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.json import is_list
from omnisession_conformance.protocol.kinds.tables import BY_NAME
from omnisession_conformance.protocol.model.compare import Difference, first_difference
from omnisession_conformance.protocol.model.fold import readable
from omnisession_conformance.protocol.model.limits import BOUNDS, bound_of
from omnisession_conformance.protocol.model.order import ORDERS
from omnisession_conformance.protocol.model.reducers import reduce_event

if TYPE_CHECKING:
    from omnisession_conformance.protocol.kinds.parts import Slice
    from omnisession_conformance.roles.server.reading.lifetimes import Head, Lifetime, Step

NOTHING: frozenset[str] = frozenset()
MOST_ENTRIES = 2_000
"""Lists that grow longer are folded no further: each event would cost a look at all of it, and what a
target tells of its limits may be any number. The kit itself never makes lists of a tenth of that."""


@dataclass(slots=True)
class Held:
    """What the fold holds of one kind.

    `base` is the state that it began with; `refillable` are lists that were full at some time, so
    that a later state may show entries again which were cut away.
    """

    base: Step
    lifetime: Lifetime
    slice_: Slice
    refillable: frozenset[str]
    folded: int = 0
    known: bool = True
    """Whether all of it was short enough to be folded."""
    _waiting: list[Step] = field(default_factory=list["Step"])

    def take(self, event: Step) -> None:
        """Note an event, to be folded when it is needed."""
        if self.known:
            self._waiting.append(event)

    @property
    def events(self) -> int:
        """How many events came since the base."""
        return self.folded + len(self._waiting)

    def fold(self) -> Slice:
        """Fold what is waiting and return the slice."""
        kind = self.base.kind or ""
        for event in self._waiting:
            payload = event.data
            after = reduce_event(self.slice_, event.record.type, payload, self.lifetime.limits)
            if after is not self.slice_:
                self.slice_ = after
                self.refillable |= full_lists(kind, after, self.lifetime)
                if _is_long(after):
                    self.known = False
                    break
        self.folded += len(self._waiting)
        self._waiting.clear()
        return self.slice_


@dataclass(slots=True)
class Walk:
    """The fold of one session, moved on message by message."""

    lifetime: Lifetime
    head: Head = (0, 0)
    held: dict[str, Held] = field(default_factory=dict[str, Held])

    def take(self, step: Step) -> Held | None:
        """Take the next message; return what was held of its kind before, if that is known."""
        if step.head <= self.head:
            # A client drops what is old.
            return None
        if step.head != (self.head[0], self.head[1] + 1):
            # What a gap hid is known again from the next state on; an epoch starts over anyway.
            self.held.clear()
        self.head = step.head
        kind = step.kind
        if kind is None or kind not in BY_NAME:
            return None
        before = self.held.get(kind)
        if step.is_state:
            self._state(step, kind, before)
        elif before is not None:
            before.take(step)
        return before

    def _state(self, step: Step, kind: str, before: Held | None) -> None:
        slice_ = readable(kind, step.data)
        full = full_lists(kind, slice_, self.lifetime)
        if before is not None and not may_refill(step):
            before.fold()
            full |= before.refillable
        self.held[kind] = Held(step, self.lifetime, slice_, full, known=not _is_long(slice_))


def _is_long(slice_: Slice) -> bool:
    return any(is_list(value) and len(value) > MOST_ENTRIES for value in slice_.values())


def full_lists(kind: str, slice_: Slice, lifetime: Lifetime) -> frozenset[str]:
    """Return the lists of a slice that are as long as their limit allows."""
    full: list[str] = []
    for name in BOUNDS[kind]:
        bound = bound_of(kind, name, lifetime.limits)
        if bound is not None and len(slice_[name]) >= bound:
            full.append(name)
    return frozenset(full) if full else NOTHING


def may_refill(step: Step) -> bool:
    """Whether a state is of a kind that may show lists filled up again which were cut."""
    return step.body.get("reason") in ("open", "sync", "takeover")


# -- the law -----------------------------------------------------------------------------------------


def difference(held: Held, state: Step) -> Difference | None:
    """Return where a state is not the fold of what came before it, or None where it is."""
    expected, kind = held.fold(), held.base.kind or ""
    seen = state.data
    if not held.known:
        return None
    found = first_difference(kind, expected, seen)
    if found is None or not held.refillable or not may_refill(state):
        return found
    told = readable(kind, seen)
    refilled = {
        name: told[name]
        for name in held.refillable
        if _is_refill(kind, name, expected[name], told[name], held.lifetime)
    }
    return first_difference(kind, {**expected, **refilled}, seen)


def _is_refill(kind: str, name: str, held: list[Any], told: list[Any], lifetime: Lifetime) -> bool:
    """Whether a list shows what the fold holds and entries that had been cut away.

    An entry may be missing only where it fell off the end of a list that is full again.
    """
    bound = bound_of(kind, name, lifetime.limits)
    if bound is None or len(told) > bound:
        return False
    key = ORDERS[kind].get(name)
    if key is None:
        # Chat messages: what comes back is older than all that is held.
        return _same(kind, name, held, told[: len(held)])
    by_key = {key(entry): entry for entry in told}
    for entry in held:
        place = key(entry)
        if place in by_key:
            if not _same(kind, name, [entry], [by_key[place]]):
                return False
        elif len(told) < bound or not told or place < key(told[-1]):
            return False
    return True


def _same(kind: str, name: str, held: list[Any], told: list[Any]) -> bool:
    return first_difference(kind, {name: held}, {name: told}) is None
