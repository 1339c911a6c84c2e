"""States: each takes the place of one slice, whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.client.steps.reducers import vectors_of
from omnisession_conformance.roles.client.steps.showing import shows
from omnisession_conformance.roles.client.steps.ways import each_way

if TYPE_CHECKING:
    from omnisession_conformance.protocol.json import Object
    from omnisession_conformance.protocol.kinds.parts import Slice
    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context

BOTH = 2
TEXTS = frozenset({"title", "content", "username"})


@case("CLI-004", limit_ms=40_000)
async def state_replaces_its_slice(ctx: Context) -> None:
    """A state takes the place of the slice of its kind, whole, and of no other."""
    for features in each_way(ctx):
        await _replace(ctx, features)


async def _replace(ctx: Context, features: tuple[str, ...]) -> None:
    actor = await ctx.live(ctx.kinds(2), features)
    kinds = actor.served.kinds
    beside = await _another(ctx, actor)
    for kind in kinds:
        actor.step(3, kind=kind)
    await shows(actor, "CLI-004", why="after states of each kind")
    for kind in kinds:
        for vector in vectors_of(kind):
            # What was there and is not in it is gone.
            message = actor.puppet.state(actor.served, kind, vector.slice)
            why = f"after a state of {kind}, the first of {vector.name}"
            if not await shows(actor, "CLI-004", why=why, on=message):
                return
            message = actor.puppet.state(actor.served, kind, _with_other_texts(vector.slice))
            if not await shows(actor, "CLI-004", why=f"{why}, with other texts", on=message):
                return
    if beside is not None:
        await beside.holds("CLI-004", why="after states in another session of the same program")
        await beside.stop()
    await actor.stop()


async def _another(ctx: Context, actor: Actor) -> Actor | None:
    """A session of another user beside it, None where the program has no room for one."""
    if actor.stage.session.client.hello.sessions < BOTH:
        return None
    return await ctx.live(ctx.kinds(2), ())


def _with_other_texts(slice_: Slice) -> Slice:
    """The same entries with other texts: what is alike by its ids is not the same."""
    return {name: _other(name, value) for name, value in slice_.items()}


def _other(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        members = cast("Object", value)
        return {key: _other(key, one) for key, one in members.items()}
    if isinstance(value, list):
        return [_other(name, one) for one in cast("list[Any]", value)]
    return f"{value}+" if name in TEXTS and isinstance(value, str) else value
