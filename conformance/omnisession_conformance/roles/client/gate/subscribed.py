"""Which subscriptions were in force when a client said something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.environment.proxy.operations import Sub, Unsub
from omnisession_conformance.environment.proxy.subscriptions import covers
from omnisession_conformance.roles.client.gate.seen import Ended

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from omnisession_conformance.roles.client.gate.seen import RoundTrip, Seen


def subscriptions_at(seen: Sequence[Seen], at: int) -> dict[tuple[int, bytes], int]:
    """Where the subscriptions began that stand at a place, by their connections and ids."""
    found: dict[tuple[int, bytes], int] = {}
    for index, one in enumerate(seen[:at]):
        if isinstance(one.op, Sub):
            found.setdefault((one.link, one.op.sid), index)
        elif isinstance(one.op, Unsub) and one.op.most is None:
            found.pop((one.link, one.op.sid), None)
        elif isinstance(one.op, Ended):
            found = {key: begun for key, begun in found.items() if key[0] != one.link}
    return found


def not_in_force(
    seen: Sequence[Seen], round_trips: Iterable[RoundTrip], at: int, subjects: Iterable[bytes]
) -> list[bytes]:
    """Those of some subjects that a client surely hears nothing of when it says what stands at a place.

    A broker reads a connection in order: a SUB is in force for all that is said behind it there. For what
    is said on another connection it is so once the broker has answered a PING behind the SUB.
    """
    link, trips = seen[at].link, list(round_trips)
    ready: list[bytes] = []
    for (on, _), begun in subscriptions_at(seen, at).items():
        flushed = any(
            trip.link == on and trip.asked_at > begun and trip.answered_at <= at for trip in trips
        )
        if on == link or flushed:
            ready.append(_pattern(seen[begun]))
    return [
        subject for subject in subjects if not any(covers(pattern, subject) for pattern in ready)
    ]


def _pattern(one: Seen) -> bytes:
    return one.op.subject if isinstance(one.op, Sub) else b""
