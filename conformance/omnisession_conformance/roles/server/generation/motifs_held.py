"""Motifs of actions that are held ahead of the count, whatever happens until their turn."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from omnisession_conformance.roles.server.generation import steps as s
from omnisession_conformance.roles.server.generation.deeds import Do, deed, made, put, small

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omnisession_conformance.roles.server.generation.hand import Hand
    from omnisession_conformance.roles.server.generation.sketch import SessionS

PATIENT = (("gap_ms", 250),)
"""The longest that a server may be asked to hold an action that is ahead of the count."""


def held(hand: Hand) -> Iterator[s.Step]:
    """Actions wait for the first of them, twice or beside others, while something else is done."""
    opened = hand.open(hand.rng.choice(hand.writers()), everything=True, timers=PATIENT)
    session = hand.sketch.named(opened.name)
    yield opened
    found = deed(hand, session)
    before = (put(hand, session, Do("session.noop")), *(found.before if found else ()))
    yield from before
    do, undo = (found.do, found.undo) if found else (Do("session.noop"),) * 2
    first = s.Copy(before[0].name, session.name, s.NEXT)
    count = hand.rng.randint(2, 4)
    dos = (small(hand), do, undo, small(hand))[:count]
    row: list[s.Act | s.Copy] = [put(hand, session, one) for one in dos]
    if hand.rng.random() < 0.2:
        row[0] = first
    order = list(range(1, count))
    hand.rng.shuffle(order)
    again = hand.rng.choice((-1, 1, count - 1))
    rivals = tuple(put(hand, session, small(hand)) for _ in range(hand.rng.choice((0, 0, 1, 2))))
    yield s.Row(tuple(row), (*order, 0), again, rivals, tuple(_between(hand, session)))
    yield s.Look()
    yield from over(hand, session)


def _between(
    hand: Hand, session: SessionS
) -> Iterator[s.Act | s.Sync | s.Resume | s.Reopen | s.Close]:
    """A request of the session, or something that another one does."""
    roll = hand.rng.random()
    others = [one for one in hand.sketch.live() if one is not session]
    if roll < 0.15:
        yield s.Sync(session.name)
    elif roll < 0.3:
        yield s.Reopen(session.name, session.kinds)
    elif roll < 0.4:
        yield s.Resume(session.name, hand.rng.choice(("start", "head")))
    elif roll < 0.5:
        session.live = False
        yield s.Close(session.name)
    elif roll < 0.7 and others:
        yield put(hand, hand.rng.choice(others), small(hand))


def late(hand: Hand) -> Iterator[s.Step]:
    """What is held is refused in its time with the number that is next by then, and taken later."""
    session = hand.actor()
    if session is None:
        return
    acts = tuple(put(hand, session, small(hand)) for _ in range(4))
    yield s.Row(acts, (3, 0), hand.rng.choice((-1, 3)))
    yield s.Look()


def may_by_then(hand: Hand) -> Iterator[s.Step]:
    """What is held names what its user may not read until its turn."""
    writer = hand.actor()
    if writer is None:
        return
    users = [user for user in range(len(hand.sketch.roles)) if user != writer.user]
    opened = hand.open(hand.rng.choice(users), everything=True, timers=PATIENT)
    reader = hand.sketch.named(opened.name)
    yield opened
    draft = made(hand, writer, "article.create")
    yield draft
    select = put(hand, reader, Do("article.select", draft.name))
    publish = put(hand, writer, Do("article.publish", draft.name))
    yield s.Row((put(hand, reader, Do("session.noop")), select), (1, 0), between=(publish,))
    yield s.Look()
    yield from over(hand, reader)


def same_ids(hand: Hand) -> Iterator[s.Step]:
    """Two users have sessions of one id, and what is held in one waits for nothing in the other."""
    users = hand.rng.sample(range(len(hand.sketch.roles)), 2)
    opened = [hand.open(user, everything=True, timers=PATIENT) for user in users]
    one, other = (hand.sketch.named(each.name) for each in opened)
    yield opened[0]
    yield replace(opened[1], same=one.name, alike=False)
    for each in (one, other):
        yield put(hand, each, Do("session.noop"))
    acts = tuple(put(hand, one, small(hand)) for _ in range(2))
    between = tuple(put(hand, other, small(hand)) for _ in range(hand.rng.randint(1, 3)))
    yield s.Row(acts, (1, 0), between=between)
    found = deed(hand, one, "article.edit") or deed(hand, one)
    if found is not None:
        yield from (*found.before, put(hand, one, found.do))
    yield s.Look()
    yield from over(hand, other)
    yield s.Look()
    yield from over(hand, one)


def over(hand: Hand, session: SessionS) -> Iterator[s.Step]:
    """A session that was opened for a motif mostly ends with it, so that others find room."""
    if session.live and hand.rng.random() < 0.8:
        session.live = False
        yield s.Close(session.name)
