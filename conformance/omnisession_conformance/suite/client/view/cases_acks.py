"""Acks ahead of the stream, and effects ahead of their count: what is pending stays in the view."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import NotOffered
from omnisession_conformance.roles.client.profiles import EVENTS
from omnisession_conformance.roles.client.steps.deeds import kind_of
from omnisession_conformance.roles.client.steps.furnished import SECOND
from omnisession_conformance.roles.client.steps.hard_deeds import HARD
from omnisession_conformance.roles.client.steps.scenes import (
    acting_kinds,
    all_creates,
    recoveries_held,
    refurnish,
    scene_of,
    types_of,
)
from omnisession_conformance.roles.client.steps.ways import each_way

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.steps.scene import Item, Scene

ACKS, FOLD = "HYB-003", "HYB-005"


@case(ACKS, FOLD, limit_ms=60_000)
async def ack_ahead_of_its_effect(ctx: Context) -> None:
    """An ack that overtakes the stream takes nothing out of the view; the effect does, which counts it."""
    for kinds in acting_kinds(ctx):
        for features in each_way(ctx):
            scene = await scene_of(ctx, kinds, features)
            for type_ in types_of(ctx, scene.actor.served.kinds):
                if not await _ahead(scene, type_):
                    return


async def _ahead(scene: Scene, type_: str) -> bool:
    kind = kind_of(type_)
    if kind is not None:
        refurnish(scene.actor, kind)
    item = await scene.did(type_, HARD[type_](secrets.token_hex(4))[0])
    puppet, asked = scene.actor.puppet, await scene.sent(item)
    # What is wrong before the ack is not its affair.
    if not await scene.shows(FOLD, f"{type_} is pending"):
        return False
    with recoveries_held(scene.actor):
        parts = await scene.in_parts(item)
        if parts.stream:
            parts.answer()
            why = f"{type_} is acked, and what it did is under way"
            good = await scene.shows(ACKS, why, at_once=True)
            # Its copy is acked again, as a duplicate.
            puppet.tell(asked)
            why = f"a copy of {type_} is acked as well, and what it did is under way"
            if not (good and await scene.shows(ACKS, why, at_once=True)):
                return False
        else:
            parts.answer()
        puppet.deliver(parts.stream)
        scene.at_the_head()
        item.over = True
    # Who asks at once holds the stream until it is answered.
    return await scene.shows(FOLD, f"then comes what {type_} did, and counts it")


@case(ACKS, FOLD, limit_ms=60_000)
async def acks_of_several_ahead(ctx: Context) -> None:
    """Of several actions the acks of some overtake the stream; all of them stay in the view."""
    for kinds in acting_kinds(ctx):
        for features in each_way(ctx):
            scene = await scene_of(ctx, kinds, features)
            for type_ in types_of(ctx, scene.actor.served.kinds):
                await scene.does(type_, HARD[type_](secrets.token_hex(4))[0])
            await scene.all_sent()
            if not await scene.shows(FOLD, f"{len(scene.items)} actions are pending"):
                return
            await _several(scene)


async def _several(scene: Scene) -> None:
    half = scene.pending[: (len(scene.pending) + 1) // 2]
    with recoveries_held(scene.actor):
        parts = [await scene.in_parts(item) for item in half]
        told = 0
        for one in parts:
            one.answer()
            told += len(one.stream)
        if not told:
            # The position is reached: they are done.
            scene.at_the_head()
            for item in half:
                item.over = True
        why = f"{len(half)} of {len(scene.items)} actions are acked, and what they did is under way"
        good = await scene.shows(ACKS, why, at_once=bool(told))
        scene.actor.puppet.deliver(message for one in parts for message in one.stream)
        scene.at_the_head()
        for item in half:
            item.over = True
    if good:
        await scene.shows(FOLD, "what they did has come, and the others are pending still")


@case(FOLD, limit_ms=60_000)
async def effect_ahead_of_its_count(ctx: Context) -> None:
    """An effect that does not count its action leaves a create in the view or not; a state ends it."""
    for type_ in all_creates(ctx):
        for features in each_way(ctx):
            scene = await scene_of(ctx, (kind_of(type_) or "",), features)
            item = await scene.did(type_, HARD[type_](secrets.token_hex(4))[0])
            await _uncounted(scene, item)
            # A state names no cause: whoever hears no event does not know that this is it.
            item.optional = EVENTS in scene.actor.served.features
            why = f"what {type_} did has come, and does not count it"
            if not await scene.shows(FOLD, why):
                return
            _count(scene, item)
            if not await scene.shows(FOLD, f"{why}; then a state counts it"):
                return


@case(FOLD, limit_ms=60_000)
async def update_ahead_of_its_count(ctx: Context) -> None:
    """An update stays on top of what others change, as long as no position counts it."""
    updates = {
        "article.update": {"article_id": SECOND, "changes": {"title": "A"}},
        "chat.edit": {"message_id": SECOND, "content": "A"},
        "url.update": {"url_id": SECOND, "changes": {"short_code": "A"}},
    }
    known = [type_ for type_ in updates if type_ in types_of(ctx, ctx.declared.kinds)]
    if not known:
        raise NotOffered("dispatch takes no action that changes an entry of a list")
    for type_ in known:
        for features in each_way(ctx):
            kind = kind_of(type_) or ""
            scene = await scene_of(ctx, (kind,), features)
            item = await scene.did(type_, updates[type_])
            await _uncounted(scene, item)
            refurnish(scene.actor, kind)
            why = f"what {type_} did has come, does not count it, and is changed back by others"
            if not await scene.shows(FOLD, why):
                return
            _count(scene, item)
            if not await scene.shows(FOLD, f"{why}; then a state counts it"):
                return


async def _uncounted(scene: Scene, item: Item) -> None:
    """Let an action be done, and its effect be told by messages that do not count it yet."""
    actor = scene.actor
    parts = actor.puppet.parts_of(await scene.sent(item))
    actor.served.counted -= 1
    for message in parts.stream:
        message.body["last_action_seq"] = actor.served.counted
    actor.puppet.deliver(parts.stream)


def _count(scene: Scene, item: Item) -> None:
    """Let a state count it."""
    actor = scene.actor
    actor.served.counted += 1
    actor.puppet.state(actor.served, actor.served.kinds[0])
    item.over, item.optional = True, False
