"""Which subscriptions are in force when a client says something."""

from __future__ import annotations

import pytest

from omnisession_conformance.environment.proxy.operations import Pub, Sub, Unsub
from omnisession_conformance.roles.client.gate.seen import Ended, Op, RoundTrip, Seen
from omnisession_conformance.roles.client.gate.subscribed import not_in_force

STATE, CONTROL = b"session.ann.s-1.state", b"session.ann.s-1.control"


def sub(subject: bytes = b"session.ann.s-1.*", sid: bytes = b"1", link: int = 0) -> Seen:
    return _seen(Sub(b"", subject, b"", sid), link)


def asks(link: int = 0) -> Seen:
    return _seen(Pub(b"", CONTROL, b"", 0, 0), link)


def _seen(op: Op, link: int) -> Seen:
    return Seen(link, 0.0, op)


def unsub(most: int | None = None, link: int = 0) -> Seen:
    return _seen(Unsub(b"", b"1", most), link)


@pytest.mark.parametrize(
    ("said", "unheard"),
    [
        ([sub(), asks()], []),
        ([asks()], [STATE, CONTROL]),
        ([sub(STATE), asks()], [CONTROL]),
        ([sub(STATE), sub(CONTROL, b"2"), asks()], []),
        ([sub(b"session.eve.*.*"), asks()], [STATE, CONTROL]),
        ([sub(b"session.>"), asks()], []),
        ([sub(), unsub(), asks()], [STATE, CONTROL]),
        ([sub(), unsub(most=9), asks()], []),
        ([sub(), unsub(), sub(), asks()], []),
        ([sub(), _seen(Ended(), 0), asks(1)], [STATE, CONTROL]),
        ([sub(), _seen(Ended(), 0), sub(link=1), asks(1)], []),
    ],
)
def test_on_one_connection_a_broker_reads_in_order(said: list[Seen], unheard: list[bytes]) -> None:
    assert not_in_force(said, (), len(said) - 1, (STATE, CONTROL)) == unheard


@pytest.mark.parametrize(
    ("trips", "heard"),
    [
        ([], False),
        ([RoundTrip(0, 1, 1)], True),
        ([RoundTrip(0, 0, 1)], False),  # asked before the SUB
        ([RoundTrip(0, 1, 2)], False),  # answered behind what is said
        ([RoundTrip(1, 1, 1)], False),  # on the other connection
    ],
)
def test_on_another_connection_it_takes_a_round_trip(trips: list[RoundTrip], heard: bool) -> None:
    said = [sub(link=0), asks(link=1)]
    assert (not not_in_force(said, trips, 1, (STATE, CONTROL))) is heard
