"""DUR: an instance stands still until another one has taken its place, and goes on."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import Phase, case
from omnisession_conformance.suite.server.durable.alive import kept_alive
from omnisession_conformance.suite.server.durable.crowd import Crowd
from omnisession_conformance.suite.server.durable.kept import judge_kept, served_or_stop
from omnisession_conformance.suite.server.durable.needs import DURABLE, FREEZES, LIMIT_MS
from omnisession_conformance.suite.server.durable.streams import judge_streams, one_speaks
from omnisession_conformance.suite.server.durable.there import all_there, kept_up

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.target import Instances

USERS, EACH, ROUNDS = 4, 2, 2
ASKED = 3
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
    crowd = await Crowd.gather(ctx, USERS, EACH, ROUNDS * target.instances, OFTEN)
    with ctx.disturbed("instances stand still in turn"):
        try:
            # One that ends as it notices is started again, as whoever looks after it would.
            async with kept_alive(crowd.sessions), kept_up(ctx):
                await _stand_still(ctx, target, crowd)
            await all_there(ctx)
            await crowd.fences()
            ctx.target_is_back()
        finally:
            # Who has acked what it cannot know keeps its client from going on: that is told as well.
            for session in crowd.sessions:
                one_speaks(ctx, session)
            judge_streams(ctx, crowd)
        await judge_kept(ctx, crowd)


async def _stand_still(ctx: Context, target: Instances, crowd: Crowd) -> None:
    for number in range(1, target.instances + 1):
        await all_there(ctx)
        try:
            await crowd.act(partial(target.freeze_instance, number))
            # Others serve by now. Of what is asked then some may wait for the one that stands still.
            await crowd.ask_all(ASKED)
        finally:
            await target.thaw_instance(number)
        served_or_stop(ctx, "DUR-007", crowd)
        # What it was sent while it stood still is handled by now, if it is by anybody.
        await crowd.act()
        served_or_stop(ctx, "DUR-007", crowd)
    await all_there(ctx)
