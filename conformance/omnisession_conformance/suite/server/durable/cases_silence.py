"""DUR: a client that says nothing any more is not waited for by each new instance for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import Phase, case
from omnisession_conformance.roles.server.restart import revive
from omnisession_conformance.roles.server.steps.timers import EXPIRY_LATE_MS, beats
from omnisession_conformance.suite.server.durable.again import GONE, until_answered
from omnisession_conformance.suite.server.durable.alive import window_ms
from omnisession_conformance.suite.server.durable.needs import LIMIT_MS, STOPS

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context

SILENT = "DUR-022"
SHORT = {"heartbeat_ms": 300, "resume_window_ms": 3_000}
LONGEST_MS = 30_000
WINDOWS = 2
"""So many times its window a session may live on once somebody serves."""


@case(SILENT, needs=("durable", *STOPS), phase=Phase.INSTANCES, limit_ms=LIMIT_MS)
async def silent_sessions_expire_after_a_takeover(ctx: Context) -> None:
    """All instances end and are started again: a session whose client stays silent is over before long."""
    target = ctx.instances
    user = ctx.user()
    silent, asking = await ctx.open(user, timers=SHORT), await ctx.open(user)
    silent.leave_open = True
    window = window_ms(silent)
    ctx.require(
        window <= LONGEST_MS, f"resume_window_ms {window} was granted: it is not waited for"
    )
    end = target.kill if target.mode == "spawn" else target.stop
    with ctx.disturbed("all instances end, and are started again"):
        try:
            await end()
        finally:
            await revive(ctx)
        since = ctx.log.mark()
        await until_answered(asking, "session.ping")
        # Nobody asks it before that time: a question is a sign of life.
        await silent.wait(lambda: None, ctx.within(WINDOWS * window + EXPIRY_LATE_MS))
    answer = await until_answered(silent, "session.ping")
    ctx.check(
        SILENT,
        answer.code in GONE,
        expected=f"a refusal with {GONE[0]} or {GONE[1]}, once {WINDOWS} of its windows are over",
        seen=str(answer),
        on=(answer, *beats(silent, since)[-1:]),
        why="session.ping of a session whose client said nothing since before a takeover",
    )
