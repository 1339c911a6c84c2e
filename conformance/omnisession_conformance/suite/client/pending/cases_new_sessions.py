"""Pending actions when a session is over: they come along into the next one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.client.actor import OPEN
from omnisession_conformance.roles.client.puppet.terms import (
    LEAST_HEARTBEAT_MS,
    LEAST_WINDOW_MS,
    Terms,
)
from omnisession_conformance.roles.client.steps.acts import Act, Acts, acting, id_of
from omnisession_conformance.roles.client.steps.carried import (
    ALONG,
    COMES_WITHIN_MS,
    NEW_WITHIN_S,
    come_along,
    copy_here,
    session_is_over,
)
from omnisession_conformance.roles.client.steps.coming_back import (
    comes_back_to_nothing,
    notices_its_loss,
)
from omnisession_conformance.roles.client.steps.deeds import takes
from omnisession_conformance.roles.client.steps.missing import came, hold_all, release
from omnisession_conformance.roles.client.steps.pending import (
    REST,
    all_kept,
    comes_to_rest,
    keep_back,
    kept_of,
    names,
    serve,
)
from omnisession_conformance.roles.client.steps.ways import all_well, each_way

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.gate.seen import Seen
    from omnisession_conformance.roles.client.puppet.asked import Asked
    from omnisession_conformance.roles.client.steps.deeds import Deed

FIRST = (("article.update", {"revision": 1}), ("article.edit_start", None))
"""What is done first where dispatch takes it: it expects something, or may go to a subject of its own."""
COUNTED = 3
"""So that the numbers of a session do not begin at 1."""
TYPES, DONE = 4, 2
USUAL = Terms(counted=COUNTED)
QUICK = replace(USUAL, heartbeat_ms=LEAST_HEARTBEAT_MS, resume_window_ms=LEAST_WINDOW_MS)
"""So that a client pings soon."""


@case(ALONG, REST, limit_ms=90_000)
async def pending_comes_along(ctx: Context) -> None:
    """What was pending comes in the new session as it was, under its numbers, be it done already."""
    for features in each_way(ctx):
        for forgotten in (False, True):
            if all_well(ctx):
                await _over(ctx, features, forgotten=forgotten)


@case(ALONG, REST, limit_ms=60_000)
async def pending_comes_along_without_a_cut(ctx: Context) -> None:
    """What was pending comes along as well where a ping has told that the session is over."""
    await _over(ctx, ctx.usual, cut=False)


@case(ALONG, REST, limit_ms=60_000)
async def pending_comes_along_twice(ctx: Context) -> None:
    """A new session that is over at once takes nothing away: what was pending comes in the third one."""
    await _over(ctx, ctx.usual, times=2)


async def _over(
    ctx: Context,
    features: tuple[str, ...],
    *,
    forgotten: bool = False,
    cut: bool = True,
    times: int = 1,
) -> None:
    acts = await acting(ctx, features, types=TYPES, terms=USUAL if cut else QUICK)
    actor = acts.actor
    _, before = await acts.acted()
    await acts.done(before)
    kept, held = keep_back(actor), hold_all(actor)
    row = [await _acted(acts, number) for number in range(TYPES)]
    asked = [await kept_of(actor, kept, said) for _, said in row]
    # The first two are done: of one the ack has come, of the other nothing.
    seq = far = actor.served.seq
    actor.puppet.lose_effects_of(asked[0])
    shows = actor.served.seq > seq
    actor.puppet.say_nothing_of(asked[1])
    report = (await actor.fenced()).report
    # One that no message shows is counted by its ack; and whoever has recovered all the same knows more.
    known = 0 if shows and report.head < actor.served.position.head else DONE
    why = "the session is " + ("unknown to its server" if forgotten else "over")
    for number in range(1, times + 1):
        if forgotten and await comes_back_to_nothing(actor, over=False) is None:
            # It opens under the old id, which makes a session anew.
            return
        if cut and not forgotten:
            await session_is_over(acts)
        if not cut:
            actor.puppet.expire(actor.served)
        # Not before: what is answered by then counts what is done.
        release(held)
        await actor.opened(within_s=NEW_WITHIN_S)
        told = f"{why}{', once more' * (number > 1)}"
        if not await come_along(ctx, acts, row[known:], told, perhaps=row[:known]):
            return
    # What the old session told of its places says nothing of those of this one.
    while actor.served.seq <= far + DONE:
        actor.step()
    left = names((await actor.fenced()).report) or ()
    missing = [id_of(one) for _, one in row[DONE:] if id_of(one) not in left]
    if not ctx.equal(ALONG, [], missing, why=f"{why}: what came along and is not pending here"):
        return
    serve(actor, _of_the_session(acts, kept))
    await comes_to_rest(ctx, acts, f"{why}, and all that came along is done")


async def _acted(acts: Acts, number: int) -> tuple[Act, Seen]:
    """Do the next thing."""
    known = takes(acts.actor.ctx.declared.actions, acts.actor.served.kinds)
    type_, expect = FIRST[number] if number < len(FIRST) else ("", None)
    if type_ not in known:
        return await acts.acted()
    return await acts.acted(await acts.deed(type_), expect)


def _of_the_session(acts: Acts, kept: list[Asked]) -> list[Asked]:
    return [one for one in kept if one.session_id == acts.actor.served.session_id]


@case(ALONG, limit_ms=60_000)
async def dispatched_between_two_sessions(ctx: Context) -> None:
    """What is dispatched while a new session is opened comes behind what was pending before."""
    acts = await acting(ctx, types=2)
    actor, kept = acts.actor, keep_back(acts.actor)
    row = await all_kept(acts, kept, 2)
    late = await acts.deed()
    held = actor.puppet.hold(OPEN)
    await session_is_over(acts)
    ctx.require(await held.came(within_s=NEW_WITHIN_S), "the client opens no new session (CLI-019)")
    act = await acts.dispatch(late)
    held.release()
    await actor.opened(within_s=NEW_WITHIN_S)
    why = "the session is over, and one more was dispatched before the next was opened"
    if await come_along(ctx, acts, row, why) and act.refused is None:
        await _comes_last(ctx, acts, row, act, why)


@case(ALONG, limit_ms=60_000)
async def dispatched_before_it_is_known_to_be_over(ctx: Context) -> None:
    """What was dispatched in the old session, and never sent there, comes along behind all others."""
    for asked in (False, True):
        if not all_well(ctx):
            return
        acts = await acting(ctx, types=2)
        actor, kept = acts.actor, keep_back(acts.actor)
        row = await all_kept(acts, kept, 2)
        late = await acts.deed()
        await actor.fenced()
        act = await (_while_it_asks if asked else _while_it_is_away)(acts, late)
        await actor.opened(within_s=NEW_WITHIN_S)
        when = "while the recovery was under way" if asked else "offline"
        why = f"the session is over, and one more was dispatched {when} before that was known"
        if await come_along(ctx, acts, row, why) and act.refused is None:
            await _comes_last(ctx, acts, row, act, why)


async def _while_it_is_away(acts: Acts, late: Deed) -> Act:
    with acts.actor.gate.refusing():
        acts.actor.puppet.expire(acts.actor.served)
        await notices_its_loss(acts.actor)
        return await acts.dispatch(late)


async def _while_it_asks(acts: Acts, late: Deed) -> Act:
    held = hold_all(acts.actor)
    await session_is_over(acts)
    asks = await came(acts.actor, held)
    acts.actor.ctx.require(asks, "the client asks for no recovery (CLI-016)")
    act = await acts.dispatch(late)
    release(held)
    return act


async def _comes_last(
    ctx: Context, acts: Acts, row: list[tuple[Act, Seen]], act: Act, why: str
) -> None:
    """Observe that one that was dispatched behind some others comes behind them."""
    actor, within_s = acts.actor, ctx.within(COMES_WITHIN_MS)
    said = await actor.stage.bell.until(lambda: copy_here(acts, act), within_s=within_s)
    if said is None:
        expected = "the one that was dispatched last, in the new session"
        ctx.absent(ALONG, expected=expected, waited_s=within_s, why=why)
        return
    act = replace(act, action_id=id_of(said))
    await come_along(ctx, acts, [*row, (act, said)], f"{why}: it comes last")
