"""Sessions that cases of the view begin with: which kinds, what is in them, and every action kept back."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from omnisession_conformance.engine.stops import NotOffered
from omnisession_conformance.protocol.model.optimistic.rules import CREATES
from omnisession_conformance.roles.client.profiles import CORE
from omnisession_conformance.roles.client.steps.deeds import kind_of, takes
from omnisession_conformance.roles.client.steps.furnished import CURRENT, content_of, furnished
from omnisession_conformance.roles.client.steps.missing import (
    instead_of_all,
    truthful_again,
)
from omnisession_conformance.roles.client.steps.scene import Scene

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.gate.gate import Gate
    from omnisession_conformance.roles.client.puppet.asked import Asked
    from omnisession_conformance.roles.client.puppet.puppet import Puppet
    from omnisession_conformance.roles.client.puppet.terms import Terms


def all_kinds(ctx: Context) -> list[tuple[str, ...]]:
    """The kinds of sessions in which a case plays: all in one, or each in one where more are not opened."""
    kinds = ctx.declared.kinds
    return [kinds] if CORE in ctx.declared.profiles else [(kind,) for kind in kinds]


def acting_kinds(ctx: Context) -> list[tuple[str, ...]]:
    """Those of them in which there is something to do; NotOffered where there is none."""
    found = [kinds for kinds in all_kinds(ctx) if types_of(ctx, kinds)]
    if not found:
        raise NotOffered("dispatch takes no type of action that the kit can make here")
    return found


def types_of(ctx: Context, kinds: Sequence[str]) -> tuple[str, ...]:
    """The types of actions that can be done in a session of some kinds."""
    return takes(ctx.declared.actions, kinds)


def creates_of(ctx: Context, kinds: Sequence[str]) -> tuple[str, ...]:
    """Those of them that make a local entry there."""
    known = types_of(ctx, kinds)
    return tuple(type_ for type_ in CREATES if type_ in known and kind_of(type_) in kinds)


def all_creates(ctx: Context) -> tuple[str, ...]:
    """Those of all kinds; NotOffered where there are none."""
    found = creates_of(ctx, ctx.declared.kinds)
    if not found:
        raise NotOffered("dispatch takes no action that makes an entry of a list")
    return found


async def scene_of(
    ctx: Context,
    kinds: Sequence[str],
    features: tuple[str, ...] | None = None,
    *,
    terms: Terms | None = None,
    timers: Mapping[str, int] | None = None,
    furnish: bool = True,
) -> Scene:
    """A session that is live, with something in its slices, and with every action kept back."""
    actor = await ctx.live(kinds, features, terms=terms, timers=timers)
    scene = kept_back(actor)
    if furnish:
        for kind in actor.served.kinds:
            refurnish(actor, kind)
        await actor.stage.caught_up(actor.served)
    return scene


def kept_back(actor: Actor) -> Scene:
    """A scene of a session from now on."""
    scene = Scene(actor)
    actor.puppet.instead("actions", scene.take)
    return scene


async def not_opened(ctx: Context, kinds: Sequence[str]) -> tuple[Scene, Callable[[], None]]:
    """A session whose open is not answered until the second is called; everything else is kept back."""
    found: list[Scene] = []
    release: list[Callable[[], None]] = []

    def taken(asked: Asked) -> None:
        found[0].take(asked)

    def before(_: Gate, puppet: Puppet) -> None:
        release.append(puppet.hold("session.open").release)
        puppet.instead("actions", taken)

    actor = await ctx.start(kinds, before=before)
    found.append(Scene(actor))
    return found[0], release[0]


def refurnish(actor: Actor, kind: str) -> None:
    """Have a kind look as at first."""
    puppet = actor.puppet
    if kind == "articles":
        puppet.world.contents[CURRENT] = content_of(CURRENT)
    slice_ = furnished(kind, actor.user_id)
    if kind == "user":
        slice_ = {**slice_, "sessions": actor.served.slices[kind]["sessions"]}
    puppet.state(actor.served, kind, slice_)


@contextlib.contextmanager
def recoveries_held(actor: Actor) -> Generator[None]:
    """Answer no recovery for the length of the block: who is told of a head ahead may ask at once."""
    held: list[Asked] = []
    # A client may give one up that is not answered, and ask again.
    instead_of_all(actor, held.append)
    try:
        yield
    finally:
        truthful_again(actor)
        for one in held:
            actor.puppet.tell(one)
