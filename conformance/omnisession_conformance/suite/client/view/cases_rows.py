"""Rows of pending actions on the same thing: each rule works on what the ones before have left."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import NotOffered
from omnisession_conformance.protocol.json import as_int
from omnisession_conformance.roles.client.profiles import EVENTS
from omnisession_conformance.roles.client.puppet.steps import change
from omnisession_conformance.roles.client.steps.furnished import CURRENT
from omnisession_conformance.roles.client.steps.scenes import (
    refurnish,
    scene_of,
    types_of,
)
from omnisession_conformance.roles.client.steps.view_rows import CODES, Row, rows
from omnisession_conformance.roles.client.steps.ways import all_well

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.steps.scene import Scene

FOLD, STAYS, OTHERS = "HYB-005", "HYB-003", "HYB-004"


@case(FOLD, limit_ms=60_000)
async def view_of_rows(ctx: Context) -> None:
    """In a row of pending actions each is folded over what the ones before have left, however they end."""
    for kind in ctx.declared.kinds:
        if not all_well(ctx):
            return
        scene = await scene_of(ctx, (kind,))
        known = types_of(ctx, scene.actor.served.kinds)
        for row in rows(secrets.token_hex(4)):
            fits = row.kind == kind and all(type_ in known for type_, _ in row.acts)
            if fits and not await _row(scene, row):
                return
    if not ctx.observations:
        raise NotOffered("dispatch takes no row of these actions")


async def _row(scene: Scene, row: Row) -> bool:
    refurnish(scene.actor, row.kind)
    before = len(scene.items)
    for number, (type_, data) in enumerate(row.acts, 1):
        await scene.did(type_, data)
        if not await scene.shows(FOLD, f"{row.shows}: {number} of {len(row.acts)} are pending"):
            return False
    for number, (item, end) in enumerate(zip(scene.items[before:], row.ends, strict=True), 1):
        await (scene.refused(item, CODES[end]) if CODES[end] else scene.done(item))
        if not await scene.shows(FOLD, f"{row.shows}: then number {number} of them is {end}"):
            return False
    return True


@case(FOLD, needs=("articles", "action:article.update"), limit_ms=60_000)
async def view_over_a_newer_revision(ctx: Context) -> None:
    """What somebody else changes shows below an update, be it one that expects another revision."""
    scene = await scene_of(ctx, ("articles",))
    actor = scene.actor
    article = actor.served.slices["articles"]["articles"][1]
    revision = article["revision"]
    data = {"article_id": article["id"], "changes": {"title": "A"}}
    item = await scene.did("article.update", data, {"revision": revision})
    theirs = {**article, "title": "Z", "subtitle": "Theirs", "revision": revision + 1}
    actor.puppet.happens(
        actor.served, "article.updated", {"article": {**theirs, "content": "Theirs"}}
    )
    why = "an update is pending that expects a revision, and somebody else makes the next one"
    if await scene.shows(FOLD, why):
        await scene.refused(item, CODES["stale"])
        await scene.shows(FOLD, f"{why}; it is refused with 4090")


@case(FOLD, needs=("chat", "action:chat.edit"), limit_ms=60_000)
async def view_of_an_edit_of_what_goes(ctx: Context) -> None:
    """An edit shows nothing where its message is deleted meanwhile."""
    scene = await scene_of(ctx, ("chat",))
    actor = scene.actor
    item = await scene.did("chat.edit", {"message_id": CURRENT, "content": "A"})
    actor.puppet.happens(actor.served, "chat.message_deleted", {"message_id": CURRENT})
    why = "an edit is pending, and its message is deleted elsewhere"
    if await scene.shows(FOLD, why):
        await scene.done(item)
        await scene.shows(FOLD, f"{why}; the edit is refused with 4040")


@case(FOLD, needs=("articles", "action:article.update"), limit_ms=60_000)
async def view_of_a_current_article_that_was_cut(ctx: Context) -> None:
    """An update of the current article shows there, also where the list has lost it."""
    scene = await scene_of(ctx, ("articles",))
    served = scene.actor.served
    slice_ = served.slices["articles"]
    entries = [one for one in slice_["articles"] if one["id"] != CURRENT]
    scene.actor.puppet.state(served, "articles", {**slice_, "articles": entries})
    data = {"article_id": CURRENT, "changes": {"title": "A", "content": "B"}}
    await scene.did("article.update", data)
    await scene.shows(FOLD, "the current article is updated, and the list does not have it")


@case(STAYS, needs=("chat", EVENTS, "action:chat.send"), limit_ms=60_000)
async def view_beside_an_own_message_of_elsewhere(ctx: Context) -> None:
    """A message that the user sends in another session is not the one that is pending in this."""
    scene = await scene_of(ctx, ("chat",), (EVENTS,))
    number = await _sends(scene)
    _is_sent_elsewhere(scene, number + 1)
    why = "a message is pending, and one of the same user has come from another session"
    await scene.shows(STAYS, why)


@case(OTHERS, needs=("optimistic", "chat", EVENTS, "action:chat.send"), limit_ms=60_000)
async def view_beside_the_same_number_of_elsewhere(ctx: Context) -> None:
    """Nor is it that one where the two have one number, each in its session."""
    scene = await scene_of(ctx, ("chat",), (EVENTS,))
    _is_sent_elsewhere(scene, await _sends(scene))
    why = "a message is pending, and one with its number has come from another session"
    await scene.shows(OTHERS, why)


async def _sends(scene: Scene) -> int:
    """Let the user send a message, which stays pending; its number."""
    item = await scene.did("chat.send", {"content": f"A {secrets.token_hex(4)}"})
    return as_int((await scene.sent(item)).action.get("client_seq"))


def _is_sent_elsewhere(scene: Scene, number: int) -> None:
    """Let the same user send a message in another session, under a number of that."""
    actor, word = scene.actor, secrets.token_hex(4)
    _, data = change("chat", 99, actor.served.history[1, 1].body["timestamp"])
    message = {**data["message"], "user_id": actor.user_id}
    cause = {"action_id": f"elsewhere-{word}", "session_id": f"other-{word}", "client_seq": number}
    actor.puppet.event(
        actor.served,
        "chat.message_added",
        {"message": message},
        actor=actor.user_id,
        cause=cause,
    )
