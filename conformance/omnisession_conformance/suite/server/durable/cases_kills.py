"""DUR: each instance is killed in turn, in the midst of what users do."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import Phase, case
from omnisession_conformance.suite.server.durable.alive import kept_alive
from omnisession_conformance.suite.server.durable.before import Before
from omnisession_conformance.suite.server.durable.crowd import Crowd
from omnisession_conformance.suite.server.durable.kept import judge_kept, served_or_stop
from omnisession_conformance.suite.server.durable.needs import DURABLE, KILLS, LIMIT_MS
from omnisession_conformance.suite.server.durable.streams import judge_streams
from omnisession_conformance.suite.server.durable.there import all_there
from omnisession_conformance.suite.server.durable.things import Things

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.target import Instances

USERS, EACH = 8, 3


@case(
    *("DUR-001", "DUR-004", "DUR-005", "DUR-006", "DUR-007", "DUR-008", "DUR-009", "DUR-010"),
    needs=(*DURABLE, *KILLS),
    phase=Phase.INSTANCES,
    limit_ms=LIMIT_MS,
)
async def instances_are_killed(ctx: Context) -> None:
    """Each instance is killed under load: what was acked is there once, and sessions go on."""
    target = ctx.instances
    crowd = await Crowd.gather(ctx, USERS, EACH, rounds=target.instances)
    before, things = await Before.make(ctx), await Things.make(ctx)
    with ctx.disturbed("instances are killed in turn"):
        async with kept_alive([*crowd.sessions, *before.sessions, *things.sessions]):
            for number in range(1, target.instances + 1):
                # One at a time: where two are gone, it may be that nobody has what was acked.
                await all_there(ctx)
                try:
                    await crowd.act(partial(_kill, target, number))
                finally:
                    await target.start_instance(number)
                served_or_stop(ctx, "DUR-007", crowd)
                ctx.target_is_back()
        await all_there(ctx)
        await crowd.fences()
        judge_streams(ctx, crowd)
        await judge_kept(ctx, crowd)
        await things.judge(ctx, "DUR-001")
        await before.judge(ctx)


async def _kill(target: Instances, number: int) -> None:
    await target.kill_instance(number)
    if target.instances == 1:
        # There is nobody else who could go on.
        await target.start_instance(number)
