"""Signs of life while nothing else is to be said, and a word when the user leaves."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.roles.client.actor import CLOSE, PING
from omnisession_conformance.roles.client.puppet.terms import (
    LEAST_HEARTBEAT_MS,
    LEAST_WINDOW_MS,
    Terms,
)
from omnisession_conformance.roles.client.steps.coming_back import comes_back_to_nothing, way_back
from omnisession_conformance.roles.client.steps.missing import came, hold_all, lose_something
from omnisession_conformance.roles.client.steps.openings import session_of, side_by_side
from omnisession_conformance.roles.client.steps.signs import (
    gaps_s,
    granted,
    is_alive,
    shown,
    sign,
)
from omnisession_conformance.roles.client.steps.telling import telling_on

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.gate.seen import Seen

ALIVE, OFTEN, AGAIN, LEAVES = "CLI-015", "CLI-036", "CLI-028", "CLI-031"
QUICK = Terms(heartbeat_ms=LEAST_HEARTBEAT_MS, resume_window_ms=LEAST_WINDOW_MS)
TELLS_EVERY_S = 0.05
"""Far more often than a client pings: whoever puts its ping off each time never sends one."""


@case(ALIVE, slow=True)
async def keeps_its_session_alive(ctx: Context) -> None:
    """A client that has nothing to say gives a sign of life in each resume window, whatever it hears."""
    await side_by_side(ctx, lambda: _in_peace(ctx), lambda: _while_it_hears(ctx))


@case(ALIVE, slow=True, limit_ms=45_000)
async def keeps_its_session_alive_after_a_cut(ctx: Context) -> None:
    """So does one that has come back from a lost connection, or is in a later session."""
    await side_by_side(ctx, lambda: _after_a_cut(ctx), lambda: _in_a_later_session(ctx))


async def _in_peace(ctx: Context) -> None:
    actor = await ctx.live(terms=QUICK)
    await is_alive(ctx, actor, ALIVE)
    await actor.stop()


async def _while_it_hears(ctx: Context) -> None:
    """What it hears is no sign of its own life, however much it is."""
    actor = await ctx.live(terms=QUICK)
    async with telling_on(actor, every_s=TELLS_EVERY_S):
        await is_alive(ctx, actor, ALIVE)
    await actor.stop()


async def _after_a_cut(ctx: Context) -> None:
    actor = await _cut(ctx)
    await is_alive(ctx, actor, ALIVE)
    await actor.stop()


async def _in_a_later_session(ctx: Context) -> None:
    actor = await ctx.live(terms=QUICK)
    asked = await comes_back_to_nothing(actor, over=True)
    ctx.require(asked is not None, "the client has not come back from a cut")
    await actor.opened()
    await _asks_no_more_in_vain(actor)
    await is_alive(ctx, actor, ALIVE)
    await actor.stop()


async def _cut(ctx: Context) -> Actor:
    """One that has come back from a cut."""
    actor = await ctx.live(terms=QUICK)
    mark = actor.mark()
    actor.gate.cut()
    within_s = actor.patience_s("reconnect_ms", "retry_max_ms")
    asked = await way_back(actor, since=mark, within_s=within_s)
    ctx.require(asked is not None, "the client has not come back from a cut")
    await _asks_no_more_in_vain(actor)
    return actor


async def _asks_no_more_in_vain(actor: Actor) -> None:
    """Wait for the next sign of life of a client that was cut.

    It may have lost a ping with its connection, and wait for that as long as for any answer.
    """
    window_ms = actor.served.timers["resume_window_ms"]
    within_s = actor.ctx.within(actor.timers["answer_ms"] + window_ms)
    await sign(actor, since=actor.mark(), within_s=within_s)


@case(OFTEN, slow=True)
async def says_something_each_heartbeat(ctx: Context) -> None:
    """A client that has nothing to say gives a sign of life about once a heartbeat, also after a cut."""
    await side_by_side(
        ctx,
        lambda: _is_heard_often(ctx, lambda: ctx.live(terms=QUICK)),
        lambda: _is_heard_often(ctx, lambda: _cut(ctx)),
    )


async def _is_heard_often(ctx: Context, begins: Callable[[], Awaitable[Actor]]) -> None:
    actor = await begins()
    window_s = ctx.within(actor.served.timers["resume_window_ms"])
    gaps = await gaps_s(actor, window_s)
    if gaps is None:
        ctx.absent(OFTEN, expected="a sign of life", waited_s=window_s, why=granted(actor))
        return
    # Twice the interval, and not the longest pause: a busy machine is late now and then.
    good = median(gaps) <= 2 * actor.served.timers["heartbeat_ms"] / 1_000
    if not good and ctx.is_first:
        ctx.unsure(OFTEN, f"signs of life came {shown(gaps)}: it is looked at again")
        return
    ctx.check(OFTEN, good=good, expected="one in each", seen=shown(gaps), why=granted(actor))
    await actor.stop()


@case(AGAIN, slow=True, limit_ms=45_000)
async def ping_unanswered(ctx: Context) -> None:
    """A ping that gets no answer is not the last thing that a client asks."""
    actor = await ctx.live(terms=QUICK, timers={"answer_ms": 300})
    # Heartbeats might wake it up.
    actor.puppet.rest()
    actor.puppet.instead(PING, actor.puppet.swallow)
    mark = actor.mark()
    first = await actor.says(PING, since=mark, within_s=actor.patience_s("answer_ms"))
    if first is None:
        raise Prerequisite("the client has not pinged")
    within_s = actor.patience_s("answer_ms", "retry_max_ms")
    # Those that it says before it has given up the first may be the last.
    given_up_s = first.at_s + actor.timers["answer_ms"] / 1_000

    def later() -> Seen | None:
        said = (one for one in actor.gate.seen if one.at_s > given_up_s)
        return next((one for one in said if session_of(one) == actor.served.session_id), None)

    again = await actor.stage.bell.until(later, within_s=within_s)
    why = "its ping got no answer"
    if again is None:
        ctx.absent(AGAIN, expected="another request", waited_s=within_s, why=why)
    else:
        ctx.check(AGAIN, good=True, expected="asked again", seen=again.type, why=why)


@case(LEAVES, limit_ms=40_000)
async def says_when_it_leaves(ctx: Context) -> None:
    """A client that is stopped closes its session, be it one that recovers or a later one."""
    actor = await ctx.live()
    await actor.fenced()
    await _leaves(actor, "before its connection ends")
    actor = await ctx.live()
    asked = await comes_back_to_nothing(actor, over=True)
    ctx.require(asked is not None, "the client does not come back from a cut (CLI-016)")
    await actor.opened()
    await actor.fenced()
    held = hold_all(actor)
    lose_something(ctx, actor)
    ctx.require(await came(actor, held), "the client asks for no recovery in its second session")
    await _leaves(actor, "while it recovers, in a later session")


async def _leaves(actor: Actor, why: str) -> None:
    mark = actor.mark()
    await actor.stop()
    closes = actor.said(CLOSE, since=mark)
    said = next((one for one in closes if session_of(one) == actor.served.session_id), None)
    actor.ctx.check(
        LEAVES,
        good=said is not None,
        expected=CLOSE,
        seen="nothing" if said is None else said.type,
        on=actor.records([] if said is None else [said]),
        why=why,
    )
