"""How cases look for the states that open, sync and a snapshot resume ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.actor import Session
    from omnisession_conformance.answer import Answer
    from omnisession_conformance.record import Record
    from omnisession_conformance.world import World

UNKNOWN_KIND = "x-none"
"""A kind that no server serves."""


def with_reason(session: Session, reason: str, mark: int = 0) -> list[Record]:
    """States of a session with a reason, since a mark in the log."""
    return [r for r in session.states() if r.n >= mark and (r.body or {}).get("reason") == reason]


async def states_follow(
    w: World,
    requirement: str,
    session: Session,
    answer: Answer,
    kinds: Sequence[str],
    reason: str,
) -> bool:
    """Observe that one state per kind directly follows the position that an answer told.

    Raises Prerequisite where the answer told none.
    """
    start = answer.position_or_stop(answer.type)
    count = len(kinds)
    came = await session.wait(
        lambda: True if len(session.after(start)) >= count else None, w.run.clock.answer_s
    )
    states = session.after(start)[:count]
    why = f"seq, kind and reason of what follows {answer.type} at {start}"
    wanted = [(start.seq + 1 + i, kind, reason) for i, kind in enumerate(kinds)]
    if came is None:
        return w.absent(requirement, expected=wanted, on=(answer, *states), why=why)
    seen = [(r.integer("seq"), r.payload.get("type"), (r.body or {}).get("reason")) for r in states]
    return w.equal(requirement, wanted, seen, on=(*states, answer), why=why)
