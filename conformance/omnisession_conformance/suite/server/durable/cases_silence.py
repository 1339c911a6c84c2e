"""DUR: a client that says nothing any more is not waited for by each new instance for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import Phase, case
from omnisession_conformance.roles.server.restart import revive
from omnisession_conformance.roles.server.steps.timers import beats, interval_ms
from omnisession_conformance.suite.server.durable.crowd import GONE, until_answered
from omnisession_conformance.suite.server.durable.needs import LIMIT_MS, STOPS

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session

SILENT = "DUR-022"
SHORT = {"heartbeat_ms": 300, "resume_window_ms": 3_000}
WINDOWS = 2
"""So many times its window a session may live on once somebody serves."""
LATE_MS = 5_000
"""So much later it may end on a machine that is busy."""
MISSED = 6
"""So many heartbeats that do not come mean that there is no session any more."""


@case(SILENT, needs=("durable", *STOPS), phase=Phase.INSTANCES, limit_ms=LIMIT_MS)
async def silent_sessions_expire_after_a_takeover(ctx: Context) -> None:
    """All instances end and are started again: a session whose client stays silent is over before long."""
    target = ctx.instances
    user = ctx.user()
    silent, asking = await ctx.open(user, timers=SHORT), await ctx.open(user)
    silent.leave_open = True
    end = target.kill if target.mode == "spawn" else target.stop
    with ctx.disturbed("all instances end, and are started again"):
        try:
            await end()
        finally:
            await revive(ctx)
        since = ctx.log.mark()
        await until_answered(asking, "session.ping")
        over = await _is_silent(silent, since)
    answer = await until_answered(silent, "session.ping")
    ctx.check(
        SILENT,
        over and answer.code in GONE,
        expected=f"a refusal with {GONE[0]} or {GONE[1]}, once {WINDOWS} of its windows are over",
        seen=str(answer) if over else f"heartbeats, and {answer}",
        on=(answer, *beats(silent, since)[-1:]),
        why="session.ping of a session whose client said nothing since before a takeover",
    )


async def _is_silent(session: Session, since: int) -> bool:
    """Wait until a session has no more heartbeats; whether that was before it had too many."""
    interval = interval_ms(session)
    window = session.timers.get("resume_window_ms", SHORT["resume_window_ms"])
    most = (WINDOWS * window + LATE_MS) // interval
    count = 0
    while count <= most:
        came = count

        def more(came: int = came) -> int | None:
            found = len(beats(session, since))
            return found if found > came else None

        found = await session.wait(more, MISSED * interval / 1_000)
        if found is None:
            return True
        count = found
    return False
