"""What a client refuses by itself: nothing of it is sent, and the user is told why."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.steps.acts import Act, Acts


async def is_refused(
    ctx: Context, acts: Acts, act: Act, reason: str, why: str, *requirements: str
) -> bool:
    """Observe that an action is refused here, for a reason, and that nothing of it is sent."""
    actor = acts.actor
    await actor.fenced()
    copies = acts.copies(act)
    if copies:
        seen = f"{len(copies[0].payload)} bytes are sent"
    else:
        seen = "nothing is sent, and nothing is told" if act.refused is None else act.refused
    good = act.refused == reason and not copies
    for one in requirements:
        ctx.check(
            one,
            good=good,
            expected=f"the answer to dispatch says refused: {reason}, and nothing is sent",
            seen=seen,
            on=actor.records(copies),
            why=why,
        )
    return good
