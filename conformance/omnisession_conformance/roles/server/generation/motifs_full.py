"""Motifs of lists at their limits: filled, then changed where they are full."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.roles.server.generation import steps as s
from omnisession_conformance.roles.server.generation.deeds import Do, made, put

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from omnisession_conformance.roles.server.generation.hand import Hand
    from omnisession_conformance.roles.server.generation.sketch import SessionS

BESIDE = (0, 2)
"""So many more than fit are made, at least and at most."""
CHANGES = (3, 5)
LOOK = s.Look()
Change = tuple[str, str, str]
"""The types of actions that make, change and delete an entry of a list."""
ENTRIES: dict[str, Change] = {
    "chat_messages": ("chat.send", "chat.edit", "chat.delete"),
    "urls": ("url.create", "url.update", "url.delete"),
}


def full(hand: Hand) -> Iterator[s.Step]:
    """A list is filled to its limit; then something in it, or new, changes it. Later it shows the same."""
    ways: list[tuple[int, Callable[[Hand, SessionS, int], Iterator[s.Step]]]] = []
    for name, limit in hand.offer.short:
        if name in ENTRIES and hand.offer.actions.issuperset(ENTRIES[name]):
            ways.append((limit, _messages if name == "chat_messages" else _urls))
        elif name == "revisions" and "articles" in hand.offer.kinds:
            ways.append((limit, _revisions))
    session = hand.actor()
    if session is None or not ways:
        return
    limit, fill = hand.rng.choice(ways)
    yield from fill(hand, session, limit + hand.rng.randint(*BESIDE))
    opened = hand.open(session.user, everything=True)
    yield opened
    yield LOOK
    hand.sketch.named(opened.name).live = False
    yield s.Close(opened.name)


def _messages(hand: Hand, session: SessionS, count: int) -> Iterator[s.Step]:
    yield from _entries(hand, session, count, "chat_messages")


def _urls(hand: Hand, session: SessionS, count: int) -> Iterator[s.Step]:
    yield from _entries(hand, session, count, "urls")


def _entries(hand: Hand, session: SessionS, count: int, limit: str) -> Iterator[s.Step]:
    """Entries are made; then some change, are deleted or made beside them."""
    make, change, delete = ENTRIES[limit]
    there = [made(hand, session, make) for _ in range(count)]
    yield from there
    if make == "url.create":
        give = (("target_url", hand.giver.fresh()), ("short_code", f"taken {there[0].name}"))
        yield put(hand, session, Do(make, give=give), unsaid=True)
    yield LOOK
    most = dict(hand.offer.short)[limit]
    for _ in range(hand.rng.randint(*CHANGES)):
        shown = there[-most:]
        type_ = hand.rng.choice((make, change, change, delete))
        if type_ == make or not shown:
            there.append(made(hand, session, make))
            yield there[-1]
        else:
            # The last that is shown, the first, or any; what was cut off is there all the same.
            on = hand.rng.choice((there[0], shown[0], shown[-1], hand.rng.choice(there)))
            yield put(hand, session, Do(type_, on.name, _given(hand, type_)))
            if type_ == delete:
                there.remove(on)
        yield LOOK


def _given(hand: Hand, type_: str) -> s.Pairs:
    member = {"chat.edit": "content", "url.update": "target_url"}.get(type_)
    return ((member, hand.giver.fresh()),) if member else ()


def _revisions(hand: Hand, session: SessionS, count: int) -> Iterator[s.Step]:
    """An article that is selected gets revisions, and is selected again elsewhere."""
    article = made(hand, session, "article.create")
    yield article
    yield put(hand, session, Do("article.select", article.name))
    for _ in range(count):
        give = (("title", hand.giver.fresh()),)
        yield put(hand, session, Do("article.update", article.name, give))
    yield LOOK
    where = hand.mate(session) or session
    yield put(hand, where, Do("article.select", article.name))
    yield LOOK
    yield put(hand, session, Do("article.publish", article.name))
    yield LOOK
