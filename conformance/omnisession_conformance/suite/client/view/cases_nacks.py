"""What is refused for now stays in the view: it has no final nack, and comes again."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.client.steps.hard_deeds import HARD
from omnisession_conformance.roles.client.steps.scenes import acting_kinds, scene_of, types_of
from omnisession_conformance.roles.client.steps.ways import each_way

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.context import Context

FOLD = "HYB-005"
RATE = 4290
AFTER_MS = 60_000
"""Nothing comes again while the case looks."""


@case(FOLD, limit_ms=60_000)
async def view_while_what_was_refused_for_now_waits(ctx: Context) -> None:
    """What a server refuses for now, and is to come again later, stays in the view until then."""
    for kinds in acting_kinds(ctx):
        for features in each_way(ctx):
            scene = await scene_of(ctx, kinds, features)
            puppet = scene.actor.puppet
            for type_ in types_of(ctx, scene.actor.served.kinds):
                await scene.does(type_, HARD[type_](secrets.token_hex(4))[0])
            await scene.all_sent()
            if not await scene.shows(FOLD, f"{len(scene.items)} actions are pending"):
                return
            for number, item in enumerate(scene.items, 1):
                puppet.refuse(await scene.sent(item), RATE, retry_after_ms=AFTER_MS)
                why = f"{number} of {len(scene.items)} pending actions got a nack {RATE}"
                if not await scene.shows(FOLD, f"{why}, to come again later", at_once=True):
                    return
