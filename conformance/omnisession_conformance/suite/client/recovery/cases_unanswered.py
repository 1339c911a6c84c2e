"""Recoveries that have no answer: one at a time, and an answer that comes too late changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.roles.client.actor import PING
from omnisession_conformance.roles.client.profiles import CORE
from omnisession_conformance.roles.client.puppet.terms import (
    LEAST_HEARTBEAT_MS,
    LEAST_WINDOW_MS,
    Terms,
)
from omnisession_conformance.roles.client.steps.missing import (
    WAYS_BACK,
    asked_back,
    first_of,
    instead_of_all,
    is_core,
    keep_all,
    lose_something,
    recoveries,
    truthful_again,
)
from omnisession_conformance.roles.client.steps.ways import each_way

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.gate.seen import Seen

ONE = "CLI-026"
ONE_MS, SHORT_MS, LONGEST_MS = 1_000, 500, 14_000
"""Time-outs of these two cases, and how long a client may take to ask again that has its own."""
EARLY = 0.8
"""The part of a time-out in which nobody can say that it was over."""
LEAST_TIMEOUT_MS = 2_000
TERMS = Terms(heartbeat_ms=LEAST_HEARTBEAT_MS, resume_window_ms=LEAST_WINDOW_MS)
PINGS = 3
BOTH = 2


@case(ONE, limit_ms=30_000)
async def one_recovery_at_a_time(ctx: Context) -> None:
    """While a recovery is unanswered no other is asked for, whatever else is found to be missing."""
    for features in each_way(ctx):
        actor = await _without_answers(ctx, features)
        mark = actor.mark()
        lose_something(ctx, actor)
        first = await _asked_first(actor, mark)
        await _gives_more_reasons(ctx, actor)
        await _check_alone(ctx, actor, first)


@case(ONE, needs=(CORE,), limit_ms=30_000)
async def what_was_missing_comes_of_itself(ctx: Context) -> None:
    """A recovery is under way until it is answered, be it that all has come meanwhile that was missing."""
    for features in each_way(ctx):
        actor = await _without_answers(ctx, features)
        mark = actor.mark()
        late = actor.step(deliver=False)
        actor.step()
        first = await _asked_first(actor, mark)
        actor.puppet.anyhow(late.subject, late.body)
        await actor.fenced()
        lose_something(ctx, actor)
        await _check_alone(ctx, actor, first)


async def _without_answers(ctx: Context, features: tuple[str, ...]) -> Actor:
    """A live client whose recoveries get no answer from now on."""
    actor = await ctx.live(features=features, terms=TERMS, timers={"answer_ms": ONE_MS})
    actor.puppet.rest()
    actor.step()
    await actor.fenced()
    instead_of_all(actor, actor.puppet.swallow)
    return actor


async def _asked_first(actor: Actor, mark: int) -> Seen:
    first = await asked_back(actor, mark)
    if first is None:
        raise Prerequisite("the client asks for no recovery here")
    return first


async def _gives_more_reasons(ctx: Context, actor: Actor) -> None:
    if is_core(ctx):
        lose_something(ctx, actor)
        unusable = {**actor.step(deliver=False).body, "data": 7}
        leaf = "state" if unusable["type"] == "session.state" else "events"
        actor.puppet.anyhow(actor.served.subject(leaf), unusable)
        actor.puppet.raw(actor.served.subject(leaf), b"{")
        for _ in range(PINGS):
            actor.puppet.heartbeat(actor.served)
            await actor.fenced()
        return
    actor.step(deliver=False)
    within_s = ctx.within(PINGS * LEAST_WINDOW_MS)
    await actor.says(PING, since=actor.mark(), number=PINGS, within_s=within_s)


async def _check_alone(ctx: Context, actor: Actor, first: Seen) -> None:
    fenced = await actor.fenced()
    own = actor.stage.session.begun.timers is None
    least_s = EARLY * (LEAST_TIMEOUT_MS if own else ONE_MS) / 1_000
    since = actor.gate.seen.index(first) + 1
    # Whoever gives it up too soon asks again before that time is over.
    left_s = max(0.0, first.at_s + least_s - actor.now_s)
    await actor.says(*WAYS_BACK, since=since, within_s=left_s)
    more = [
        one
        for one in actor.said(*WAYS_BACK, since=since)
        if one.link == first.link and one.at_s < first.at_s + least_s
    ]
    why = f"a {first.type} was not answered yet"
    if not more and not fenced.exact and ctx.is_first:
        ctx.unsure(ONE, f"{why}: its reports count nothing, so it is looked at again")
        return
    seen = ", ".join(f"{one.type} after {one.at_s - first.at_s:.3f} s" for one in more)
    expected = "no other recovery"
    ctx.check(
        ONE,
        good=not more,
        expected=expected,
        seen=seen or expected,
        on=actor.records([*more, first]),
        why=why,
    )


@case(ONE, slow=True, limit_ms=60_000)
async def late_answer_changes_nothing(ctx: Context) -> None:
    """An answer to a recovery that was given up sets nobody back who has asked again."""
    for features in each_way(ctx):
        await _answers_late(ctx, features)


@case(ONE, slow=True, limit_ms=60_000)
async def answer_of_a_lost_connection_changes_nothing(ctx: Context) -> None:
    """Nor does one that was given up since its connection was lost."""
    await _answers_late(ctx, ctx.usual, cut=True)


async def _answers_late(ctx: Context, features: tuple[str, ...], *, cut: bool = False) -> None:
    actor = await ctx.live(features=features, terms=TERMS, timers={"answer_ms": SHORT_MS})
    served = actor.served
    actor.puppet.rest()
    actor.step(2)
    await actor.fenced()
    # Without a history each answer has a position to go on from.
    served.forget()
    all_, begun = keep_all(actor), actor.mark()
    actor.step(deliver=False)
    if is_core(ctx):
        served.forget()
        actor.step()
    late = await first_of(actor, all_)
    if late is None:
        raise Prerequisite("the client asks for no recovery here")
    truthful_again(actor)
    if cut:
        actor.gate.cut()
    again = await asked_back(actor, begun, number=BOTH, within_s=ctx.within(LONGEST_MS))
    ctx.require(again is not None, "the client does not ask again")
    there = await actor.stage.caught_up(served)
    ctx.require(there is not None, "the client does not come back by its second recovery")
    actor.step(2)
    await actor.fenced()
    at, mark = served.position.head, actor.mark()
    if len(recoveries(actor, begun)) > BOTH:
        # What it was late for itself sets it back rightly.
        ctx.unsure(ONE, "the client has asked more than twice: the machine was too slow to tell")
        return
    late.answer()
    # By the time of the third of these the answer to the first is there, and the late one before it.
    report = await actor.reported(
        lambda now: now.head < at or len(actor.said(PING, since=mark)) >= PINGS,
        within_s=ctx.within(PINGS * LEAST_WINDOW_MS),
    )
    if report is None:
        raise Prerequisite("the client sends no pings, so that nobody knows what it has had")
    why = "the answer to its first recovery came when the second had helped"
    good = report.head >= at
    ctx.check(ONE, good, expected=f"a report at {at}", seen=f"{report.head}", why=why)
    if good:
        await actor.holds(ONE, why=why)
