"""DUR: all instances end, suddenly and in order, and are started again."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import Phase, case
from omnisession_conformance.suite.server.durable.alive import kept_alive
from omnisession_conformance.suite.server.durable.before import Before
from omnisession_conformance.suite.server.durable.crowd import Crowd
from omnisession_conformance.suite.server.durable.kept import judge_kept, served_or_stop
from omnisession_conformance.suite.server.durable.needs import DURABLE, LIMIT_MS, STOPS
from omnisession_conformance.suite.server.durable.streams import judge_streams
from omnisession_conformance.suite.server.durable.there import all_there
from omnisession_conformance.suite.server.durable.things import Things

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from omnisession_conformance.roles.server.context import Context

USERS, EACH = 4, 2


@case(
    *("DUR-003", "DUR-004", "DUR-005", "DUR-006", "DUR-007", "DUR-008", "DUR-009", "DUR-010"),
    needs=(*DURABLE, *STOPS),
    phase=Phase.INSTANCES,
    limit_ms=LIMIT_MS,
)
async def all_instances_are_started_again(ctx: Context) -> None:
    """All instances end under load, then in order: what was acked is there once, and sessions go on."""
    target = ctx.instances
    # Of what is somebody else's nothing is killed as a whole.
    ends = (target.kill, target.stop) if target.mode == "spawn" else (target.stop,)
    crowd = await Crowd.gather(ctx, USERS, EACH, rounds=len(ends))
    before, things = await Before.make(ctx), await Things.make(ctx)
    with ctx.disturbed("all instances end, and are started again"):
        async with kept_alive([*crowd.sessions, *before.sessions, *things.sessions]):
            for end in ends:
                await all_there(ctx)
                await crowd.act(partial(_again, ctx, end))
                served_or_stop(ctx, "DUR-007", crowd)
                ctx.target_is_back()
        await all_there(ctx)
        await crowd.fences()
        judge_streams(ctx, crowd)
        await judge_kept(ctx, crowd, "DUR-003")
        await things.judge(ctx, "DUR-003")
        await before.judge(ctx)


async def _again(ctx: Context, end: Callable[[], Awaitable[int | None]]) -> None:
    try:
        await end()
    finally:
        await ctx.target.start()
