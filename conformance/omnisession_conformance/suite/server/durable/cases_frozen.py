"""DUR: an instance stands still until another one has taken its place, and goes on."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import Phase, case
from omnisession_conformance.suite.server.durable.crowd import Crowd
from omnisession_conformance.suite.server.durable.kept import judge_kept, served_or_stop
from omnisession_conformance.suite.server.durable.needs import (
    AT_A_TIME,
    DURABLE,
    FREEZES,
    LIMIT_MS,
)
from omnisession_conformance.suite.server.durable.streams import judge_streams, one_speaks

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.target import Instances

USERS, EACH = 4, 2
OFTEN = {"heartbeat_ms": 300}
"""What stood still has heartbeats to tell at once."""


@case(
    *("DUR-001", "DUR-004", "DUR-007", "DUR-009", "DUR-010", "DUR-011", "DUR-012"),
    needs=(*DURABLE, *FREEZES),
    phase=Phase.INSTANCES,
    limit_ms=LIMIT_MS,
)
async def instances_stand_still(ctx: Context) -> None:
    """Each instance stands still until others serve, and says nothing more once it goes on."""
    target = ctx.instances
    crowd = await Crowd.gather(ctx, USERS, EACH, OFTEN)
    try:
        await _stand_still(ctx, target, crowd)
    finally:
        # Who has acked what it cannot know keeps its client from going on: that is told as well.
        for session in crowd.sessions:
            one_speaks(ctx, session)
        judge_streams(ctx, crowd)
    await judge_kept(ctx, crowd)


async def _stand_still(ctx: Context, target: Instances, crowd: Crowd) -> None:
    with ctx.disturbed("instances stand still in turn"):
        for number in range(1, target.instances + 1):
            try:
                freeze = partial(target.freeze_instance, number)
                served = await crowd.act(AT_A_TIME, freeze)
            finally:
                await target.thaw_instance(number)
            served_or_stop(ctx, "DUR-007", crowd, all_served=served)
            # What it was sent while it stood still is handled by now, if it is by anybody.
            served_or_stop(ctx, "DUR-007", crowd, all_served=await crowd.act(AT_A_TIME))
            # One that ends as it notices is started again, as whoever looks after it would.
            await target.start_instance(number)
        await crowd.fences()
