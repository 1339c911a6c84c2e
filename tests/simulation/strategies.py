"""Schedules for hypothesis: what it draws is made of the same steps, and gets shorter where it fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st
from tests.simulation.doings import types_for
from tests.simulation.generate import KINDS, LANES, SERVERS
from tests.simulation.schedule import Actor, Schedule, Step

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

PAUSES = st.sampled_from((0, 1, 5, 20, 60, 200, 800, 3_000))
WHO = st.integers(0, 2)


@st.composite
def actors(draw: DrawFn, user: str) -> Actor:
    """A client."""
    kinds = draw(st.sampled_from((KINDS, ("chat",), ("articles", "user"), ("url",))))
    features = draw(st.sampled_from((("events", "digests"), ("events",), ("digests",), ())))
    return Actor(user, draw(st.sampled_from(("optimistic", "hybrid", "pure"))), kinds, features)


@st.composite
def spoiled(draw: DrawFn) -> Step:
    """Something becomes of the next messages."""
    way = draw(st.sampled_from(("up", "down")))
    return Step(
        draw(PAUSES),
        draw(st.sampled_from(("lose", "repeat", "delay"))),
        draw(WHO),
        way=way,
        lane=draw(st.sampled_from(LANES[way])),
        ms=draw(st.sampled_from((0, 30, 700, 5_000))),
        count=draw(st.integers(1, 4)),
    )


@st.composite
def cuts(draw: DrawFn) -> Step:
    """A client loses its connection."""
    return Step(
        draw(PAUSES),
        "cut",
        draw(WHO),
        way=draw(st.sampled_from(("", "up", "down"))),
        ms=draw(st.sampled_from((1, 50, 1_000, 6_000, 24_000))),
        count=draw(st.integers(0, 1)),
        pick=draw(st.sampled_from((0, 40, 2_000, 100_000))),
    )


@st.composite
def restarts(draw: DrawFn) -> Step:
    """The server is started again, or loses its connection."""
    ms = draw(st.sampled_from((1, 400, 5_000)))
    if draw(st.booleans()):
        return Step(draw(PAUSES), "cut_server", ms=ms)
    what, way = draw(st.sampled_from(("store", "nothing"))), draw(st.sampled_from(("", "planned")))
    return Step(draw(PAUSES), "restart", what=what, way=way, ms=ms)


@st.composite
def acts(draw: DrawFn) -> Step:
    """A user does something."""
    what = draw(st.sampled_from(types_for(KINDS)))
    return Step(draw(PAUSES), "act", draw(WHO), what, pick=draw(st.integers(0, 99)))


@st.composite
def schedules(draw: DrawFn) -> Schedule:
    """A whole schedule."""
    users = draw(st.sampled_from((("ann", "bob"), ("ann", "ann", "bob"))))
    steps = st.lists(st.one_of(acts(), acts(), spoiled(), cuts(), restarts()), max_size=16)
    return Schedule(
        draw(st.integers(0, 99)),
        tuple(draw(actors(user)) for user in users),
        tuple(draw(steps)),
        draw(st.booleans()),
        draw(st.sampled_from(("", *SERVERS))),
    )
