"""DUR: all instances end, suddenly and in order, and are started again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import Phase, case
from omnisession_conformance.suite.server.durable.crowd import Crowd
from omnisession_conformance.suite.server.durable.kept import judge_kept, served_or_stop
from omnisession_conformance.suite.server.durable.needs import AT_A_TIME, DURABLE, LIMIT_MS, STOPS
from omnisession_conformance.suite.server.durable.streams import judge_streams

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from omnisession_conformance.roles.server.context import Context

USERS, EACH = 4, 2


@case(
    *("DUR-003", "DUR-004", "DUR-005", "DUR-007", "DUR-009", "DUR-010"),
    needs=(*DURABLE, *STOPS),
    phase=Phase.INSTANCES,
    limit_ms=LIMIT_MS,
)
async def all_instances_are_started_again(ctx: Context) -> None:
    """All instances end under load, then in order: what was acked is there once, and sessions go on."""
    target = ctx.instances
    crowd = await Crowd.gather(ctx, USERS, EACH)
    # Of what is somebody else's nothing is killed as a whole.
    ends = (target.kill, target.stop) if target.mode == "spawn" else (target.stop,)
    with ctx.disturbed("all instances end, and are started again"):
        for end in ends:
            served = await crowd.act(AT_A_TIME, lambda end=end: _again(ctx, end))
            served_or_stop(ctx, "DUR-007", crowd, all_served=served)
            ctx.target_is_back()
        await crowd.fences()
    judge_streams(ctx, crowd)
    await judge_kept(ctx, crowd, "DUR-003")


async def _again(ctx: Context, end: Callable[[], Awaitable[int | None]]) -> None:
    try:
        await end()
    finally:
        await ctx.target.start()
