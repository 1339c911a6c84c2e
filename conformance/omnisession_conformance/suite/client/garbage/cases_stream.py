"""Bytes that are no body, and bodies that are wrong, on the subjects of a session."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar

from omnisession_conformance.engine.case import Phase, case
from omnisession_conformance.protocol.schemas import Side, definition_for
from omnisession_conformance.protocol.subjects import classify
from omnisession_conformance.roles.client.puppet import bodies
from omnisession_conformance.roles.client.steps.garbage import NO_BODIES, bent, encoded
from omnisession_conformance.roles.client.steps.going_on import GOES_ON, acts_by_now, goes_on

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from omnisession_conformance.protocol.json import Object
    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context

T = TypeVar("T")
LEAVES = ("state", "events", "control")
ODD_LEAVES = ("other", "State", "états", "state.more", "control.more.and.more", "=zz", "*x", "$")
MOST_AT_A_TIME, MOST_WITHOUT_TIMERS = 8, 2
MOST_OF_A_KIND = 25
"""Of the ways to bend one body: each run draws others."""
PUSHES: tuple[tuple[str, Any], ...] = (
    ("session.party", {}),
    ("x.y", {"position": {"epoch": 1, "seq": 1, "last_action_seq": 0}}),
    ("session.open", {"protocol": ["1.0"], "kinds": ["chat"]}),
    ("session.resumed", {"mode": "replay", "messages": [None, 7]}),
    ("session.opened", {}),
    ("error", {"error": {"code": 4041}}),
    ("session.heartbeat", 7),
    ("session.heartbeat", {"position": None, "digests": []}),
    ("session.closing", []),
    ("action.ack", {"action_id": 7, "client_seq": 1, "position": None}),
    ("action.nack", {"action_id": {}, "error": {"code": 4030}}),
    ("action.nack", {"action_id": "\ud800", "error": {"code": 4030, "message": "\ud800"}}),
)
"""Types that nobody pushes, and data that is none."""


@case(GOES_ON, phase=Phase.HOSTILE, limit_ms=120_000)
async def no_bodies_on_the_stream(ctx: Context) -> None:
    """A client goes on when bytes come on its subjects that are no body."""
    for features in ctx.ways:
        beside = await _another(ctx, features)
        actor = await ctx.live(features=features)
        acts = await acts_by_now(ctx, actor)
        for leaf in LEAVES:
            # What is on .control has no place in the stream, so that nothing is missing after it.
            some = NO_BODIES if leaf == "control" else _some(ctx, actor, NO_BODIES, leaf)
            for data in some:
                await _comes(actor, actor.served.subject(leaf), data)
        why = "bytes that are no body have come on each of its subjects"
        if not await goes_on(ctx, actor, why, acts=acts):
            return
        if beside is not None and not await goes_on(ctx, beside, f"{why} of another session"):
            return


async def _another(ctx: Context, features: tuple[str, ...]) -> Actor | None:
    """A session of another user beside it, None where the program has no room for one."""
    sessions = (await ctx.keeper.client()).hello.sessions
    return await ctx.live(features=features) if sessions > 1 else None


@case(GOES_ON, phase=Phase.HOSTILE, limit_ms=60_000)
async def odd_subjects_and_pushes(ctx: Context) -> None:
    """A client goes on when messages come on subjects below its session that it does not know."""
    actor = await ctx.live()
    acts = await acts_by_now(ctx, actor)
    served, puppet = actor.served, actor.puppet
    for leaf in ODD_LEAVES:
        for data in (b"", b"7", encoded(served.body("session.heartbeat", {}, 1))):
            puppet.raw(f"{served.subject('state').rpartition('.')[0]}.{leaf}", data)
    for type_, data in PUSHES:
        # Half a surrogate pair can be escaped, and not be written in UTF-8.
        body = json.dumps({**served.body(type_, {}, 1), "data": data})
        puppet.raw(served.subject("control"), body.encode())
    await actor.fenced()
    why = "messages on odd subjects and pushes of unknown types have come"
    await goes_on(ctx, actor, why, acts=acts)


@case(GOES_ON, phase=Phase.HOSTILE, limit_ms=120_000)
async def wrong_members_on_the_stream(ctx: Context) -> None:
    """A client goes on when a member of a state or an event is missing or of a wrong type."""
    for features in ctx.ways:
        for kind in ctx.declared.kinds:
            actor = await ctx.live((kind,), features)
            # Their place is taken: what they should have been is there for whoever asks for it.
            lost = actor.step(2, deliver=False)
            for wrong in _some(ctx, actor, _bent(ctx, lost.subject, lost.body)):
                await _comes(actor, lost.subject, encoded(wrong))
            why = f"a {lost.body['type']} of {kind} has come with wrong members"
            if not await goes_on(ctx, actor, why):
                return


@case(GOES_ON, phase=Phase.HOSTILE, limit_ms=120_000)
async def wrong_members_in_pushes(ctx: Context) -> None:
    """A client goes on when a member of a push is missing or of a wrong type."""
    actor = await ctx.live()
    acts = await acts_by_now(ctx, actor)
    subject = actor.served.subject("control")
    for right in _pushes(actor):
        for wrong in _bent(ctx, subject, right):
            await _comes(actor, subject, encoded(wrong))
        why = f"a {right['type']} has come with wrong members"
        if not await goes_on(ctx, actor, why, acts=acts):
            return


async def _comes(actor: Actor, subject: str, data: bytes) -> None:
    """Say something, and wait until it is handled: one that ends because of it is seen to."""
    actor.puppet.raw(subject, data)
    await actor.fenced()


def _pushes(actor: Actor) -> Iterator[Object]:
    served, action = actor.served, {"action_id": "nobody", "client_seq": 1}
    at = served.position
    yield served.body("session.heartbeat", {"position": bodies.told(at), "digests": {}}, 1)
    yield served.body("action.ack", bodies.ack(action, at, result={"id": "x"}), 1)
    yield served.body("action.nack", bodies.nack(action, at, bodies.error(4030)), 1)
    yield served.body("session.closing", {"code": 5030, "reconnect": True, "after_ms": 0}, 1)


def _some(ctx: Context, actor: Actor, found: Sequence[T], *names: str) -> list[T]:
    """Some of them: after each the client may recover, and waits longer from one to the next."""
    most = MOST_AT_A_TIME if actor.takes_timers else MOST_WITHOUT_TIMERS
    rng = ctx.draws.rng("some", ctx.case.name, str(len(ctx.actors)), *names)
    return rng.sample(found, min(len(found), most))


def _bent(ctx: Context, subject: str, body: Object) -> list[Object]:
    """Some of the ways to bend a body so that it breaks its schema."""
    found = [one for one in bent(body) if not _is_valid(ctx, subject, one)]
    rng = ctx.draws.rng("bent", ctx.case.name, str(body["type"]))
    return rng.sample(found, min(len(found), MOST_OF_A_KIND))


def _is_valid(ctx: Context, subject: str, body: Object) -> bool:
    definition = definition_for(classify(subject).family, body, Side.SERVER)
    return definition is not None and ctx.checker.is_valid(definition, body)
