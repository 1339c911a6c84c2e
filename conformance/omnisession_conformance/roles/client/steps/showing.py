"""What a client comes to hold: a report at the head needs no fence to be one of everything up to there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.roles.client.compare import differences

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.puppet.served import Message


async def shows(actor: Actor, requirement: str, *, why: str, on: Message | None = None) -> bool:
    """Observe that a client comes to hold what was served, by the first report that is at the head."""
    report = await actor.stage.caught_up(actor.served)
    if report is None or differences(report, actor.served):
        # The fence says so for certain, and with what shows it.
        return await actor.holds(requirement, why=why, on=on)
    right = "as it was served"
    return actor.ctx.check(requirement, good=True, expected=right, seen=right, why=why)
