"""Actions that name what only the view has: what a client takes of them, and what becomes of that."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

from omnisession_conformance.engine.stops import NotOffered
from omnisession_conformance.roles.client.steps.acts import id_of, is_action, whole
from omnisession_conformance.roles.client.steps.deeds import FORMS, Deed, kind_of
from omnisession_conformance.roles.client.steps.hard_deeds import HARD
from omnisession_conformance.roles.client.steps.local_ids import ids_in, named_by, renamed
from omnisession_conformance.roles.client.steps.scene import Item, Scene
from omnisession_conformance.roles.client.steps.scenes import all_creates, scene_of, types_of
from omnisession_conformance.roles.client.steps.ways import all_well

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.gate.seen import Seen

LOCALS = "HYB-018"
REASON = "local_id"
FOLLOWS_WITHIN_MS = 4_000


def creates_with_followers(ctx: Context) -> list[str]:
    """Types that make an entry, where something can be done with it; NotOffered where there are none."""
    found = [type_ for type_ in all_creates(ctx) if followers(ctx, (kind_of(type_) or "",))]
    if not found:
        raise NotOffered("dispatch takes no action that names an entry")
    return found


async def for_each_create(
    ctx: Context, then: Callable[[Scene, Item, list[Item]], Awaitable[None]]
) -> None:
    """A session for each type that makes an entry: the create is pending, and was acted upon."""
    for type_ in creates_with_followers(ctx):
        if not all_well(ctx):
            return
        scene = await scene_of(ctx, (kind_of(type_) or "",))
        create = await created(scene, type_)
        local = await shown_id(scene, create)
        waiting = await name_it(scene, local)
        if await says_no(scene, local, f"{type_} is pending, and its entry was acted upon"):
            await then(scene, create, waiting)


async def created(scene: Scene, type_: str) -> Item:
    """Let the user make something."""
    return await scene.did(type_, HARD[type_](secrets.token_hex(4))[0])


async def shown_id(scene: Scene, create: Item) -> str:
    """The local id of what a create makes, as the view has it; Prerequisite where it has none."""
    await scene.sent(create)
    local = scene.local_id(create)
    shown = ids_in((await scene.actor.fenced()).report.view or {})
    scene.actor.ctx.require(local in shown, f"the view has no entry with the id {local} (HYB-005)")
    return local


def followers(ctx: Context, kinds: Sequence[str]) -> list[str]:
    """Types of actions that name an entry."""
    return [type_ for type_ in types_of(ctx, kinds) if FORMS[type_].about is not None]


async def name_it(scene: Scene, local: str, kinds: Sequence[str] = ()) -> list[Item]:
    """Do what there is to be done with an entry; what the client takes, and has wait.

    Before the session is open, the kinds say what there is.
    """
    ctx, waiting = scene.actor.ctx, list[Item]()
    for type_ in followers(ctx, kinds or scene.actor.served.kinds):
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


async def says_no(scene: Scene, local: str, why: str) -> bool:
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


async def all_follow(scene: Scene, waiting: Iterable[Item], local: str, real: str) -> bool:
    """Observe that everything that has waited is sent with the real id, or refused and told."""
    for item in waiting:
        item.deed = replace(item.deed, data=renamed(item.deed.data, local, real))
        if not await _follows(scene, item, real):
            return False
    return True


async def _follows(scene: Scene, item: Item, real: str) -> bool:
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
    if await is_told(scene, item):
        return ctx.check(LOCALS, good=True, expected=expected, seen="it is told", why=why)
    return ctx.absent(LOCALS, expected=expected, waited_s=within_s, why=why)


async def is_done(scene: Scene, create: Item, waiting: Iterable[Item]) -> str:
    """Let a create be done, and see that what waited for it follows; its real id, "" where it does not."""
    before = ids_in(scene.actor.served.slices)
    await scene.done(create)
    real = next(iter(ids_in(scene.actor.served.slices) - before), "")
    return real if await all_follow(scene, waiting, scene.local_id(create), real) else ""


async def is_told(scene: Scene, item: Item) -> bool:
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
