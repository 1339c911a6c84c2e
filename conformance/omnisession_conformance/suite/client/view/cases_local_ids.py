"""Ids that only the view has: an action that names one is refused, or waits for the real id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.client.steps.local_ids import ids_in
from omnisession_conformance.roles.client.steps.naming import (
    LOCALS,
    all_follow,
    for_each_create,
    is_done,
    name_it,
    says_no,
)
from omnisession_conformance.roles.client.steps.scenes import recoveries_held

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.steps.scene import Item, Scene


@case(LOCALS, limit_ms=60_000)
async def local_id_before_the_ack(ctx: Context) -> None:
    """What names the entry of a pending create is not sent; once the real id is known, it may be."""
    await for_each_create(ctx, _then_done)


@case(LOCALS, limit_ms=60_000)
async def local_id_between_ack_and_effect(ctx: Context) -> None:
    """Neither is it sent once the create is acked, be its effect under way: the server has another id."""
    await for_each_create(ctx, _then_acked)


async def _then_done(scene: Scene, create: Item, waiting: list[Item]) -> None:
    local = scene.local_id(create)
    real = await is_done(scene, create, waiting)
    if not real:
        return
    again = await name_it(scene, local)
    why = f"{create.deed.type} is done, and its old local id is named again"
    if await says_no(scene, local, why):
        await all_follow(scene, again, local, real)


async def _then_acked(scene: Scene, create: Item, waiting: list[Item]) -> None:
    actor, local = scene.actor, scene.local_id(create)
    before = ids_in(actor.served.slices)
    with recoveries_held(actor):
        parts = await scene.in_parts(create)
        parts.answer()
        # An outcome may be handled behind the fence; a copy of it changes nothing.
        await actor.fenced()
        actor.puppet.tell(await scene.sent(create))
        await actor.fenced()
        waiting += await name_it(scene, local)
        why = (
            f"{create.deed.type} is acked, what it made is under way, and its entry was acted upon"
        )
        good = await says_no(scene, local, why)
        actor.puppet.deliver(parts.stream)
        scene.at_the_head()
        create.over = True
    if good and await says_no(scene, local, f"{why}; then it has come"):
        real = next(iter(ids_in(actor.served.slices) - before), "")
        await all_follow(scene, waiting, local, real)
