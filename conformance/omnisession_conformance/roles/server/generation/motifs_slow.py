"""Motifs that take their time: what a server remembers for long, and what it tells by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from omnisession_conformance.roles.server.generation import steps as s
from omnisession_conformance.roles.server.generation.deeds import Do, put, small, someones

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omnisession_conformance.roles.server.generation.hand import Hand

COALESCING = (("coalesce_ms", 400), ("gap_ms", 40))
MANY, REFUSED, AWAY_MS = (100, 130), (20, 40), 2_100


def remembered(hand: Hand) -> Iterator[s.Step]:
    """Copies of what was done, and refused, many actions ago."""
    if (drawn := someones(hand)) is None:
        return
    session, found = drawn
    yield from found.before
    done = put(hand, session, found.do)
    unlisted = put(hand, session, Do(s.UNLISTED), unsaid=True)
    yield from (done, unlisted, put(hand, session, found.undo))
    type_, counts = hand.rng.choice((("session.noop", MANY), (s.UNLISTED, REFUSED)))
    yield s.Burst(hand.sketch.label("b"), session.name, type_, hand.rng.randint(*counts))
    where = hand.mate(session) or session
    for one in (done, unlisted):
        yield s.Copy(one.name, session.name, s.SAME)
        yield s.Copy(one.name, where.name, s.NEXT)
    yield s.Look()


def comes_back(hand: Hand) -> Iterator[s.Step]:
    """All sessions of a user end, and another one brings copies of what was sent in them."""
    if (drawn := someones(hand)) is None:
        return
    session, found = drawn
    yield from found.before
    done = put(hand, session, found.do)
    unlisted = put(hand, session, Do(s.UNLISTED), unsaid=True)
    yield from (done, unlisted, put(hand, session, found.undo))
    for one in [one for one in hand.sketch.live() if one.user == session.user and not one.short]:
        one.live = False
        yield s.Close(one.name)
    if hand.rng.random() < 0.5:
        yield s.Rest(AWAY_MS)
    opened = hand.open(session.user, everything=True)
    yield opened
    for one in (done, unlisted, *found.before[:1]):
        yield s.Copy(one.name, opened.name, s.NEXT)
    yield s.Look()


def by_itself(hand: Hand) -> Iterator[s.Step]:
    """What others change is told in time to a session that asks for nothing, once and once more."""
    session = hand.actor()
    if session is None:
        return
    opened = hand.open(
        hand.rng.randrange(len(hand.sketch.roles)), everything=True, timers=COALESCING
    )
    watching = hand.sketch.named(opened.name)
    yield replace(opened, features=())
    yield s.Look()
    if hand.rng.random() < 0.3:
        yield s.Reopen(watching.name, watching.kinds)
        yield s.Look()
    for _ in range(2):
        for _ in range(hand.rng.randint(1, 2)):
            yield put(hand, session, small(hand))
        yield s.Hush()
    watching.live = False
    yield s.Close(watching.name)


def types_again(hand: Hand) -> Iterator[s.Step]:
    """Who types for a short while, and says so again, types for as long as that says."""
    session = hand.actor()
    if session is None or "chat" not in session.kinds:
        return
    short = (("active", "true"), ("ttl_ms", "ms 300"))
    yield put(hand, session, Do("chat.typing", give=short))
    yield put(hand, session, Do("chat.typing", give=(("active", "true"),)))
    yield s.Rest(600)
    yield s.Look()


SLOW = (remembered, comes_back, by_itself, types_again)
