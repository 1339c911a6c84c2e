"""What a client is told by a vector, and what it comes to hold of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.protocol.model.reducers import reduce_event
from omnisession_conformance.roles.client.compare import differences
from omnisession_conformance.roles.client.profiles import EVENTS
from omnisession_conformance.roles.client.steps.reducers import STATE

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.puppet.served import Message
    from omnisession_conformance.roles.client.steps.reducers import Told


def say(actor: Actor, kind: str, told: Told) -> Message:
    """Publish a message of a vector: its event, or the state after it in a session without events."""
    served, puppet = actor.served, actor.puppet
    if told.type == STATE:
        return puppet.state(served, kind, told.data)
    if EVENTS in served.features:
        return puppet.event(served, told.type, told.data)
    after = reduce_event(served.slices[kind], told.type, told.data, served.limits)
    return puppet.state(served, kind, after)


async def shows(actor: Actor, requirement: str, *, why: str, on: Message | None = None) -> bool:
    """Observe that a client comes to hold what was served, by the first report that is at the head.

    Such a report needs no fence: it is of everything up to there.
    """
    report = await actor.stage.caught_up(actor.served)
    if report is None or differences(report, actor.served):
        # The fence says so for certain, and with what shows it.
        return await actor.holds(requirement, why=why, on=on)
    right = "as it was served"
    return actor.ctx.check(requirement, good=True, expected=right, seen=right, why=why)
