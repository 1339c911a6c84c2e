"""What a client does not know yet: it skips that, counts it, and asks nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.kinds.tables import BY_NAME
from omnisession_conformance.roles.client.compare import differences
from omnisession_conformance.roles.client.profiles import EVENTS
from omnisession_conformance.roles.client.steps.missing import WAYS_BACK
from omnisession_conformance.roles.client.steps.ways import each_way

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context

UNKNOWN = "CLI-010"


@case(UNKNOWN)
async def unknown_kind_is_skipped(ctx: Context) -> None:
    """A state of a kind that a later version has is counted, changes nothing, and is no gap."""
    for features in each_way(ctx):
        actor = await ctx.live(features=features)
        actor.step()
        await actor.fenced()
        mark = actor.mark()
        for data in ({"type": "weather", "days": [1, 2]}, {"type": "x-acme.notes"}):
            actor.puppet.stranger(actor.served, data)
            await _skipped(actor, mark, f"after a state of the kind {data['type']}")
        actor.step()
        await _skipped(actor, mark, "after states of unknown kinds the stream went on")


@case(UNKNOWN, needs=(EVENTS,))
async def unknown_event_is_skipped(ctx: Context) -> None:
    """An event of a type that a later version, or somebody else, has is counted and changes nothing."""
    actor = await ctx.live(features=(EVENTS,))
    actor.step()
    await actor.fenced()
    mark = actor.mark()
    prefix = BY_NAME[actor.served.kinds[0]].prefix
    for type_ in (f"{prefix}.sparkled", "weather.changed", "x-acme.thing_done"):
        actor.puppet.event(actor.served, type_, {"id": "a-1", "how": [1]})
        await _skipped(actor, mark, f"after an event of the type {type_}")
    actor.step()
    await _skipped(actor, mark, "after events of unknown types the stream went on")


@case(UNKNOWN)
async def unknown_members_and_pushes_are_ignored(ctx: Context) -> None:
    """Members and pushes that a later version has change nothing of the rest."""
    for features in each_way(ctx):
        actor = await ctx.live(features=features)
        actor.step()
        await actor.fenced()
        mark = actor.mark()
        message = actor.step(deliver=False)
        message.body["x_later"] = {"deep": [1, None]}
        actor.puppet.deliver([message])
        await _skipped(actor, mark, "after a message with a member that nobody knows")
        push = actor.served.body("session.sang", {"song": 1}, message.body["timestamp"])
        actor.puppet.anyhow(actor.served.subject("control"), push)
        await _skipped(actor, mark, "after a push of an unknown type")


async def _skipped(actor: Actor, since: int, why: str) -> None:
    """Observe slices and position, and that nothing was asked for.

    After each, so that a client with a subscription for each subject hears them in their order.
    """
    fenced = await actor.fenced()
    unlike = differences(fenced.report, actor.served)
    if actor.compare(UNKNOWN, fenced, unlike, why):
        actor.says_nothing(UNKNOWN, WAYS_BACK, since=since, exact=fenced.exact, why=why)
