"""A session that its server ends for good: nothing more is said for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.client.actor import CLOSE, OPEN
from omnisession_conformance.roles.client.puppet.puppet import ACTIONS
from omnisession_conformance.roles.client.puppet.terms import (
    LEAST_HEARTBEAT_MS,
    LEAST_WINDOW_MS,
    Terms,
)
from omnisession_conformance.roles.client.stage import WITHIN_S
from omnisession_conformance.roles.client.steps.acts import acts_of
from omnisession_conformance.roles.client.steps.closed import tells_that_it_is_closed
from omnisession_conformance.roles.client.steps.deeds import takes
from omnisession_conformance.roles.client.steps.missing import (
    came,
    hold_all,
    instead_of_all,
    lose_something,
    release,
)
from omnisession_conformance.roles.client.steps.openings import session_of, side_by_side

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.gate.seen import Seen
    from omnisession_conformance.roles.client.puppet.asked import Asked
    from omnisession_conformance.roles.client.steps.acts import Acts

SILENT = "CLI-017"
QUICK = Terms(heartbeat_ms=LEAST_HEARTBEAT_MS, resume_window_ms=LEAST_WINDOW_MS)
GONE_CODE = 4101
UNAVAILABLE, WAIT_MS = 5030, 300
OUTCOME_MS = 600
"""A copy would come while it is listened for, and not before the end is heard."""


@case(SILENT, slow=True, limit_ms=60_000)
async def closed_for_good(ctx: Context) -> None:
    """After the end of a session nothing more is said for it, whatever else comes, and after a cut."""
    await side_by_side(ctx, lambda: _silent(ctx, cut=False), lambda: _silent(ctx, cut=True))


@case(SILENT, slow=True, limit_ms=45_000)
async def closed_for_good_while_it_recovers(ctx: Context) -> None:
    """The end is heeded at once, also where an answer is waited for, be it that it comes or not."""
    await side_by_side(
        ctx,
        lambda: _silent_in_a_recovery(ctx, answered=False),
        lambda: _silent_in_a_recovery(ctx, answered=True),
        lambda: _silent_in_a_wait(ctx),
    )


async def _silent_in_a_wait(ctx: Context) -> None:
    """The same where the next recovery waits for its time."""
    actor = await ctx.live(terms=QUICK)
    await actor.fenced()
    refused: list[str] = []

    def refuse(asked: Asked) -> None:
        refused.append(asked.type)
        actor.puppet.refuse(asked, UNAVAILABLE, retry_after_ms=WAIT_MS)

    instead_of_all(actor, refuse)
    lose_something(ctx, actor)
    asked = await actor.until(lambda: refused, within_s=WITHIN_S)
    ctx.require(asked, "no recovery came after a gap")
    await actor.fenced()
    ended = await _end(actor)
    await _is_silent(actor, ended, "session.closing with reconnect false, and a recovery was due")


async def _silent_in_a_recovery(ctx: Context, *, answered: bool) -> None:
    actor = await ctx.live(terms=QUICK, timers={"answer_ms": 300})
    await actor.fenced()
    held = hold_all(actor)
    lose_something(ctx, actor)
    ctx.require(await came(actor, held), "no recovery came after a gap")
    if not answered:
        instead_of_all(actor, actor.puppet.swallow)
    ended = await _end(actor)
    if answered:
        release(held)
    why = "session.closing with reconnect false, and its recovery was " + (
        "answered behind it" if answered else "never answered"
    )
    await _is_silent(actor, ended, why, answer_s=actor.timers["answer_ms"] / 1_000)


async def _silent(ctx: Context, *, cut: bool) -> None:
    actor = await ctx.live(terms=QUICK, timers={"outcome_ms": OUTCOME_MS})
    acts = acts_of(actor, 1) if takes(ctx.declared.actions, actor.served.kinds) else None
    later = None if acts is None else await acts.deed()
    begun_s = actor.now_s
    if acts is not None:
        await _act_in_vain(acts)
    actor.step()
    ended = await _end(actor)
    # Later than that it may have given its action up, and have left for a new session.
    took_ms = (actor.now_s - begun_s) * 1_000
    in_time = acts is None or took_ms < actor.timers["outcome_ms"]
    ctx.in_time(in_time, f"it took {took_ms:.0f} ms to end a session with an action under way")
    # What was under way: something is missing, and a head is told.
    actor.step(deliver=False)
    actor.step()
    actor.puppet.heartbeat(actor.served)
    actor.puppet.heartbeat(actor.served)
    if acts is not None and later is not None:
        await acts.dispatch(later)
    if cut:
        actor.gate.cut()
    why = "session.closing with reconnect false" + (", and a cut" if cut else "")
    await _is_silent(actor, ended, why)


@dataclass(frozen=True, slots=True)
class _Ended:
    """Where in what the client has said its session was ended, and where it had surely heard of that."""

    said: int
    heard: int
    exact: bool


async def _end(actor: Actor) -> _Ended:
    actor.puppet.rest()
    said = actor.mark()
    actor.puppet.closing(actor.served, GONE_CODE, reconnect=False)
    fenced = await actor.fenced()
    return _Ended(said, actor.mark(), fenced.exact)


async def _is_silent(actor: Actor, ended: _Ended, why: str, *, answer_s: float = 0) -> None:
    """Observe that nothing is said for the session, as long as anything might come."""
    ctx, window_s = actor.ctx, actor.served.timers["resume_window_ms"] / 1_000
    found = await actor.stage.bell.until(
        lambda: _said_for_it(actor, ended), within_s=max(window_s, answer_s) + actor.spell_s
    )
    if found is not None and not ended.exact and ctx.is_first:
        ctx.unsure(SILENT, f"{why}: its reports count nothing, so it is looked at again")
        return
    await tells_that_it_is_closed(actor, SILENT, why)
    if found is None:
        # Nor is it closed once more by a user who leaves.
        await actor.stop()
        found = _said_for_it(actor, ended)
    ctx.check(
        SILENT,
        good=found is None,
        expected="nothing for the session, and no other one",
        seen="nothing" if found is None else found.type,
        on=actor.records([] if found is None else [found]),
        why=why,
    )


def _said_for_it(actor: Actor, ended: _Ended) -> Seen | None:
    session_id = actor.served.session_id
    # Nobody leaves: the end alone makes a client close.
    closes = actor.said(CLOSE, since=ended.said)
    said = (*closes, *actor.gate.seen[ended.heard :])
    return next((one for one in said if session_of(one) == session_id or one.type == OPEN), None)


async def _act_in_vain(acts: Acts) -> None:
    """Leave an action without an outcome: no copy may follow the end."""
    actor, deed = acts.actor, await acts.deed()
    actor.puppet.instead(ACTIONS, actor.puppet.swallow)
    act = await acts.dispatch(deed)
    if act.refused is None:
        await acts.said(act, within_s=actor.ctx.answer_s)
