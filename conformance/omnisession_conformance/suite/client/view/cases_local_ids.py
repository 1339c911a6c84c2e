"""Ids that only the view has: an action that names one is refused, or waits for the real id."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import NotOffered
from omnisession_conformance.roles.client.steps.acts import id_of, is_action, whole
from omnisession_conformance.roles.client.steps.deeds import FORMS, Deed, kind_of
from omnisession_conformance.roles.client.steps.hard_deeds import HARD
from omnisession_conformance.roles.client.steps.local_ids import ids_in, named_by, renamed
from omnisession_conformance.roles.client.steps.scene import Item, Scene
from omnisession_conformance.roles.client.steps.scenes import (
    all_creates,
    scene_of,
    types_of,
)
from omnisession_conformance.roles.client.steps.ways import all_well

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.gate.seen import Seen

LOCALS = "HYB-018"
REASON = "local_id"
FORBIDDEN = 4030
FOLLOWS_WITHIN_MS = 4_000
BACK_WITHIN_S = 15.0


@case(LOCALS, limit_ms=60_000)
async def local_id_before_the_ack(ctx: Context) -> None:
    """What names the entry of a pending create is not sent; once the real id is known, it may be."""
    await _for_each_create(ctx, _then_done)


@case(LOCALS, limit_ms=60_000)
async def local_id_of_what_is_refused(ctx: Context) -> None:
    """Where the create is refused, what waited for it is refused as well, and told."""
    await _for_each_create(ctx, _then_refused)


@case(LOCALS, limit_ms=60_000)
async def local_id_over_a_new_session(ctx: Context) -> None:
    """Neither a new connection nor a new session makes a client send a local id."""
    await _for_each_create(ctx, _then_carried)


async def _for_each_create(
    ctx: Context, then: Callable[[Scene, Item, list[Item]], Awaitable[None]]
) -> None:
    creates = [one for one in all_creates(ctx) if _followers(ctx, (kind_of(one) or "",))]
    if not creates:
        raise NotOffered("dispatch takes no action that names an entry")
    for type_ in creates:
        if not all_well(ctx):
            return
        scene = await scene_of(ctx, (kind_of(type_) or "",))
        create = await scene.did(type_, HARD[type_](secrets.token_hex(4))[0])
        local = await _shown_id(scene, create)
        waiting = await _name_it(scene, local)
        if await _says_no(scene, local, f"{type_} is pending, and its entry was acted upon"):
            await then(scene, create, waiting)


async def _shown_id(scene: Scene, create: Item) -> str:
    """The local id of what a create makes, as the view has it; Prerequisite where it has none."""
    await scene.sent(create)
    local = scene.local_id(create)
    shown = ids_in((await scene.actor.fenced()).report.view or {})
    scene.actor.ctx.require(local in shown, f"the view has no entry with the id {local} (HYB-005)")
    return local


def _followers(ctx: Context, kinds: Sequence[str]) -> list[str]:
    """Types of actions that name an entry."""
    return [type_ for type_ in types_of(ctx, kinds) if FORMS[type_].about is not None]


async def _name_it(scene: Scene, local: str) -> list[Item]:
    """Do what there is to be done with an entry; what the client takes, and has wait."""
    ctx, waiting = scene.actor.ctx, list[Item]()
    for type_ in _followers(ctx, scene.actor.served.kinds):
        data = FORMS[type_].data(secrets.token_hex(4), local)
        told = await scene.actor.dispatch(type_, data)
        if told.refused is None:
            item = Item(Deed(type_, data), told.action_id, optional=True)
            scene.items.append(item)
            waiting.append(item)
        else:
            ctx.check(
                LOCALS,
                good=told.refused == REASON,
                expected=f"refused: {REASON}, or it waits",
                seen=f"refused: {told.refused}",
                why=f"{type_} names what only the view has",
            )
    return waiting


async def _says_no(scene: Scene, local: str, why: str) -> bool:
    """Observe that nothing on the wire names a local id."""
    actor = scene.actor
    fenced = await actor.fenced()
    found = [one for one in actor.gate.seen if local in named_by(one)]
    if not found and not fenced.exact and actor.ctx.is_first:
        actor.ctx.unsure(LOCALS, f"{why}: reports count nothing, so it is looked at again")
        return True
    return actor.ctx.check(
        LOCALS,
        good=not found,
        expected=f"nothing that names {local}",
        seen=", ".join(one.type for one in found) or f"nothing that names {local}",
        on=actor.records(found),
        why=why,
    )


async def _then_done(scene: Scene, create: Item, waiting: list[Item]) -> None:
    local = scene.local_id(create)
    asked = await scene.sent(create)
    before = ids_in(scene.actor.served.slices)
    await scene.done(create)
    real = next(iter(ids_in(scene.actor.served.slices) - before), "")
    for item in waiting:
        item.deed = replace(item.deed, data=renamed(item.deed.data, local, real))
        if not await _follows(scene, item, real):
            return
    why = f"{asked.type} is done, and its old local id is named again"
    await _name_it(scene, local)
    await _says_no(scene, local, why)


async def _follows(scene: Scene, item: Item, real: str) -> bool:
    """Observe that what has waited is sent with the real id, or refused and told."""
    actor, ctx = scene.actor, scene.actor.ctx
    within_s = ctx.within(FOLLOWS_WITHIN_MS)

    def find() -> Seen | None:
        return next((one for one in actor.gate.seen if _is_of(item, one)), None)

    sent = await actor.until(lambda: find() is not None, within_s=within_s)
    said = find()
    expected = f"it is sent with the id {real}, or refused and told: {REASON}"
    why = f"{item.deed.type} has waited for the id of its create, which is known now"
    if said is not None:
        names = named_by(said)
        return ctx.check(
            LOCALS,
            good=sent and real in names,
            expected=expected,
            seen=f"it names {', '.join(names)}",
            on=actor.records([said]),
            why=why,
        )
    if await _is_told(scene, item):
        return ctx.check(LOCALS, good=True, expected=expected, seen="it is told", why=why)
    return ctx.absent(LOCALS, expected=expected, waited_s=within_s, why=why)


async def _then_refused(scene: Scene, create: Item, waiting: list[Item]) -> None:
    local, ctx = scene.local_id(create), scene.actor.ctx
    await scene.refused(create, FORBIDDEN)
    for item in waiting:
        why = f"{item.deed.type} has waited for a create, which is refused"
        if not await _is_told(scene, item):
            expected = "the user is told that it is refused"
            ctx.absent(LOCALS, expected=expected, waited_s=FOLLOWS_WITHIN_MS / 1_000, why=why)
            return
        item.over = True
        ctx.check(LOCALS, good=True, expected="it is told", seen="it is told", why=why)
    if await _says_no(scene, local, "the create is refused"):
        await _name_it(scene, local)
        await _says_no(scene, local, "the create is refused, and its old local id is named again")


async def _then_carried(scene: Scene, create: Item, waiting: list[Item]) -> None:
    del waiting
    actor, local = scene.actor, scene.local_id(create)
    actor.gate.cut()
    back = await actor.stage.caught_up(actor.served, within_s=BACK_WITHIN_S)
    actor.ctx.require(back is not None, "the client has not come back (CLI-016)")
    # What comes once it is back has a moment to come: another action is behind it.
    await scene.sent(await scene.did(create.deed.type, HARD[create.deed.type]("behind")[0]))
    if not await _says_no(scene, local, "the connection was lost meanwhile"):
        return
    actor.puppet.expire(actor.served)
    actor.gate.cut()
    await actor.opened(within_s=BACK_WITHIN_S)
    await scene.sent(create)
    await _says_no(scene, local, "the session was lost meanwhile")


async def _is_told(scene: Scene, item: Item) -> bool:
    """Whether the user is told that an action was refused; one whose id nobody has told may be left out."""
    id_, ctx = scene.id_of(item), scene.actor.ctx
    if id_ is None:
        return True
    report = await scene.actor.stage.reported_of(
        "refused",
        lambda report: any(one.get("action_id") == id_ for one in report.refused),
        within_s=ctx.within(FOLLOWS_WITHIN_MS),
    )
    return report is not None


def _is_of(item: Item, one: Seen) -> bool:
    if not is_action(one):
        return False
    return id_of(one) == item.told_id if item.told_id is not None else item.deed.is_in(whole(one))
