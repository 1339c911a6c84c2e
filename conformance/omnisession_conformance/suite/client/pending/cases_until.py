"""Until when an action is pending: its position tells, and no ack that is ahead of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import NotOffered
from omnisession_conformance.roles.client.puppet.puppet import ACTIONS
from omnisession_conformance.roles.client.puppet.terms import (
    LEAST_HEARTBEAT_MS,
    LEAST_WINDOW_MS,
    Terms,
)
from omnisession_conformance.roles.client.steps.acts import Acts, acting
from omnisession_conformance.roles.client.steps.missing import (
    first_of,
    hold_all,
    is_core,
    keep_all,
    lose_something,
    release,
)
from omnisession_conformance.roles.client.steps.pending import (
    PENDING,
    REST,
    comes_to_rest,
    is_gone,
    keep_back,
    kept_of,
    quiet_type,
    serve,
    stays,
)
from omnisession_conformance.roles.client.steps.ways import all_well, each_way

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.gate.seen import Seen
    from omnisession_conformance.roles.client.puppet.served import Message

QUICK = Terms(heartbeat_ms=LEAST_HEARTBEAT_MS, resume_window_ms=LEAST_WINDOW_MS)
"""So that a client pings soon."""
FORBIDDEN, ONE_OUT = 4030, "HYB-006"
BOTH = 2


@case(PENDING, REST, limit_ms=60_000)
async def ack_is_ahead_of_its_effect(ctx: Context) -> None:
    """An acked action is pending until its effect is there, which counts it, be it in another epoch."""
    for features in each_way(ctx):
        for begins in (False, True):
            if all_well(ctx):
                await _ahead(ctx, features, begins=begins)


async def _ahead(ctx: Context, features: tuple[str, ...], *, begins: bool) -> None:
    acts = await acting(ctx, features, types=1)
    actor = acts.actor
    held, deeds = hold_all(actor), [await acts.deed() for _ in range(BOTH)]
    at = actor.served.position
    if begins:
        # Its places are lower as seqs, and behind all that has come.
        actor.puppet.take_over(actor.served, lost=len(actor.served.kinds))
    actor.puppet.instead(ACTIONS, actor.puppet.lose_effects_of, times=BOTH)
    row = [(await acts.acted(deed))[1] for deed in deeds]
    await _is_done(ctx, acts, row[-1])
    missing = None if begins else actor.served.since(*at.head)
    if not missing and not begins:
        raise NotOffered("dispatch takes no action that a session shows")
    why = "two are acked, and their effects have not come" + ", nor their epoch" * begins
    if not all([await stays(ctx, acts, one, why, at=at) for one in row]):
        return
    actor.puppet.deliver(missing or ())
    release(held)
    if begins:
        # Whoever has asked for nothing yet does so now.
        actor.step()
    why = "the effects of both have come, and count them"
    if all([await is_gone(ctx, acts, one, why) for one in row]):
        await comes_to_rest(ctx, acts, "its two actions are done")


@case(PENDING, limit_ms=60_000)
async def ack_at_a_place_of_others(ctx: Context) -> None:
    """An ack may name a place that a message of others has: once it is there, the action is done."""
    for features in each_way(ctx):
        acts = await acting(ctx, features, types=1)
        actor = acts.actor
        held, row, late = hold_all(actor), list["Seen"](), list["Message"]()
        deeds = [await acts.deed(quiet_type(acts)) for _ in range(BOTH)]
        at = actor.served.position
        for deed in deeds:
            late.append(actor.step(deliver=False))
            actor.puppet.instead(ACTIONS, actor.puppet.count, times=1)
            row.append((await acts.acted(deed))[1])
            await _is_done(ctx, acts, row[-1])
        why = "the acks of two name messages of others"
        if not all(
            [await stays(ctx, acts, one, f"{why} that have not come", at=at) for one in row]
        ):
            return
        actor.puppet.deliver(late[:1])
        first = f"{why}, and that of the first has come"
        if await is_gone(ctx, acts, row[0], first, held=held):
            actor.puppet.deliver(late[1:])
            release(held)
            for one in row:
                await is_gone(ctx, acts, one, f"{why}, which have come by now")


@case(PENDING, needs=("core",), limit_ms=60_000)
async def ack_while_it_recovers(ctx: Context) -> None:
    """An ack that comes while a recovery is under way counts where it says, and not with the answer."""
    for features in each_way(ctx):
        acts = await acting(ctx, features, types=1)
        actor, kept = acts.actor, keep_back(acts.actor)
        _, said = await acts.acted()
        asked = await kept_of(actor, kept, said)
        await actor.fenced()
        all_ = keep_all(actor)
        lose_something(ctx, actor)
        first = await first_of(actor, all_)
        ctx.require(first is not None, "the client asks for no recovery here (CLI-006)")
        at, held = actor.served.position, hold_all(actor)
        actor.puppet.lose_effects_of(asked)
        if first is None or actor.served.position.head == at.head:
            raise NotOffered("dispatch takes no action that a session shows")
        await actor.fenced()
        first.answer()
        why = "its ack came while a recovery was under way, which brings less than that"
        if await stays(ctx, acts, said, why, at=at):
            actor.puppet.deliver(actor.served.since(*at.head) or ())
            release(held)
            await is_gone(ctx, acts, said, "its effect has come")


@case(PENDING, limit_ms=60_000)
async def effect_before_it_counts(ctx: Context) -> None:
    """An action whose effect is there is pending until a message counts it."""
    for features in each_way(ctx):
        acts = await acting(ctx, features, types=1)
        actor, kept = acts.actor, keep_back(acts.actor)
        _, said = await acts.acted()
        asked, seq = await kept_of(actor, kept, said), actor.served.seq
        actor.puppet.show_effects_of(asked)
        if actor.served.seq == seq:
            raise NotOffered("dispatch takes no action that a session shows")
        if await stays(ctx, acts, said, "its effect has come in a message that does not count it"):
            actor.puppet.count_effects_of(asked)
            await is_gone(ctx, acts, said, "a later state has come, which counts it")


@case(PENDING, limit_ms=60_000)
async def counted_without_a_message(ctx: Context) -> None:
    """What no message of the stream counts is done once its position is told by anything else."""
    told = {"an outcome": _by_an_outcome, "a pong": _by_a_pong}
    if is_core(ctx):
        told["a heartbeat"] = _by_a_heartbeat
    for by, tell in told.items():
        if not all_well(ctx):
            return
        acts = await acting(ctx, types=1, terms=QUICK if by == "a pong" else None)
        actor, kept = acts.actor, keep_back(acts.actor)
        actor.puppet.rest()
        _, said = await acts.acted(await acts.deed(quiet_type(acts)))
        asked = await kept_of(actor, kept, said)
        if await stays(ctx, acts, said, "it has come to the server, which has said nothing yet"):
            actor.puppet.count(asked, told=False)
            await tell(acts)
            await is_gone(ctx, acts, said, f"its outcome is lost, and {by} has counted it")


async def _by_an_outcome(acts: Acts) -> None:
    puppet = acts.actor.puppet
    puppet.truthful_again(ACTIONS)
    puppet.instead(ACTIONS, puppet.count, times=1)
    await acts.acted(await acts.deed(quiet_type(acts)))


async def _by_a_pong(_: Acts) -> None:
    """It asks by itself."""


async def _by_a_heartbeat(acts: Acts) -> None:
    acts.actor.puppet.heartbeat(acts.actor.served)


@case(PENDING, REST, ONE_OUT, needs=("hybrid",), limit_ms=60_000)
async def final_nack_takes_one_out(ctx: Context) -> None:
    """A final nack takes out the action that it names, at once, and none of those beside it."""
    for features in each_way(ctx):
        acts = await acting(ctx, features, types=1)
        actor, kept, held = acts.actor, keep_back(acts.actor), hold_all(acts.actor)
        row = [(await acts.acted())[1] for _ in range(3)]
        first, second, third = [await kept_of(actor, kept, one) for one in row]
        await actor.fenced()
        at = actor.served.position
        actor.puppet.lose_effects_of(first)
        if actor.served.position.head == at.head:
            raise NotOffered("dispatch takes no action that a session shows")
        actor.puppet.refuse_for_good(second, FORBIDDEN)
        why = "three are pending; the first was acked ahead of its effect, the second got a final nack"
        good = (
            await is_gone(ctx, acts, row[1], f"{why}: the second", held=held)
            and await stays(ctx, acts, row[0], f"{why}: the first", at=at)
            and await stays(ctx, acts, row[2], f"{why}: the third")
        )
        if not good:
            _shows_one_out(ctx, why, good=False)
            return
        actor.puppet.deliver(actor.served.since(*at.head) or ())
        release(held)
        why = "the effect of the first has come, the second got a final nack, the third has no outcome"
        gone = [await is_gone(ctx, acts, one, why) for one in row[:BOTH]]
        good = all(gone) and await stays(ctx, acts, row[2], why)
        if _shows_one_out(ctx, why, good=good):
            serve(actor, (third,))
            await comes_to_rest(ctx, acts, "the third is done as well")


def _shows_one_out(ctx: Context, why: str, *, good: bool) -> bool:
    words = "of three the one with the final nack is out at once, and no other one by that"
    return ctx.check(ONE_OUT, good, expected=words, seen=words if good else "others", why=why)


async def _is_done(ctx: Context, acts: Acts, said: Seen) -> None:
    ctx.require(await acts.done(said), "an action has passed the gate, and has not come here")
