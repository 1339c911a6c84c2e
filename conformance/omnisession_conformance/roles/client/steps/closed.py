"""A client that is closed: it tells its user so, by what it says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.actor import Actor

CLOSED = "closed"
GOES_ON = frozenset({"opening", "live", "recovering"})
"""What no client says that is closed; it may say that it is offline, or have a word of its own."""


async def tells_that_it_is_closed(actor: Actor, requirement: str, why: str) -> bool:
    """Observe that a report does not say that the client goes on."""
    phase = (await actor.fenced()).report.phase
    return actor.ctx.check(
        requirement,
        good=phase not in GOES_ON,
        expected=CLOSED,
        seen=phase,
        why=f"the phase of a report: {why}",
    )
