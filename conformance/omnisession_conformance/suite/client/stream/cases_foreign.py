"""What names another user or session: it is dropped, on whatever subject it has come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.client.profiles import ACTIONS, CORE, EVENTS
from omnisession_conformance.roles.client.puppet import bodies
from omnisession_conformance.roles.client.puppet.bodies import told
from omnisession_conformance.roles.client.puppet.served import Message
from omnisession_conformance.roles.client.puppet.steps import change
from omnisession_conformance.roles.client.steps.acts import acting, id_of
from omnisession_conformance.roles.client.steps.pending import keep_back, kept_of
from omnisession_conformance.roles.client.steps.ways import each_way

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context

FOREIGN = "CLI-011"
FULL_WIDTH = 0xFEE0
"""Between a character of ASCII and one that is the same only where text is normalised."""
FAR, FORBIDDEN = 900_000, 4030
"""A step that is never made."""


@case(FOREIGN, limit_ms=40_000)
async def foreign_ids_are_dropped(ctx: Context) -> None:
    """A state or event that names another user or session changes nothing, and has no number here."""
    for features in each_way(ctx):
        actor = await ctx.live(features=features)
        actor.step(2)
        await actor.fenced()
        for name, value in _others(ctx, actor):
            message = _next(actor, {name: value})
            actor.puppet.deliver([message])
            if not await actor.holds(FOREIGN, why=f"after one with {name} {value}", on=message):
                return
            # The right one has the same number.
            actor.step()
            if not await actor.holds(FOREIGN, why=f"and then its own came, after {name} {value}"):
                return


@case(FOREIGN, needs=(CORE,), limit_ms=40_000)
async def foreign_pushes_are_dropped(ctx: Context) -> None:
    """A session that ends somewhere else ends nowhere else."""
    actor = await ctx.live()
    served = actor.served
    for name, value in _others(ctx, actor):
        data = {"code": 4101, "reconnect": False, "after_ms": 0}
        body = {
            **served.body("session.closing", data, served.history[1, 1].body["timestamp"]),
            name: value,
        }
        actor.puppet.deliver([Message(served.subject("control"), body)])
        actor.step()
        why = f"after a session.closing with {name} {value}"
        if not await actor.holds(FOREIGN, why=why):
            return


@case(FOREIGN, needs=(ACTIONS,), limit_ms=40_000)
async def foreign_outcomes_are_dropped(ctx: Context) -> None:
    """Nor is an action refused by a nack that names another session."""
    acts = await acting(ctx, types=1)
    actor, kept = acts.actor, keep_back(acts.actor)
    _, said = await acts.acted()
    asked, served = await kept_of(actor, kept, said), actor.served
    data = bodies.nack(asked.action, served.position, bodies.error(FORBIDDEN))
    at_ms = served.history[1, 1].body["timestamp"]
    for name, value in _others(ctx, actor):
        body = {**served.body("action.nack", data, at_ms), name: value}
        actor.puppet.deliver([Message(served.subject("control"), body)])
    refused = [one.get("action_id") for one in (await actor.fenced()).report.refused]
    why = "nacks of its action that name other users and sessions have come"
    ctx.equal(FOREIGN, False, id_of(said) in refused, why=f"told to have failed: {why}")


@case(FOREIGN)
async def other_parts_are_dropped(ctx: Context) -> None:
    """What is no state, event or push by its subject is none, whatever its body says."""
    for features in each_way(ctx):
        actor = await ctx.live(features=features)
        actor.step(2)
        await actor.fenced()
        message = _next(actor, {})
        actor.puppet.anyhow(actor.served.subject("later"), message.body)
        why = "after a message on a subject that is no part of the session"
        if await actor.holds(FOREIGN, why=why):
            actor.step()
            await actor.holds(FOREIGN, why=f"{why}, and then its own came")


def _others(ctx: Context, actor: Actor) -> list[tuple[str, str]]:
    """Ids that are not its own, some of them nearly."""
    served = actor.served
    own = (served.user_id, served.session_id)
    found = [
        ("session_id", ctx.draws.session_id(ctx.draws.apps[0])),
        ("session_id", _nearly(served.session_id)),
        ("session_id", served.session_id.swapcase()),
        ("user_id", ctx.draws.user_id()),
        ("user_id", _nearly(served.user_id)),
        ("user_id", served.user_id.swapcase()),
        ("user_id", f"{served.user_id} "),
        ("session_id", chr(ord(served.session_id[0]) + FULL_WIDTH) + served.session_id[1:]),
    ]
    return [(name, value) for name, value in found if value not in own]


def _nearly(id_: str) -> str:
    return id_[:-1] + ("0" if id_[-1] != "0" else "1")


def _next(actor: Actor, ids: Mapping[str, str]) -> Message:
    """What the next message might be, and is not."""
    served = actor.served
    first = served.history[1, 1].body
    place = {**told(served.position), "seq": served.seq + 1, **ids}
    if EVENTS not in served.features:
        # Its first state has nothing of what came after that.
        return Message(served.subject("state"), {**first, **place, "reason": "change"})
    type_, data = change(served.kinds[0], FAR, first["timestamp"])
    event = {"event_id": f"{served.seq}", "actor": None, "cause": None}
    body = {**served.body(type_, data, first["timestamp"]), **place, **event}
    return Message(served.subject("events"), body)
