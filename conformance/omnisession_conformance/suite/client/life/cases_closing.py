"""A server that stops, or ends a session: come back when it says, or never."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.client.actor import CLOSE
from omnisession_conformance.roles.client.puppet.puppet import ACTIONS
from omnisession_conformance.roles.client.puppet.terms import (
    LEAST_HEARTBEAT_MS,
    LEAST_WINDOW_MS,
    Terms,
)
from omnisession_conformance.roles.client.steps.coming_back import RECOVERY, WAYS_BACK, way_back
from omnisession_conformance.roles.client.steps.openings import session_of, side_by_side

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.gate.seen import Seen

SILENT, LATER = "CLI-017", "CLI-018"
QUICK = Terms(heartbeat_ms=LEAST_HEARTBEAT_MS, resume_window_ms=LEAST_WINDOW_MS)
GONE_CODE, STOPS_CODE = 4101, 5030
ACTION = "session.noop"
EARLY_S = 0.005
"""Clocks of two programs may round a timer to the millisecond, each in its way."""
AFTER_MS, LONGER_THAN_MS = 400, 500
"""How long the server wants to be left alone; longer than the client takes to be back in any case."""


@case(SILENT, slow=True, limit_ms=30_000)
async def closed_for_good(ctx: Context) -> None:
    """After the end of a session nothing more is said for it, whatever else comes, and after a cut."""
    await side_by_side(ctx, lambda: _silent(ctx, cut=False), lambda: _silent(ctx, cut=True))


async def _silent(ctx: Context, *, cut: bool) -> None:
    actor = await ctx.live(terms=QUICK, timers={"outcome_ms": 150})
    await _act_in_vain(actor)
    actor.step()
    actor.puppet.rest()
    actor.puppet.closing(actor.served, GONE_CODE, reconnect=False)
    fenced = await actor.fenced()
    mark = actor.mark()
    # What was under way: something is missing, and a head is told.
    actor.step(deliver=False)
    actor.step()
    actor.puppet.heartbeat(actor.served)
    actor.puppet.heartbeat(actor.served)
    if cut:
        actor.gate.cut()
    window_s = actor.served.timers["resume_window_ms"] / 1_000
    found = await actor.stage.bell.until(
        lambda: _said_for_it(actor, mark), within_s=window_s + actor.spell_s
    )
    why = "session.closing with reconnect false" + (", and a cut" if cut else "")
    if found is not None and not fenced.exact and ctx.is_first:
        ctx.unsure(SILENT, f"{why}: its reports count nothing, so it is looked at again")
        return
    ctx.check(
        SILENT,
        good=found is None,
        expected="nothing for the session",
        seen="nothing for the session" if found is None else found.type,
        on=actor.records([] if found is None else [found]),
        why=why,
    )
    await actor.stop()


def _said_for_it(actor: Actor, since: int) -> Seen | None:
    session_id = actor.served.session_id
    said = (one for one in actor.gate.seen[since:] if session_of(one) == session_id)
    return next((one for one in said if one.type != CLOSE), None)


async def _act_in_vain(actor: Actor) -> None:
    """Leave an action without an outcome, where the client sends any: no copy may follow the end."""
    if ACTION not in actor.ctx.declared.actions:
        return
    actor.puppet.instead(ACTIONS, actor.puppet.swallow)
    mark = actor.mark()
    if (await actor.dispatch(ACTION, {})).refused is None:
        await actor.says(ACTION, since=mark, within_s=actor.ctx.answer_s)


@case(LATER, slow=True, limit_ms=60_000)
async def closed_and_back(ctx: Context) -> None:
    """After a planned stop a client recovers when its time has come, and not before."""
    for features in ctx.ways:
        actor = await ctx.live(features=features)
        await _comes_back_later(actor, "session.closing with reconnect true")
        await actor.stop()


@case(LATER, slow=True, limit_ms=60_000)
async def closed_and_back_on_a_new_connection(ctx: Context) -> None:
    """The time that a server wants to be left alone holds on the next connection, too."""
    actor = await ctx.live()
    await _comes_back_later(actor, "session.closing with reconnect true, and a cut", cut=True)


async def _comes_back_later(actor: Actor, why: str, *, cut: bool = False) -> None:
    actor.step()
    await actor.fenced()
    after_ms = max(AFTER_MS, actor.timers["reconnect_ms"] * 2 * cut)
    mark, said_s = actor.mark(), asyncio.get_running_loop().time()
    actor.puppet.rest()
    actor.puppet.closing(actor.served, STOPS_CODE, reconnect=True, after_ms=after_ms)
    fenced = await actor.fenced()
    # Nor is something that is missing a reason to come earlier.
    actor.step(deliver=False)
    actor.step()
    actor.puppet.heartbeat(actor.served)
    if cut:
        actor.gate.cut()
    within_s = actor.patience_s("retry_max_ms") + after_ms / 1_000
    asked = await way_back(actor, since=mark, within_s=within_s)
    if asked is None:
        actor.ctx.absent(LATER, expected=RECOVERY, waited_s=within_s, why=why)
        return
    waited_ms = (asked.at_s - said_s) * 1_000
    early = waited_ms < after_ms - EARLY_S * 1_000
    if early and not fenced.exact and actor.ctx.is_first:
        actor.ctx.unsure(LATER, f"{why}: its reports count nothing, so it is looked at again")
        return
    actor.ctx.check(
        LATER,
        good=not early,
        expected=f"{' or '.join(WAYS_BACK)} after {after_ms} ms",
        seen=f"{asked.type} after {waited_ms:.0f} ms",
        on=actor.records([asked]),
        why=why,
    )
    if not early and await actor.comes_to_the_head(LATER, within_s=10, why=why):
        await actor.holds(LATER, why=why)
