"""DUR: each instance is killed in turn, in the midst of what users do."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import Phase, case
from omnisession_conformance.suite.server.durable.before import Before
from omnisession_conformance.suite.server.durable.crowd import Crowd
from omnisession_conformance.suite.server.durable.kept import judge_kept, served_or_stop
from omnisession_conformance.suite.server.durable.needs import AT_A_TIME, DURABLE, KILLS, LIMIT_MS
from omnisession_conformance.suite.server.durable.streams import judge_streams

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
    crowd, before = await Crowd.gather(ctx, USERS, EACH), await Before.make(ctx)
    with ctx.disturbed("instances are killed in turn"):
        for number in range(1, target.instances + 1):
            try:
                kill = partial(_kill, target, number)
                served_or_stop(ctx, "DUR-007", crowd, all_served=await crowd.act(AT_A_TIME, kill))
            finally:
                await target.start_instance(number)
            ctx.target_is_back()
        await crowd.fences()
    judge_streams(ctx, crowd)
    await judge_kept(ctx, crowd)
    await before.judge(ctx)


async def _kill(target: Instances, number: int) -> None:
    await target.kill_instance(number)
    if target.instances == 1:
        # There is nobody else who could go on.
        await target.start_instance(number)
