"""The fold of every session with events, message by message, as a right client would hold it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omnisession_conformance.model.compare import Difference, first_difference
from omnisession_conformance.model.fold import readable
from omnisession_conformance.model.limits import BOUNDS, bound_of
from omnisession_conformance.model.order import ORDERS
from omnisession_conformance.model.reducers import reduce_event
from omnisession_conformance.model.slices import KINDS, Slice
from omnisession_conformance.rules.lines import lines

if TYPE_CHECKING:
    from omnisession_conformance.rules.lines import Head, Line, Step
    from omnisession_conformance.trace import Trace

NOTHING: frozenset[str] = frozenset()


@dataclass(slots=True)
class Moment:
    """One state or event of a session, with what the fold held before and holds after it.

    `before` is the slice of its kind, None where the fold does not know it: before the first state,
    and from a gap to the next state. `refillable` are lists of it that were full at some time, so
    that a state may show entries again which were cut away. `base` is the state that the fold of this
    kind began with, `events` how many events were folded since.
    """

    step: Step
    before: Slice | None
    after: dict[str, Slice]
    refillable: frozenset[str]
    base: Step | None
    events: int


@dataclass(slots=True)
class _Held:
    """What the fold holds of one kind."""

    slice_: Slice
    base: Step
    events: int
    refillable: frozenset[str]


def moments(trace: Trace) -> list[tuple[Line, list[Moment]]]:
    """The folds of all sessions with events or digests; the others' states stand for themselves."""
    return trace.view(_moments)


def _moments(trace: Trace) -> list[tuple[Line, list[Moment]]]:
    return [
        (line, _fold(line))
        for line in lines(trace)
        if line.opened is not None and (line.has_events or line.has_digests)
    ]


def _fold(line: Line) -> list[Moment]:
    held: dict[str, _Held] = {}
    head: Head = (0, 0)
    found: list[Moment] = []
    for step in line.steps:
        if step.head <= head:
            # A client drops what is old.
            continue
        if step.head != (head[0], head[1] + 1):
            # What a gap hid is known again from the next state on; an epoch starts over anyway.
            held.clear()
        head = step.head
        before = held.get(step.kind) if step.kind is not None else None
        _move(held, step, line)
        after = {kind: part.slice_ for kind, part in held.items()}
        if before is None:
            found.append(Moment(step, None, after, NOTHING, None, 0))
        else:
            found.append(
                Moment(step, before.slice_, after, before.refillable, before.base, before.events)
            )
    return found


def _move(held: dict[str, _Held], step: Step, line: Line) -> None:
    kind = step.kind
    if kind is None or kind not in KINDS:
        return
    if step.is_state:
        slice_ = readable(kind, step.record.payload)
        full = _full_lists(kind, slice_, line)
        if kind in held and not may_refill(step):
            full |= held[kind].refillable
        held[kind] = _Held(slice_, step, 0, full)
    elif kind in held:
        part = held[kind]
        slice_ = reduce_event(part.slice_, step.record.type, step.record.payload, line.limits)
        full = part.refillable
        if slice_ is not part.slice_:
            full |= _full_lists(kind, slice_, line)
        held[kind] = _Held(slice_, part.base, part.events + 1, full)


def _full_lists(kind: str, slice_: Slice, line: Line) -> frozenset[str]:
    full: list[str] = []
    for name in BOUNDS[kind]:
        bound = bound_of(kind, name, line.limits)
        if bound is not None and len(slice_[name]) >= bound:
            full.append(name)
    return frozenset(full) if full else NOTHING


def may_refill(step: Step) -> bool:
    """Whether a state is of a kind that may show lists filled up again which were cut."""
    reason: Any = step.record.body.get("reason") if step.record.body else None
    return reason in ("open", "sync", "takeover")


# -- the law -----------------------------------------------------------------------------------------


def difference(moment: Moment, line: Line) -> Difference | None:
    """Return where a state is not the fold of what came before it, or None where it is."""
    step, expected = moment.step, moment.before
    kind = step.kind
    if kind is None or expected is None:
        return None
    seen = step.record.payload
    found = first_difference(kind, expected, seen)
    if found is None or not moment.refillable or not may_refill(step):
        return found
    told = readable(kind, seen)
    refilled = {
        name: told[name]
        for name in moment.refillable
        if _is_refill(kind, name, expected[name], told[name], line)
    }
    return first_difference(kind, {**expected, **refilled}, seen)


def _is_refill(kind: str, name: str, held: list[Any], told: list[Any], line: Line) -> bool:
    """Whether a list shows what the fold holds and entries that had been cut away.

    An entry may be missing only where it fell off the end of a list that is full again.
    """
    bound = bound_of(kind, name, line.limits)
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
