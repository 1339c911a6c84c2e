"""CTRL: a session id that the server may have forgotten begins anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.server.steps.timers import BEATS, MS, SHORT, beats
from omnisession_conformance.suite.server.control.forgotten import HIGHER, begins_anew

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context

BEHIND_MS = 300
"""So long after the window of a closed session its id may be forgotten."""
PULSE_S = 0.25


@case(HIGHER, slow=True)
async def forgotten_ids_begin_a_higher_epoch(ctx: Context) -> None:
    """The id of a session that was closed is opened again behind its window: in a higher epoch, or not."""
    user = ctx.user()
    clock, session = await ctx.open(user, timers=BEATS), await ctx.open(user, timers=SHORT)
    window = session.timers.get("resume_window_ms", 0)
    ctx.require(0 < window <= SHORT["resume_window_ms"], "a short window was not granted")
    head = await session.fence()
    closed = await session.close()
    ctx.require(closed.type == "session.closed", f"session.close got {closed}")
    session.leave_open, since = True, closed.record.t_ns
    while (ctx.log.records[-1].t_ns - since) // MS < window + BEHIND_MS:
        known = len(beats(clock))
        await clock.wait(lambda known=known: len(beats(clock)) > known or None, PULSE_S)
        ctx.require(len(beats(clock)) > known, "a live session got too few heartbeats")
    await begins_anew(ctx, session, head, "a session that was closed, behind its window")
