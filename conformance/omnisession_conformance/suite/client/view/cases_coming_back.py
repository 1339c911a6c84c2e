"""The view over a lost connection and a lost session: what is pending stays on top."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.client.actor import RECOVERIES
from omnisession_conformance.roles.client.steps.hard_deeds import HARD
from omnisession_conformance.roles.client.steps.scenes import (
    acting_kinds,
    creates_of,
    scene_of,
    types_of,
)
from omnisession_conformance.roles.client.steps.ways import each_way

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.steps.scene import Scene

FOLD = "HYB-005"
BACK_WITHIN_S = 15.0


@case(FOLD, limit_ms=60_000)
async def view_over_a_cut(ctx: Context) -> None:
    """Offline what the user does shows as ever, and what others did meanwhile comes below it."""
    for kinds in acting_kinds(ctx):
        for features in each_way(ctx):
            scene = await scene_of(ctx, kinds, features)
            if not await _offline(ctx, scene):
                return
            if not await scene.shows(FOLD, "back again: others have done something meanwhile"):
                return
            for item in scene.pending:
                await scene.done(item)
            await scene.shows(FOLD, "everything has its outcome")


async def _offline(ctx: Context, scene: Scene) -> bool:
    actor = scene.actor
    types = types_of(ctx, actor.served.kinds)
    await scene.does(types[0], HARD[types[0]](secrets.token_hex(4))[0])
    await scene.all_sent()
    with actor.gate.refusing():
        for type_ in types:
            await scene.does(type_, HARD[type_](secrets.token_hex(4))[0])
        if not await scene.shows(FOLD, "offline, with actions that were not sent yet"):
            return False
        for kind in actor.served.kinds:
            actor.step(kind=kind, deliver=False)
    back = await actor.stage.caught_up(actor.served, within_s=BACK_WITHIN_S)
    ctx.require(back is not None, "the client has not come back (CLI-016)")
    await scene.all_sent()
    return True


@case(FOLD, limit_ms=60_000)
async def view_in_a_new_session(ctx: Context) -> None:
    """What is pending when a session is lost stays in front in the next, be its effect there already."""
    for kinds in acting_kinds(ctx):
        for features in each_way(ctx):
            scene = await scene_of(ctx, kinds, features)
            if not await _carried(ctx, scene):
                return


async def _carried(ctx: Context, scene: Scene) -> bool:
    actor, puppet = scene.actor, scene.actor.puppet
    kinds = actor.served.kinds
    for type_ in (*creates_of(ctx, kinds), *types_of(ctx, kinds)):
        await scene.does(type_, HARD[type_](secrets.token_hex(4))[0])
    await scene.all_sent()
    if not await scene.shows(FOLD, "actions are pending"):
        return False
    if scene.pending:
        # Done, and nobody has told: the next session begins with its effect.
        puppet.parts_of(await scene.sent(scene.pending[0]))
    puppet.expire(actor.served)
    actor.gate.cut()
    await actor.opened(within_s=BACK_WITHIN_S)
    await scene.all_sent()
    done = "the first of them is done, which nothing has told"
    if not await scene.shows(FOLD, f"they came along into a new session; {done}"):
        return False
    for number, item in enumerate(scene.pending, 1):
        await scene.done(item)
        if number == 1 and not await scene.shows(FOLD, "the first is acked as a duplicate"):
            return False
    return await scene.shows(FOLD, "all of them have their outcome in the new session")


@case(FOLD, limit_ms=60_000)
async def view_while_a_recovery_waits(ctx: Context) -> None:
    """While a recovery is under way what the user does shows over the slices that there are."""
    for kinds in acting_kinds(ctx):
        scene = await scene_of(ctx, kinds)
        actor = scene.actor
        held = [actor.puppet.hold(type_) for type_ in (*RECOVERIES, "session.open")]
        actor.gate.cut()
        asked = await actor.until(
            lambda held=held: any(one.asked for one in held), within_s=BACK_WITHIN_S
        )
        ctx.require(asked, "the client has not come back (CLI-016)")
        for type_ in types_of(ctx, actor.served.kinds):
            await scene.does(type_, HARD[type_](secrets.token_hex(4))[0])
        if not await scene.shows(FOLD, "a recovery is not answered yet, and actions are pending"):
            return
        for one in held:
            one.release()
        await scene.all_sent()
        await scene.shows(FOLD, "the recovery is answered, and the actions are sent")
