"""The view of what is drawn: actions of all types, changes of others, and outcomes in every order."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import NotOffered
from omnisession_conformance.roles.client.profiles import CORE
from omnisession_conformance.roles.client.puppet.steps import OTHER
from omnisession_conformance.roles.client.steps.deeds import FORMS
from omnisession_conformance.roles.client.steps.hard_deeds import HARD
from omnisession_conformance.roles.client.steps.scenes import (
    recoveries_held,
    refurnish,
    scene_of,
    types_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.steps.scene import Scene

FOLD, ACKS = "HYB-005", "HYB-003"
STEPS, MOST_PENDING, MOST_KINDS = 24, 8, 2
TRIES = 12
REFUSALS = (4030, 4040, 4090, 4220)


@case(FOLD, ACKS, drawn=True, limit_ms=60_000)
async def drawn_view_1(ctx: Context) -> None:
    """Whatever the user does, and whatever comes of it, the view is right: the first that is drawn."""
    await _plays(ctx)


@case(FOLD, ACKS, drawn=True, limit_ms=60_000)
async def drawn_view_2(ctx: Context) -> None:
    """Whatever the user does, and whatever comes of it, the view is right: the second that is drawn."""
    await _plays(ctx)


@case(FOLD, ACKS, drawn=True, limit_ms=60_000)
async def drawn_view_3(ctx: Context) -> None:
    """Whatever the user does, and whatever comes of it, the view is right: the third that is drawn."""
    await _plays(ctx)


@dataclass(slots=True)
class _Play:
    """What has happened so far, for whoever reads a report; `ahead`: an ack has come before the rest."""

    scene: Scene
    rng: Random
    types: tuple[str, ...]
    happened: list[str] = field(default_factory=list[str])
    ahead: bool = False

    @property
    def why(self) -> str:
        """The last of what has happened, in words."""
        return "; ".join(self.happened[-6:])


async def _plays(ctx: Context) -> None:
    rng = ctx.draws.rng("view", ctx.case.name)
    known = [kind for kind in ctx.declared.kinds if types_of(ctx, (kind,))]
    if not known:
        raise NotOffered("dispatch takes no type of action that the kit can make here")
    most = MOST_KINDS if CORE in ctx.declared.profiles else 1
    kinds = tuple(rng.sample(known, min(len(known), most)))
    scene = await scene_of(ctx, kinds, rng.choice(ctx.ways))
    play = _Play(scene, rng, types_of(ctx, scene.actor.served.kinds))
    for _ in range(STEPS):
        if not await _step(play):
            return
    if not await _comes_ahead(play):
        return
    for item in scene.pending:
        await scene.done(item)
    await scene.shows(FOLD, f"everything has its outcome; before that {play.why}")


async def _step(play: _Play) -> bool:
    """One thing happens, and what is shown then is looked at."""
    scene, chance = play.scene, play.rng.random()
    pending = scene.pending
    if len(pending) < MOST_PENDING and (chance < 0.5 or not pending):
        await _does(play)
    elif chance < 0.65 or not pending:
        _others(play)
    elif chance < 0.8:
        await scene.done(pending[0])
        play.happened.append(f"{pending[0].deed.type} has its outcome")
    elif chance < 0.9:
        code = play.rng.choice(REFUSALS)
        await scene.refused(pending[0], code)
        play.happened.append(f"{pending[0].deed.type} is refused with {code}")
    else:
        return await _ack_first(play)
    return await scene.shows(FOLD, play.why)


async def _does(play: _Play) -> None:
    type_ = play.rng.choice(play.types)
    data = play.rng.choice(HARD[type_](secrets.token_hex(4)))
    named = _entry(play, type_)
    if named is not None:
        data = {**data, **named}
    item = await play.scene.does(type_, data)
    taken = "is pending" if item is not None else "is not taken"
    play.happened.append(f"{type_} with the data {data} {taken}")


def _entry(play: _Play, type_: str) -> Mapping[str, str] | None:
    """An entry that there is, in place of the one that an action names; None where it stays."""
    about = FORMS[type_].about
    if about is None or play.rng.random() < 0.3:
        return None
    entries = play.scene.actor.served.slices[about[0]][about[1]]
    if not entries:
        return None
    id_ = play.rng.choice(entries)["id"]
    member = next(iter(FORMS[type_].data("", "")), "")
    return {member: id_}


def _others(play: _Play) -> None:
    actor = play.scene.actor
    kind = play.rng.choice(actor.served.kinds)
    if play.rng.random() < 0.3:
        refurnish(actor, kind)
        play.happened.append(f"{kind} is as at first")
        return
    actor.step(kind=kind)
    play.happened.append(f"{OTHER} changes something of {kind}")


async def _comes_ahead(play: _Play) -> bool:
    """Have an ack come ahead of what it did, if none has: each play judges the same, whatever was drawn."""
    for _ in range(TRIES):
        if play.ahead:
            break
        if not play.scene.pending:
            await _does(play)
        if play.scene.pending and not await _ack_first(play):
            return False
    return True


async def _ack_first(play: _Play) -> bool:
    scene, item = play.scene, play.scene.pending[0]
    with recoveries_held(scene.actor):
        parts = await scene.in_parts(item)
        parts.answer()
        play.happened.append(f"{item.deed.type} is acked")
        reached = not parts.stream
        play.ahead = play.ahead or not reached
        if reached:
            scene.at_the_head()
            item.over = True
        good = await scene.shows(FOLD if reached else ACKS, play.why, at_once=not reached)
        scene.actor.puppet.deliver(parts.stream)
        scene.at_the_head()
        item.over = True
    play.happened.append("what it did has come" if parts.stream else "it did nothing")
    return good and await scene.shows(FOLD, play.why)
