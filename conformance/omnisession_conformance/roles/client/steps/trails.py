"""What a drawn stream says, in which order it comes, which of it never does, and which twice."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from omnisession_conformance.protocol.model.reducers import reduce_event
from omnisession_conformance.protocol.model.slices import kind_of_event

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    from omnisession_conformance.protocol.kinds.parts import Slice
    from omnisession_conformance.roles.client.puppet.served import Served
    from omnisession_conformance.roles.client.steps.reducers import Told

TRIES = 8
T = TypeVar("T")
LOST, TWICE = 0.1, 0.3
WINDOW = 6
"""So many places one may be late."""


def trail(said: Sequence[T], rng: Random) -> list[T]:
    """What comes of a stream: some is lost, some comes twice, and some late."""
    come = [place for place in range(len(said)) if rng.random() >= LOST]
    come += [place for place in range(len(said)) if rng.random() < TWICE]
    late = [(place + rng.uniform(0, WINDOW), place) for place in come]
    return [said[place] for _, place in sorted(late)]


def drawn(
    rng: Random,
    pool: Sequence[Told],
    served: Served,
    last: Told | None,
    can_be_said: Callable[[Slice], bool],
) -> Told:
    """The next event: one behind which the last would show if it came again, where chance finds one.

    A slice that it leads to can be said by a state: whoever recovers by states is told it. Raises
    ValueError where no event of the pool leads to one.
    """
    shuffled = rng.sample(pool, len(pool))
    fitting = (one for one in shuffled if can_be_said(_after(served, one)))
    found = list(islice(fitting, TRIES))
    if not found:
        raise ValueError("No event leads to a slice that a state can say.")
    again = (one for one in found if last is not None and _shows_again(served, one, last))
    return next(again, found[0])


def _after(served: Served, one: Told) -> Slice:
    kind = kind_of_event(one.type)
    if kind is None:
        return {}
    return reduce_event(served.slices[kind], one.type, one.data, served.limits)


def _shows_again(served: Served, one: Told, last: Told) -> bool:
    kind = kind_of_event(last.type)
    if kind is None or kind != kind_of_event(one.type):
        return False
    after = _after(served, one)
    return reduce_event(after, last.type, last.data, served.limits) != after
