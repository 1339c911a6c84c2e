"""Actions in flight: sent without waiting, and explained by some order in which a server took them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from omnisession_conformance.roles.server.generation import steps as s
from omnisession_conformance.roles.server.generation.acting import (
    deliver,
    expected_by,
    make,
    make_copy,
    make_twin,
    publish,
)
from omnisession_conformance.roles.server.generation.judge import BUSY, take
from omnisession_conformance.roles.server.generation.machine import Machine, Recent, told_of
from omnisession_conformance.roles.server.generation.world import Hole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from omnisession_conformance.roles.server.generation.outcome import Finding, Sent, Told
    from omnisession_conformance.roles.server.generation.world import ArticleM, World
    from omnisession_conformance.roles.server.pending import PendingAction

MOST_TRIES = 2_000
"""Orders are tried so often; what none of them explains after that is not judged."""
MOST_COMPARED = 150


async def fly(machine: Machine, step: s.Flight) -> list[tuple[Sent, Told]]:
    """Send the actions of a flight, at most one of each session, and wait for all outcomes."""
    made: list[tuple[Sent, Mapping[str, Any]]] = []
    for act in step.acts:
        twin = isinstance(act, s.Copy) and any(sent.name == act.of for sent, _ in made)
        same = twin and isinstance(act, s.Copy) and act.number == s.SAME
        if not same and any(sent.session == act.session for sent, _ in made):
            continue
        if isinstance(act, s.Act):
            one = make(machine, act)
        else:
            one = make_twin(machine, act) if twin else make_copy(machine, act)
        if one is not None and can_be_told(machine, one[0], made):
            made.append(one)
    pending: list[PendingAction] = []
    for sent, body in made:
        pending.append(await publish(machine, sent, body))
    told = [told_of(await one.outcome()) for one in pending]
    for index, outcome in enumerate(told):
        machine.judged(outcome)
        if outcome.code in BUSY and outcome.retryable:
            told[index] = await deliver(machine, *made[index], outcome)
    return [(sent, outcome) for (sent, _), outcome in zip(made, told, strict=True)]


def can_be_told(
    machine: Machine, sent: Sent, made: Sequence[tuple[Sent, Mapping[str, Any]]]
) -> bool:
    """Whether its order among the others shows, should it matter: nobody may see what they all change."""
    mine = touched(machine.world, sent)
    others = [other for other, _ in made if mine & touched(machine.world, other)]
    return not others or _is_shown(machine.world, sent)


def _is_shown(world: World, sent: Sent) -> bool:
    """Whether a live session shows what an action changes."""
    user = world.sessions[sent.session].user
    prefix = sent.type.partition(".")[0]
    if prefix == "article":
        article = world.articles.get(sent.on)
        return article is None or any(
            world.reads(one, article) for one in world.live(None, "articles")
        )
    if prefix == "chat":
        return any(one.user != user for one in world.live(None, "chat"))
    return prefix == "session" or any(True for _ in world.live(user, prefix))


def touched(world: World, sent: Sent) -> frozenset[tuple[str, str]]:
    """What an action reads or changes: two that have nothing of it in common may come in any order."""
    user = str(world.sessions[sent.session].user)
    found = {("session", sent.session), ("id", f"{user} {sent.action_id}"), ("label", sent.name)}
    if sent.on:
        found.add(("label", sent.on))
    if sent.type in ("chat.send", "chat.typing"):
        found.add(("typing", user))
    if sent.type == "chat.send":
        found.add(("room", ""))
    if "short_code" in sent.given:
        found.add(("codes", ""))
    if sent.type == "user.update":
        found.add(("user", user))
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class _Part:
    """One outcome of a flight, by its place among those that were heard."""

    number: int
    sent: Sent
    told: Told
    touched: frozenset[tuple[str, str]]


@dataclass(slots=True)
class Search:
    """Looks for an order of outcomes that a world, and what is shown after them, can be explained by."""

    compare: Callable[[World], list[Finding]]
    tries: int = 0
    compared: int = 0
    first: list[Finding] | None = field(default=None)
    """What is wrong with the order in which the outcomes were heard."""
    given_up: bool = False

    def explain(self, world: World, outcomes: Sequence[tuple[Sent, Told]]) -> World | None:
        """The world after the outcomes; None where no order was found.

        Where it stays open which of several revisions was made first, the server is asked later.
        """
        in_turn = sorted(outcomes, key=lambda one: one[1].record)
        parts = [_Part(n, s, t, touched(world, s)) for n, (s, t) in enumerate(in_turn)]
        before = world.articles
        after = self._go(world, tuple(parts), None)
        return None if after is None else _unsure(before, after, outcomes)

    def _go(self, world: World, left: tuple[_Part, ...], last: _Part | None) -> World | None:
        if not left:
            self.compared += 1
            found = self.compare(world)
            if self.first is None:
                self.first = found
            return None if found else world
        for index, part in enumerate(left):
            if last is not None and part.number < last.number and not part.touched & last.touched:
                # The same as in the other order, which is tried as well.
                continue
            self.tries += 1
            if self.tries > MOST_TRIES or self.compared > MOST_COMPARED:
                self.given_up = True
                return None
            after = world.copy()
            wrong = take(after, part.sent, part.told)
            if wrong:
                if self.first is None:
                    self.first = wrong
                continue
            done = self._go(after, left[:index] + left[index + 1 :], part)
            if done is not None:
                return done
        return None


REVISES = ("article.update", "article.publish")


def _unsure(
    before: Mapping[str, ArticleM], after: World, outcomes: Sequence[tuple[Sent, Told]]
) -> World:
    """Leave open what revisions say that were made at the same time: no article shows it."""
    makers = Counter(sent.on for sent, told in outcomes if told.acked and sent.type in REVISES)
    for label, count in makers.items():
        article = after.articles.get(label)
        if count < 2 or article is None or label not in before:
            continue
        first = before[label].revisions[-1].place
        revisions = tuple(
            replace(one, by=Hole((label, "by", one.place)), title=Hole((label, "title", one.place)))
            if one.place > first
            else one
            for one in article.revisions
        )
        after.articles[label] = replace(article, revisions=revisions)
    return after


def recents(machine: Machine, outcomes: Sequence[tuple[Sent, Told]]) -> list[Recent]:
    """What a flight is remembered as until all sessions are looked at."""
    return [
        Recent(
            sent.type,
            sent.session,
            sent.on or sent.name,
            expected_by(machine, sent),
            refused=not told.acked,
        )
        for sent, told in outcomes
    ]
