"""Gaps: what is missing is asked for, and nothing beyond it is applied before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.roles.client.actor import RESUME
from omnisession_conformance.roles.client.compare import in_slices
from omnisession_conformance.roles.client.profiles import EVENTS
from omnisession_conformance.roles.client.stage import WITHIN_S
from omnisession_conformance.roles.client.steps.afar import far_seq
from omnisession_conformance.roles.client.steps.missing import (
    ASKS_WITHIN_MS,
    first_of,
    hold_all,
    keep_all,
    longest_wait_ms,
    recovers,
    release,
    truthful_again,
)
from omnisession_conformance.roles.client.steps.replays import answer_by, replayed
from omnisession_conformance.roles.client.steps.telling import telling_on
from omnisession_conformance.roles.client.steps.ways import all_well, each_way

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.puppet.asked import Asked
    from omnisession_conformance.roles.client.puppet.overrides import Kept

GAP, REPLAY = "CLI-006", "CLI-007"
MANY, TELLS_EVERY_S = 40, 0.2


@case(GAP)
async def gap_is_closed(ctx: Context) -> None:
    """Nothing beyond a gap is applied, and what is missing is asked for within 2 s."""
    for features in each_way(ctx):
        await _gap(ctx, features)


async def _gap(ctx: Context, features: tuple[str, ...]) -> None:
    actor = await ctx.live(ctx.kinds(2), features)
    kinds = actor.served.kinds
    # Then again, with more behind the gap, and all of that of another kind.
    for number, kind in ((1, kinds[0]), (3, kinds[-1])):
        if all_well(ctx):
            await _misses_one(ctx, actor, number, kind)


@case(GAP, limit_ms=45_000)
async def gap_beyond_32_bits(ctx: Context) -> None:
    """Where seqs are great, a gap is found as any other, and its recovery names the whole number."""
    actor = await ctx.live()
    await actor.fenced()
    await far_seq(actor)
    report = await actor.stage.caught_up(actor.served)
    ctx.require(report is not None, "the client has not come to a seq beyond 32 bits")
    await _misses_one(ctx, actor, 1, actor.served.kinds[0])


async def _misses_one(ctx: Context, actor: Actor, number: int, kind: str) -> None:
    actor.step(2)
    await actor.fenced()
    at, before = actor.served.position, dict(actor.served.slices)
    held, mark = hold_all(actor), actor.mark()
    lost = actor.step(deliver=False)
    if number == 1 and EVENTS in actor.served.features:
        # What nobody knows has its place as well, and is beyond the gap as all else.
        actor.puppet.event(actor.served, "weather.changed", {"id": "w-1"})
    actor.step(number, kind=kind)
    fenced = await actor.fenced()
    unlike = in_slices(before, fenced.report.slices)
    why = f"seq {lost.body['seq']} did not come, and {number} of {kind} behind it"
    if not actor.compare(GAP, fenced, unlike, f"{why}: nothing beyond it is applied"):
        return
    reached = fenced.report.head
    if not ctx.check(GAP, reached <= at.head, expected=at.head, seen=reached, why=why):
        return
    if not await recovers(ctx, actor, GAP, mark, at, why):
        return
    release(held)
    # None of these is left for the next gap.
    truthful_again(actor)
    await actor.comes_to_the_head(GAP, within_s=WITHIN_S, why=f"{why}, its recovery is answered")
    await actor.holds(GAP, why=f"{why}, and its recovery is answered")


@case(GAP, slow=True, limit_ms=45_000)
async def gap_is_closed_while_the_stream_goes_on(ctx: Context) -> None:
    """A gap is closed within 2 s, also where something else comes all the time."""
    actor = await ctx.live()
    actor.step()
    await actor.fenced()
    at, mark = actor.served.position, actor.mark()
    actor.step(deliver=False)
    async with telling_on(actor, every_s=TELLS_EVERY_S):
        await recovers(ctx, actor, GAP, mark, at, "a message did not come, and many have followed")


@case(REPLAY, limit_ms=40_000)
async def long_replay(ctx: Context) -> None:
    """However many messages a replay has, all of them are applied."""
    for features in each_way(ctx):
        actor = await ctx.live(features=features)
        await actor.fenced()
        actor.puppet.rest()
        actor.step(MANY, deliver=False)
        actor.step()
        why = f"{MANY} messages did not come, and one behind them"
        if await actor.comes_to_the_head(REPLAY, within_s=WITHIN_S, why=why):
            await actor.holds(REPLAY, why=why)


@case(REPLAY, limit_ms=40_000)
async def replay_with_a_hole(ctx: Context) -> None:
    """Where a replay lacks a message, nothing behind that is applied: it shows a gap as any other."""
    for features in each_way(ctx):
        actor = await ctx.live(features=features)
        await actor.fenced()
        actor.puppet.instead(RESUME, lambda asked, actor=actor: _with_a_hole(actor, asked), times=1)
        actor.step(3, deliver=False)
        actor.step()
        why = "a replay has lacked the second of its messages"
        # It may wait before it asks again.
        within_s = max(WITHIN_S, ctx.within(2 * ASKS_WITHIN_MS + longest_wait_ms(actor)))
        if await actor.comes_to_the_head(REPLAY, within_s=within_s, why=why):
            await actor.holds(REPLAY, why=why)


def _with_a_hole(actor: Actor, asked: Asked) -> None:
    messages = replayed(actor, asked)
    answer_by(actor, asked, messages[:1] + messages[2:])


@case(REPLAY, limit_ms=40_000)
async def replay_then_what_was_held(ctx: Context) -> None:
    """After the answer come the messages that were held, those that connect and no others."""
    for features in each_way(ctx):
        # A state would hide what was wrong before it.
        for number in (0, 2):
            if all_well(ctx):
                await _goes_on_from(await ctx.live(features=features), number)


async def _goes_on_from(actor: Actor, number: int) -> None:
    kept = await _asks_late(actor)
    # These have come before the answer, and go on where it ends.
    for _ in range(number):
        actor.step()
    await actor.fenced()
    kept.answer()
    why = "the answer came behind the messages that go on from it"
    if await actor.comes_to_the_head(REPLAY, within_s=WITHIN_S, why=why):
        await actor.holds(REPLAY, why=why)


@case(REPLAY)
async def held_beyond_another_gap(ctx: Context) -> None:
    """What was held beyond another gap is not applied, and stands in nobody's way."""
    for features in each_way(ctx):
        await _beyond_another_gap(ctx, await ctx.live(features=features))


async def _beyond_another_gap(ctx: Context, actor: Actor) -> None:
    kept = await _asks_late(actor)
    actor.step(2)
    connected = actor.served.position.head
    actor.step(deliver=False)
    actor.step()
    await actor.fenced()
    kept.answer()
    why = "something was held beyond another gap"
    arrived = await actor.reported(lambda now: now.head >= connected, within_s=WITHIN_S)
    if arrived is None:
        expected = f"a report at {connected}"
        ctx.absent(REPLAY, expected=expected, waited_s=WITHIN_S, why=f"{why}: what connects comes")
        return
    # It may have dropped that, and hears here that there is something.
    for _ in range(2):
        actor.puppet.heartbeat(actor.served)
        await actor.fenced()
    if await actor.comes_to_the_head(REPLAY, within_s=WITHIN_S, why=why):
        await actor.holds(REPLAY, why=why)


async def _asks_late(actor: Actor) -> Kept:
    """Have a recovery answered whose answer comes later; one of its messages was held, and is over."""
    puppet, served = actor.puppet, actor.served
    actor.step()
    await actor.fenced()
    all_ = keep_all(actor)
    actor.step(deliver=False)
    # Who applies this once more, behind the replay, brings back what is gone.
    actor.step()
    puppet.undo(served, puppet.steps, deliver=False)
    kept = await first_of(actor, all_)
    if kept is None:
        raise Prerequisite("no recovery came after a gap")
    return kept
