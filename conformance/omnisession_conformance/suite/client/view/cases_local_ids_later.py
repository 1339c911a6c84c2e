"""Local ids of what is refused, or pending while no session is live: they are never sent either."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.model.optimistic.values import LOCAL
from omnisession_conformance.roles.client.actor import OPEN
from omnisession_conformance.roles.client.stage import WITHIN_S
from omnisession_conformance.roles.client.steps.acts import acts_of
from omnisession_conformance.roles.client.steps.deeds import kind_of
from omnisession_conformance.roles.client.steps.local_ids import ids_in
from omnisession_conformance.roles.client.steps.missing import (
    came,
    hold_all,
    release,
    truthful_again,
)
from omnisession_conformance.roles.client.steps.naming import (
    FOLLOWS_WITHIN_MS,
    LOCALS,
    created,
    creates_with_followers,
    for_each_create,
    is_done,
    is_told,
    name_it,
    says_no,
)
from omnisession_conformance.roles.client.steps.pending import REST, comes_to_rest
from omnisession_conformance.roles.client.steps.scenes import not_opened
from omnisession_conformance.roles.client.steps.ways import all_well

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.steps.scene import Item, Scene

TOLD = "HYB-015"
FORBIDDEN = 4030
BACK_WITHIN_S = 15.0


@case(LOCALS, TOLD, REST, needs=("optimistic",), limit_ms=60_000)
async def local_id_of_what_is_refused(ctx: Context) -> None:
    """Where the create is refused, what waited for it is refused as well, and told; nothing is pending."""
    await for_each_create(ctx, _then_refused)


@case(LOCALS, limit_ms=60_000)
async def local_id_over_a_new_session(ctx: Context) -> None:
    """Whenever it is named, no new connection and no new session makes a client send a local id."""
    await for_each_create(ctx, _then_carried)


@case(LOCALS, limit_ms=60_000)
async def local_id_before_the_session_is_open(ctx: Context) -> None:
    """What names the entry of a create that waits for a session is not sent in that."""
    for type_ in creates_with_followers(ctx):
        if not all_well(ctx):
            return
        kinds = (kind_of(type_) or "",)
        scene, opens = await not_opened(ctx, kinds)
        create = await created(scene, type_)
        local = await _shown_before(scene, create)
        waiting = await name_it(scene, local, kinds)
        opens()
        await scene.actor.opened()
        why = f"{type_} was pending before the session was open, and its entry was acted upon"
        if await _goes_on(scene, create, why):
            await is_done(scene, create, waiting)


async def _shown_before(scene: Scene, create: Item) -> str:
    """The local id of what a create makes before there is a session, which is all that the view has."""
    report = await scene.actor.stage.reported_of(
        "view", lambda found: bool(ids_in(found.view or {})), within_s=WITHIN_S
    )
    local = "" if report is None else next(iter(ids_in(report.view or {})))
    is_local = local.startswith(LOCAL)
    scene.actor.ctx.require(is_local, "the view has no local entry before the session is (HYB-005)")
    create.told_id = create.told_id or local.removeprefix(LOCAL)
    return local


async def _then_refused(scene: Scene, create: Item, waiting: list[Item]) -> None:
    local, ctx = scene.local_id(create), scene.actor.ctx
    await scene.refused(create, FORBIDDEN)
    told = await _are_told(scene, [create], (TOLD,), "got a final nack")
    what = "has waited for a create, which is refused"
    told = told and await _are_told(scene, waiting, (LOCALS, TOLD), what)
    why = "a create is refused, whose entry was acted upon"
    if not await comes_to_rest(ctx, acts_of(scene.actor), why) or not told:
        return
    if await says_no(scene, local, why):
        again = await name_it(scene, local)
        why = "names the entry of a create that was refused before"
        if await says_no(scene, local, f"what is done next {why}"):
            await _are_told(scene, again, (LOCALS, TOLD), why)


async def _are_told(scene: Scene, items: Iterable[Item], rows: Sequence[str], what: str) -> bool:
    """Observe that the user is told of each of some actions, all of which are refused by now."""
    ctx = scene.actor.ctx
    expected = "the user is told that it is refused"
    for item in items:
        why, told = f"{item.deed.type} {what}", await is_told(scene, item)
        for requirement in rows:
            if told:
                ctx.check(requirement, good=True, expected=expected, seen=expected, why=why)
            else:
                waited_s = ctx.within(FOLLOWS_WITHIN_MS)
                ctx.absent(requirement, expected=expected, waited_s=waited_s, why=why)
        if not told:
            return False
        item.over = True
    return True


async def _then_carried(scene: Scene, create: Item, waiting: list[Item]) -> None:
    actor, local = scene.actor, scene.local_id(create)
    with actor.gate.refusing():
        waiting += await name_it(scene, local)
    back = await actor.stage.caught_up(actor.served, within_s=BACK_WITHIN_S)
    actor.ctx.require(back is not None, "the client has not come back (CLI-016)")
    if not await _goes_on(scene, create, "its entry was acted upon offline"):
        return
    held = hold_all(actor)
    actor.gate.cut()
    asks = await came(actor, held, within_s=BACK_WITHIN_S)
    actor.ctx.require(asks, "the client has not come back (CLI-016)")
    waiting += await name_it(scene, local)
    release(held)
    truthful_again(actor)
    if not await _goes_on(scene, create, "its entry was acted upon while a recovery was under way"):
        return
    opens = actor.puppet.hold(OPEN)
    actor.puppet.expire(actor.served)
    actor.gate.cut()
    asks = await opens.came(within_s=BACK_WITHIN_S)
    actor.ctx.require(asks, "the client has asked to open no session (CLI-025)")
    waiting += await name_it(scene, local)
    opens.release()
    await actor.opened(within_s=BACK_WITHIN_S)
    await scene.sent(create)
    if await _goes_on(scene, create, "its entry was acted upon between two sessions"):
        await is_done(scene, create, waiting)


async def _goes_on(scene: Scene, create: Item, why: str) -> bool:
    """Observe that no local id was sent; what comes once it is back is there when what is behind it is."""
    await scene.sent(await created(scene, create.deed.type))
    return await says_no(scene, scene.local_id(create), why)
