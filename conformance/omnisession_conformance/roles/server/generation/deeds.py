"""Deeds: actions that show, with what has to be there before them, and what undoes them again.

What programs do at random rarely comes to an action whose effect has gone since, or would be seen if it
came. Motifs are made of these.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from omnisession_conformance.roles.server.generation import steps as s
from omnisession_conformance.roles.server.generation.offering import LETTERS

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.generation.hand import Hand
    from omnisession_conformance.roles.server.generation.sketch import SessionS

ON, OFF = (("active", "true"),), (("active", "false"),)


@dataclass(frozen=True, slots=True)
class Do:
    """What an action does, whoever sends it: its type, what it is about, what it says."""

    type: str
    on: str = s.NOTHING
    give: s.Pairs = ()

    @property
    def kind(self) -> str:
        """The beginning of its type."""
        return self.type.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Deed:
    """An action that shows when it is done behind what is `before`, and what undoes it."""

    before: tuple[s.Act, ...]
    do: Do
    undo: Do


Make: TypeAlias = Callable[["Hand", "SessionS"], Deed]


def put(hand: Hand, session: SessionS, do: Do, *, unsaid: bool = False, **how: object) -> s.Act:
    """An action of a session; `unsaid` where it is to be refused, so that nothing builds on it."""
    name = hand.sketch.label(LETTERS.get(do.type, "x"))
    act = s.Act(name, session.name, do.type, do.on, do.give, **how)  # pyright: ignore[reportArgumentType]
    if unsaid:
        hand.sketch.acts.append((act.name, session.name, act.type))
    else:
        hand.note(act, session)
    return act


def made(hand: Hand, session: SessionS, type_: str) -> s.Act:
    """The creation of something by a session."""
    return put(hand, session, Do(type_, give=hand.giver.good(type_)))


def small(hand: Hand) -> Do:
    """Something small that a session makes, or nothing at all."""
    types = [t for t in ("chat.send", "url.create", "article.create") if t in hand.offer.actions]
    type_ = hand.rng.choice(["session.noop", *types])
    return Do(type_, give=hand.giver.good(type_))


def _two_articles(hand: Hand, session: SessionS) -> tuple[s.Act, s.Act]:
    return made(hand, session, "article.create"), made(hand, session, "article.create")


def _select(hand: Hand, session: SessionS) -> Deed:
    one, other = _two_articles(hand, session)
    instead = hand.rng.choice((other.name, s.NOTHING))
    return Deed((one, other), Do("article.select", one.name), Do("article.select", instead))


def _start(hand: Hand, session: SessionS) -> Deed:
    on = made(hand, session, "article.create")
    start, end = Do("article.edit_start", on.name), Do("article.edit_end", on.name)
    return Deed((on,), start, end)


def _end(hand: Hand, session: SessionS) -> Deed:
    on = made(hand, session, "article.create")
    start, end = Do("article.edit_start", on.name), Do("article.edit_end", on.name)
    return Deed((on, put(hand, session, start)), end, start)


def _publish(hand: Hand, session: SessionS) -> Deed:
    on = made(hand, session, "article.create")
    update = Do("article.update", on.name, hand.giver.good("article.update"))
    return Deed((on,), Do("article.publish", on.name), update)


def _remove_article(hand: Hand, session: SessionS) -> Deed:
    on = made(hand, session, "article.create")
    start = put(hand, session, Do("article.edit_start", on.name))
    return Deed((on, start), Do("article.delete", on.name), Do("article.create", give=on.give))


def _update_article(hand: Hand, session: SessionS) -> Deed:
    on = made(hand, session, "article.create")
    select = put(hand, session, Do("article.select", on.name))
    give = (("title", hand.giver.spec()), ("content", hand.giver.spec()))
    other = (("title", hand.giver.fresh()), ("leading", hand.giver.fresh()))
    return Deed(
        (on, select), Do("article.update", on.name, give), Do("article.update", on.name, other)
    )


def _edit_message(hand: Hand, session: SessionS) -> Deed:
    on = made(hand, session, "chat.send")
    one, other = ((("content", hand.giver.spec()),) for _ in range(2))
    return Deed((on,), Do("chat.edit", on.name, one), Do("chat.edit", on.name, other))


def _remove_message(hand: Hand, session: SessionS) -> Deed:
    on = made(hand, session, "chat.send")
    return Deed((on,), Do("chat.delete", on.name), Do("chat.send", give=on.give))


def _type(_: Hand, __: SessionS) -> Deed:
    return Deed((), Do("chat.typing", give=ON), Do("chat.typing", give=OFF))


def _stop(hand: Hand, session: SessionS) -> Deed:
    on, off = Do("chat.typing", give=ON), Do("chat.typing", give=OFF)
    return Deed((put(hand, session, on),), off, on)


def _update_url(hand: Hand, session: SessionS) -> Deed:
    on = made(hand, session, "url.create")
    new = hand.giver.fresh
    one, other = ("is_active", "false"), ("is_active", "true")
    if hand.rng.random() < 0.5:
        one, other = ("short_code", new()), ("short_code", new())
    give = (("target_url", new()), one)
    return Deed((on,), Do("url.update", on.name, give), Do("url.update", on.name, (other,)))


def _remove_url(hand: Hand, session: SessionS) -> Deed:
    on = made(hand, session, "url.create")
    return Deed((on,), Do("url.delete", on.name), Do("url.create", give=on.give))


def _rename(hand: Hand, _: SessionS) -> Deed:
    one, other = ((("username", hand.giver.fresh()),) for __ in range(2))
    return Deed((), Do("user.update", give=one), Do("user.update", give=other))


DEEDS: tuple[tuple[Make, tuple[str, ...]], ...] = (
    (_select, ("article.create", "article.select")),
    (_start, ("article.create", "article.edit_start", "article.edit_end")),
    (_end, ("article.create", "article.edit_start", "article.edit_end")),
    (_publish, ("article.create", "article.publish", "article.update")),
    (_remove_article, ("article.create", "article.delete", "article.edit_start")),
    (_update_article, ("article.create", "article.update", "article.select")),
    (_edit_message, ("chat.send", "chat.edit")),
    (_remove_message, ("chat.send", "chat.delete")),
    (_type, ("chat.typing",)),
    (_stop, ("chat.typing",)),
    (_update_url, ("url.create", "url.update")),
    (_remove_url, ("url.create", "url.delete")),
    (_rename, ("user.update",)),
)
"""All deeds, with the actions that a server takes for them."""


def deed(hand: Hand, session: SessionS, prefix: str = "", but: str = "") -> Deed | None:
    """Some deed of a session, of a kind or any, without one action; None where there is none."""
    makes = [
        make
        for make, needs in DEEDS
        if needs[0].startswith(prefix) and but not in needs and hand.offer.actions.issuperset(needs)
    ]
    return hand.rng.choice(makes)(hand, session) if makes else None


def someones(hand: Hand, prefix: str = "", but: str = "") -> tuple[SessionS, Deed] | None:
    """A session that acts, and some deed of it; None where there is no such session or deed."""
    session = hand.actor()
    found = None if session is None else deed(hand, session, prefix, but)
    return None if session is None or found is None else (session, found)
