"""Steps by which a server has much to remember."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.roles.server.generation import steps as s
from omnisession_conformance.roles.server.generation.acting import deliver, make, publish, settle
from omnisession_conformance.roles.server.generation.machine import Machine, told_of
from omnisession_conformance.roles.server.generation.rows import renumbered
from omnisession_conformance.roles.server.generation.world import LIVE

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.generation.rows import Made
    from omnisession_conformance.roles.server.pending import PendingAction

MOST = 140
"""What was before so many actions is remembered still."""
AT_ONCE = 20
"""So many are under way at a time, as a rate may be limited."""


async def burst(machine: Machine, step: s.Burst) -> None:
    """Many actions of a session under numbers in a row, in their order."""
    model = machine.world.sessions.get(step.session)
    if model is None or model.life != LIVE:
        return
    left = min(step.count, MOST)
    while left > 0 and not machine.findings:
        sent: list[tuple[Made, PendingAction]] = []
        for at in range(min(left, AT_ONCE)):
            act = s.Act(f"{step.name}.{left - at}", step.session, step.type)
            made = make(machine, act)
            if made is None:
                return
            last = machine.world.sessions[step.session].last
            one = renumbered(*made, last + 1 + at)
            sent.append((one, await publish(machine, *one)))
        for one, pending in sent:
            told = told_of(await pending.outcome())
            if told.retryable:
                # A server that is busy takes them one at a time.
                told = await deliver(machine, *one, told)
            settle(machine, one[0], told)
            if machine.findings:
                return
        left -= len(sent)
