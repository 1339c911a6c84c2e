"""Signs of life of a session, and the pauses between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.roles.client.steps.openings import place_of, session_of

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.gate.seen import Seen

WINDOWS = 1.5
"""For so many windows a client is watched: the next one may differ from the first."""


async def is_alive(ctx: Context, actor: Actor, requirement: str) -> None:
    """Observe that no pause between signs of life is longer than the resume window."""
    window_s = ctx.within(actor.served.timers["resume_window_ms"])
    gaps = await gaps_s(actor, window_s)
    if gaps is None:
        ctx.absent(requirement, expected="a sign of life", waited_s=window_s, why=granted(actor))
        return
    good = max(gaps) <= window_s
    ctx.check(requirement, good=good, expected="one in each", seen=shown(gaps), why=granted(actor))


async def gaps_s(actor: Actor, within_s: float) -> list[float] | None:
    """The pauses between signs of life for some windows, in seconds; None where one is too long."""
    named = [one for one in actor.gate.seen if session_of(one) == actor.served.session_id]
    mark, last_s, gaps = actor.mark(), named[-1].at_s, list[float]()
    while sum(gaps) < WINDOWS * actor.served.timers["resume_window_ms"] / 1_000:
        found = await sign(actor, since=mark, within_s=within_s)
        if found is None:
            return None
        gaps.append(found.at_s - last_s)
        mark, last_s = place_of(actor, found) + 1, found.at_s
    return gaps


async def sign(actor: Actor, *, since: int, within_s: float) -> Seen | None:
    """The first message since a mark that names the session; None where none comes in time."""
    session_id = actor.served.session_id

    def find() -> Seen | None:
        said = actor.gate.seen[since:]
        return next((one for one in said if session_of(one) == session_id), None)

    return await actor.stage.bell.until(find, within_s=within_s)


def granted(actor: Actor) -> str:
    """The timers of a session in words."""
    told = actor.served.timers
    names = ("heartbeat_ms", "resume_window_ms")
    return "granted " + " and ".join(f"{name} {told[name]}" for name in names)


def shown(gaps: list[float]) -> str:
    """Pauses in words."""
    return "after " + ", ".join(f"{gap * 1_000:.0f}" for gap in gaps) + " ms"
