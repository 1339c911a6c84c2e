"""Digests: what a client holds shows by its own question, and by its silence.

Nothing here rests on reports: one that is right beside slices that are not is found out.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.json import texts
from omnisession_conformance.roles.client.actor import SYNC
from omnisession_conformance.roles.client.puppet.bodies import told
from omnisession_conformance.roles.client.puppet.terms import Terms
from omnisession_conformance.roles.client.stage import WITHIN_S
from omnisession_conformance.roles.client.steps.acts import acts_of
from omnisession_conformance.roles.client.steps.missing import told_in
from omnisession_conformance.roles.client.steps.pending import all_kept, keep_back
from omnisession_conformance.roles.client.steps.reducers import vectors_of
from omnisession_conformance.roles.client.steps.rows import (
    FAILURES,
    LONGEST_WAIT_MS,
    ROW,
    check_row,
)
from omnisession_conformance.roles.client.steps.showing import say

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.gate.seen import Seen

DIGEST = "CLI-014"
WRONG = "0" * 64
OF_EVERY_FORM = {
    "\U00010000": 1,
    "\ue000": 2,
    "e\u0301": "\u2028\x7f/",
    "numbers": [1e-7, 0.000001, 1.5e-9, 123456789.125, 0.1, -0.5, 2**53 - 1],
}
"""By UTF-16 unit the first stands before the second, by code point behind it."""
PAUSE_S = 0.05
"""Between heartbeats, where one of them is to be compared."""


@case(DIGEST, limit_ms=40_000)
async def right_digests_ask_for_nothing(ctx: Context) -> None:
    """A client whose slices have the digests of the server asks for nothing."""
    actor = await _live(ctx)
    mark = actor.mark()
    actor.puppet.heartbeat(actor.served)
    await _is_silent(actor, mark, "the digests of a heartbeat were those of the slices")
    for kind in actor.served.kinds:
        # Names and texts of many alphabets, and members that nobody knows.
        for vector in vectors_of(kind):
            actor.puppet.state(actor.served, kind, vector.slice)
            for one in vector.steps:
                say(actor, kind, one)
            actor.puppet.heartbeat(actor.served)
            # Not all of them at once: a client that takes its time for each still has to report.
            await actor.fenced()
    await _is_silent(actor, mark, "the digests of heartbeats were those of the slices each time")
    await actor.holds(DIGEST, why="and the slices are as they were served")


@case(DIGEST)
async def members_of_every_form_are_hashed(ctx: Context) -> None:
    """Members that nobody knows are hashed as RFC 8785 has them, whatever their names and numbers."""
    actor = await _live(ctx)
    mark = actor.mark()
    for kind in actor.served.kinds:
        slice_ = {**actor.served.slices[kind], "x_later": OF_EVERY_FORM}
        actor.puppet.state(actor.served, kind, slice_)
        actor.puppet.heartbeat(actor.served)
        await actor.fenced()
    why = "digests were those of slices with members of every name and number"
    await _is_silent(actor, mark, why)


@case(DIGEST)
async def digests_of_other_kinds_mean_nothing(ctx: Context) -> None:
    """A digest of a kind that a later version has is passed over."""
    actor = await _live(ctx)
    served, mark = actor.served, actor.mark()
    data = {"position": told(served.position), "digests": {**served.digests, "weather": WRONG}}
    at_ms = served.history[1, 1].body["timestamp"]
    for _ in range(2):
        body = served.body("session.heartbeat", data, at_ms)
        actor.puppet.anyhow(served.subject("control"), body)
    await _is_silent(actor, mark, "a heartbeat had the digest of a kind that nobody knows")


@case(DIGEST)
async def digests_that_were_not_granted_are_not_missed(ctx: Context) -> None:
    """A server without the feature grants none: that its heartbeats have none is right."""
    features = tuple(name for name in ctx.digests if name != "digests")
    terms = Terms(features=features)
    actor = await ctx.live(ctx.declared.kinds, ctx.digests, terms=terms)
    actor.step()
    await actor.fenced()
    mark = actor.mark()
    for _ in range(2):
        actor.puppet.heartbeat(actor.served)
    await _is_silent(actor, mark, "the server grants no digests, and tells none")


@case(DIGEST, needs=("hybrid",), limit_ms=40_000)
async def digests_are_those_of_the_slices(ctx: Context) -> None:
    """What is pending changes no digest: it is that of what the server has said."""
    actor = await _live(ctx)
    acts, kept = acts_of(actor), keep_back(actor)
    await all_kept(acts, kept, 2)
    mark = actor.mark()
    actor.puppet.heartbeat(actor.served)
    await _is_silent(actor, mark, "the digests were those of the slices, with two actions pending")


@case(DIGEST)
async def digests_of_another_position_mean_nothing(ctx: Context) -> None:
    """Digests of a position that a client has left are not compared."""
    actor = await _live(ctx)
    served, mark = actor.served, actor.mark()
    left = replace(served.position, seq=served.seq - 1)
    actor.puppet.heartbeat(served, position=left, digests=dict.fromkeys(served.kinds, WRONG))
    await _is_silent(actor, mark, "the digests of a heartbeat were of another position")


@case(DIGEST)
async def digests_of_what_has_not_come_mean_nothing(ctx: Context) -> None:
    """Digests of a position that a client has not reached yet are not compared."""
    actor = await _live(ctx)
    if await _syncs_ahead(actor, {}):
        # It asks for what it is told to be missing, at once: that is as right.
        ctx.check(DIGEST, good=True, expected="nothing to compare", seen="a recovery at once")
        return
    mark = actor.mark()
    await _syncs_ahead(actor, None)
    await _is_silent(actor, mark, "the digests of a heartbeat were of a position to come")


async def _syncs_ahead(actor: Actor, digests: dict[str, str | None] | None) -> bool:
    """Let a heartbeat overtake the message before it; whether that leads to a sync."""
    mark = actor.mark()
    message = actor.step(deliver=False)
    actor.puppet.heartbeat(actor.served, digests=digests)
    await actor.fenced()
    actor.puppet.deliver([message])
    await actor.fenced()
    return bool(actor.said(SYNC, since=mark))


@case(DIGEST, limit_ms=40_000)
async def wrong_digest_asks_for_states(ctx: Context) -> None:
    """Where the digest of a slice differs, its states are asked for, once."""
    for kind in ctx.declared.kinds:
        actor = await _live(ctx)
        served, mark = actor.served, actor.mark()
        why = f"the digest of {kind} in a heartbeat was another one"
        # A second heartbeat might be compared behind the states, and ask for them rightly once more.
        actor.puppet.heartbeat(served, digests={**served.digests, kind: WRONG})
        asked = await actor.says(SYNC, since=mark, within_s=WITHIN_S)
        if asked is None:
            ctx.absent(DIGEST, expected=SYNC, waited_s=WITHIN_S, why=why)
            return
        kinds = texts(told_in(asked).get("kinds")) or served.kinds
        on = actor.records([asked])
        if not ctx.check(DIGEST, kind in kinds, expected=kind, seen=kinds, on=on, why=why):
            return
        if not await actor.comes_to_the_head(DIGEST, within_s=WITHIN_S, why=why):
            return
        await actor.fenced()
        ctx.equal(DIGEST, 1, len(actor.said(SYNC, since=mark)), on=on, why=f"{why}: one sync")
        await actor.holds(DIGEST, why=why)


@case(DIGEST, slow=True, limit_ms=100_000)
async def syncs_that_do_not_help_are_spread(ctx: Context) -> None:
    """Where digests differ again and again, syncs do not follow at once on each other."""
    actor = await ctx.live(features=ctx.digests, timers=ROW)
    actor.step()
    await actor.fenced()
    mark = actor.mark()
    asked: list[Seen] = []
    while len(asked) <= FAILURES:
        digests: dict[str, str | None] = dict.fromkeys(actor.served.kinds, WRONG)
        found = await _asks(actor, digests, mark, number=len(asked) + 1)
        if found is None:
            why = f"its digests were wrong again, after {len(asked)} syncs"
            waited_s = LONGEST_WAIT_MS / 1_000
            ctx.absent(DIGEST, expected=SYNC, waited_s=waited_s, why=why)
            return
        asked.append(found)
        ctx.require(await actor.stage.caught_up(actor.served) is not None, "no states were taken")
    check_row(ctx, actor, DIGEST, asked, "its digests were wrong each time")


async def _live(ctx: Context) -> Actor:
    """A session with all kinds, in each of which something was made and taken away."""
    actor = await ctx.live(ctx.declared.kinds, ctx.digests)
    for kind in actor.served.kinds:
        actor.step(3, kind=kind)
        actor.puppet.undo(actor.served, actor.puppet.steps, kind)
    await actor.fenced()
    return actor


async def _is_silent(actor: Actor, since: int, why: str) -> None:
    fenced = await actor.fenced()
    actor.says_nothing(DIGEST, (SYNC,), since=since, exact=fenced.exact, why=why)


async def _asks(
    actor: Actor,
    digests: dict[str, str | None],
    since: int,
    *,
    number: int,
) -> Seen | None:
    """Tell digests until the n-th sync comes: who waits before it may not compare meanwhile."""
    loop = asyncio.get_running_loop()
    until_s = loop.time() + LONGEST_WAIT_MS / 1_000
    while loop.time() < until_s:
        actor.puppet.heartbeat(actor.served, digests=digests)
        asked = await actor.says(SYNC, since=since, number=number, within_s=PAUSE_S)
        if asked is not None:
            return asked
    return None
