"""The view of one pending action: of each type, with data that are hard to fold."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.client.puppet.effects import TYPES
from omnisession_conformance.roles.client.puppet.terms import Terms
from omnisession_conformance.roles.client.steps.deeds import kind_of
from omnisession_conformance.roles.client.steps.hard_deeds import HARD, SHOW_NOTHING
from omnisession_conformance.roles.client.steps.scenes import (
    acting_kinds,
    all_kinds,
    refurnish,
    scene_of,
    types_of,
)
from omnisession_conformance.roles.client.steps.ways import all_well, each_way

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omnisession_conformance.protocol.json import Object
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.steps.scene import Scene

FOLD = "HYB-005"
TOO_MANY, FORBIDDEN = 31, 4030
"""So many pending actions a client takes."""


@case(FOLD, limit_ms=60_000)
async def view_without_actions(ctx: Context) -> None:
    """With nothing pending the view is the slices, also while others change them."""
    for kinds in all_kinds(ctx):
        for features in each_way(ctx):
            scene = await scene_of(ctx, kinds, features)
            if not await scene.shows(FOLD, "nothing was done"):
                return
            for kind in scene.actor.served.kinds:
                scene.actor.step(kind=kind)
            await scene.shows(FOLD, "others have changed something, and nothing is pending")


@case(FOLD, limit_ms=60_000)
async def view_of_each_action(ctx: Context) -> None:
    """Each type of action shows what its rule says, whatever its data, until it is done or refused."""
    for kinds in acting_kinds(ctx):
        scene = await scene_of(ctx, kinds, terms=Terms(actions=(*TYPES, *SHOW_NOTHING)))
        for type_ in types_of(ctx, scene.actor.served.kinds):
            if not await _each(ctx, scene, type_):
                return
        for type_ in sorted(ctx.declared.actions & set(SHOW_NOTHING)):
            for data in SHOW_NOTHING[type_]:
                if not await _alone(scene, type_, data, ends_well=False):
                    return


async def _each(ctx: Context, scene: Scene, type_: str) -> bool:
    for number, data in enumerate(HARD[type_](secrets.token_hex(4))):
        kind = kind_of(type_)
        if kind is not None:
            refurnish(scene.actor, kind)
        # Both ends are met by each type in one run or another.
        if not await _alone(scene, type_, data, ends_well=bool((number + ctx.draws.seed) % 2)):
            return False
    return True


async def _alone(scene: Scene, type_: str, data: Mapping[str, object], *, ends_well: bool) -> bool:
    item = await scene.does(type_, data)
    if item is None:
        return True
    await scene.sent(item)
    if not await scene.shows(FOLD, f"{type_} is pending with the data {data}"):
        return False
    await (scene.done(item) if ends_well else scene.refused(item, FORBIDDEN))
    end = "done" if ends_well else "refused for good"
    return await scene.shows(FOLD, f"{type_} is {end}, and nothing is pending")


@case(FOLD, limit_ms=60_000)
async def view_of_all_together(ctx: Context) -> None:
    """Many actions of all types are folded in their order, and leave the view one after the other."""
    rng = ctx.draws.rng("view", ctx.case.name)
    for kinds in acting_kinds(ctx):
        for features in each_way(ctx):
            scene = await scene_of(ctx, kinds, features)
            drawn: list[tuple[str, Object]] = [
                (type_, data)
                for type_ in types_of(ctx, scene.actor.served.kinds)
                for data in HARD[type_](secrets.token_hex(4))
            ]
            rng.shuffle(drawn)
            for type_, data in drawn[:TOO_MANY]:
                await scene.does(type_, data)
            if not await scene.shows(FOLD, f"{len(scene.items)} actions of all types are pending"):
                return
            await _one_after_the_other(scene)


async def _one_after_the_other(scene: Scene) -> None:
    await scene.all_sent()
    for number, item in enumerate(scene.pending, 1):
        await scene.done(item)
        # Each time would be the same again and again.
        if number % 5 == 0 and not await scene.shows(FOLD, f"{number} of them have their outcome"):
            return
    await scene.shows(FOLD, "all of them have their outcome")


@case(FOLD, limit_ms=60_000)
async def view_of_one_kind(ctx: Context) -> None:
    """An action of a kind that is not open changes nothing in the view of the one that is."""
    for kind in ctx.declared.kinds:
        if not all_well(ctx):
            return
        scene = await scene_of(ctx, (kind,))
        others = [type_ for type_ in types_of(ctx, ctx.declared.kinds) if kind_of(type_) != kind]
        for type_ in others:
            item = await scene.does(type_, HARD[type_](secrets.token_hex(4))[0])
            if item is None:
                continue
            why = f"{type_} is pending in a session of {kind}"
            if not await scene.shows(FOLD, why):
                return
