"""The view at its edges: before there is a session, in full lists, beside another session of the user."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import NotOffered
from omnisession_conformance.protocol.kinds.tables import LISTS
from omnisession_conformance.protocol.limits import DEFAULT_LIMITS, FLOORS
from omnisession_conformance.roles.client.profiles import CORE
from omnisession_conformance.roles.client.puppet.steps import change
from omnisession_conformance.roles.client.puppet.terms import Terms
from omnisession_conformance.roles.client.steps.acts import acts_of
from omnisession_conformance.roles.client.steps.deeds import FORMS, kind_of
from omnisession_conformance.roles.client.steps.elsewhere import act_elsewhere
from omnisession_conformance.roles.client.steps.hard_deeds import HARD
from omnisession_conformance.roles.client.steps.scenes import (
    acting_kinds,
    all_creates,
    not_opened,
    refurnish,
    scene_of,
    types_of,
)
from omnisession_conformance.roles.client.steps.ways import all_well, each_way

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.steps.scene import Scene

FOLD = "HYB-005"
MOST_BEFORE = 12
BEYOND = 3
"""So many more than a list may have are created."""
FORBIDDEN = 4030
DELETES = {
    "article.create": "article.delete",
    "chat.send": "chat.delete",
    "url.create": "url.delete",
}


@case(FOLD, limit_ms=60_000)
async def view_before_the_session_is_open(ctx: Context) -> None:
    """Before the first states what the user creates shows, and nothing else; then all of it does."""
    for kinds in acting_kinds(ctx):
        scene, release = await not_opened(ctx, kinds)
        for type_ in types_of(ctx, kinds)[:MOST_BEFORE]:
            await scene.does(type_, HARD[type_](secrets.token_hex(4))[0])
        ctx.require(bool(scene.items), "the client takes nothing before it is open (HYB-016)")
        if not await scene.shows(FOLD, "nothing has come yet, and some actions are pending"):
            return
        release()
        await scene.actor.opened()
        if not await scene.shows(FOLD, "the first states have come, empty ones"):
            return
        for kind in scene.actor.served.kinds:
            refurnish(scene.actor, kind)
        await scene.shows(FOLD, "there is something now that they are about")


@case(FOLD, limit_ms=60_000)
async def view_of_full_lists(ctx: Context) -> None:
    """What is created stands in front, and what is too much is cut at the end; then it is back."""
    for type_ in all_creates(ctx):
        kind = kind_of(type_) or ""
        if not all_well(ctx):
            return
        scene = await _full(ctx, kind)
        if not await scene.shows(FOLD, f"the lists of {kind} are full, and nothing is pending"):
            return
        await _overflows(scene, type_)


async def _full(ctx: Context, kind: str) -> Scene:
    """A session whose lists are as long as they may be, and may be as short as any server lets them."""
    limits = {**DEFAULT_LIMITS, **{name: FLOORS[name] for name in _limits_of(kind)}}
    scene = await scene_of(ctx, (kind,), terms=Terms(limits=limits), furnish=False)
    for _ in range(max(limits[name] for name in _limits_of(kind))):
        scene.actor.step(kind=kind)
    return scene


async def _overflows(scene: Scene, type_: str) -> None:
    for number in range(1, BEYOND + 1):
        await scene.did(type_, HARD[type_](secrets.token_hex(4))[0])
        if not await scene.shows(FOLD, f"{number} more than the list may have are created"):
            return
    await scene.refused(scene.items[0], FORBIDDEN)
    if await scene.shows(FOLD, "the first of them is refused: one is back at the end"):
        for item in scene.items[1:]:
            await scene.done(item)
        await scene.shows(FOLD, "the others are done")


@case(FOLD, limit_ms=60_000)
async def view_of_full_lists_with_room(ctx: Context) -> None:
    """What is deleted makes room for what is created after it, and none for what was cut before."""
    known = types_of(ctx, ctx.declared.kinds)
    pairs = [(create, gone) for create, gone in DELETES.items() if {create, gone} <= {*known}]
    if not pairs:
        raise NotOffered("dispatch takes no two actions that make an entry and take it away")
    for create, delete in pairs:
        if not all_well(ctx):
            return
        scene = await _full(ctx, kind_of(create) or "")
        kind, list_ = FORMS[delete].about or ("", "")
        entries = scene.actor.served.slices[kind][list_]
        row = (delete, create, create, delete)
        for number, type_ in enumerate(row, 1):
            word = secrets.token_hex(4)
            data = FORMS[type_].data(word, entries[number]["id"])
            await scene.did(type_, data)
            why = f"a list was full; then {', '.join(row[:number])} are pending"
            if not await scene.shows(FOLD, why):
                return


def _limits_of(kind: str) -> tuple[str, ...]:
    limits = (list_.limit for list_ in LISTS[kind].values())
    wanted = {"articles", "chat_messages", "urls"}
    return tuple(name for name in limits if name in wanted)


@case(FOLD, limit_ms=60_000)
async def view_beside_another_session(ctx: Context) -> None:
    """What another session of the user does under the same number ends nothing here, and stands below."""
    for kinds in acting_kinds(ctx):
        for features in each_way(ctx):
            scene = await scene_of(ctx, kinds, features)
            for type_ in types_of(ctx, kinds):
                await scene.does(type_, HARD[type_](secrets.token_hex(4))[0])
            await scene.all_sent()
            acts = acts_of(scene.actor)
            for number in range(1, len(scene.items) + 1):
                act_elsewhere(acts, number)
            why = "another session of the user has done something under each number that is pending"
            if not await scene.shows(FOLD, why):
                return


@case(FOLD, limit_ms=60_000)
async def view_over_what_others_create(ctx: Context) -> None:
    """What others create stands below what is pending, and above what its server has taken before."""
    for type_ in all_creates(ctx):
        kind = kind_of(type_) or ""
        for features in each_way(ctx):
            scene = await scene_of(ctx, (kind,), features)
            actor = scene.actor
            first = await scene.did(type_, HARD[type_](secrets.token_hex(4))[0])
            second = await scene.did(type_, HARD[type_](secrets.token_hex(4))[0])
            await scene.done(first)
            if not await scene.shows(FOLD, f"two {type_} were sent, and the first is done"):
                return
            actor.step(kind=kind)
            if not await scene.shows(FOLD, "then somebody else creates something"):
                return
            await scene.done(second)
            if not await scene.shows(FOLD, "then the second is done"):
                return


@case(FOLD, needs=("user", "action:user.update"), limit_ms=60_000)
async def view_of_no_user(ctx: Context) -> None:
    """Where the server has no user there is none to change."""
    scene = await scene_of(ctx, ("user",), furnish=False)
    actor = scene.actor
    nobody = {**actor.served.slices["user"], "user": None}
    actor.puppet.state(actor.served, "user", nobody)
    await scene.did("user.update", {"changes": {"username": "Nobody"}})
    await scene.shows(FOLD, "user is null, and an update of it is pending")


@case(FOLD, needs=("user", "chat", "action:user.update"), limit_ms=60_000)
async def view_of_the_participants(ctx: Context) -> None:
    """A new name shows in `user`, and in the room only when its server says so."""
    if CORE not in ctx.declared.profiles:
        raise NotOffered("it opens one kind at a time")
    scene = await scene_of(ctx, ("user", "chat"))
    actor = scene.actor
    item = await scene.did("user.update", {"changes": {"username": "Other"}})
    if await scene.shows(FOLD, "another name is pending, of a user who is in the room"):
        await scene.done(item)
        await scene.shows(FOLD, "the name is changed")
    _, data = change("chat", 1, 1)
    actor.puppet.happens(actor.served, "chat.message_added", data)
    await scene.shows(FOLD, "nothing is pending any more")
