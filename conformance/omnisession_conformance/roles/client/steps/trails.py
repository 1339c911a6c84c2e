"""What a drawn stream says, in which order it comes, which of it never does, and which twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from omnisession_conformance.protocol.model.reducers import reduce_event
from omnisession_conformance.protocol.model.slices import kind_of_event

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

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


def drawn(rng: Random, pool: Sequence[Told], served: Served, last: Told | None) -> Told:
    """The next event: one behind which the last would show if it came again, where chance finds one."""
    for _ in range(TRIES if last is not None else 0):
        one = rng.choice(pool)
        if last is not None and _shows_again(served, one, last):
            return one
    return rng.choice(pool)


def _shows_again(served: Served, one: Told, last: Told) -> bool:
    kind = kind_of_event(last.type)
    if kind is None or kind != kind_of_event(one.type):
        return False
    after = reduce_event(served.slices[kind], one.type, one.data, served.limits)
    return reduce_event(after, last.type, last.data, served.limits) != after
