"""Times that cases ask for and wait for, and the heartbeats that come in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.traffic.record import Record

HEARTBEAT = "session.heartbeat"
BEATS = {"heartbeat_ms": 200}
"""The shortest interval that every server grants."""
MS = 1_000_000
"""Nanoseconds of a millisecond: timers are told in one, the tap's clock in the other."""
SHORT = {"heartbeat_ms": 200, "resume_window_ms": 1_000}
"""The shortest window that every server grants."""
LATE_MS = 2_000
"""How long after its window a silent session may live."""
EXPIRY_LATE_MS = 2_000
"""How late a session may expire, and how late its end may be told in others."""
MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
"""How far a time may be from that of its message, and a server's clock from that of the kit."""


def beats(session: Session, since: int = 0) -> list[Record]:
    """The heartbeats of a session from a record number on."""
    return [r for r in session.pushes if r.type == HEARTBEAT and r.n >= since]


def interval_ms(session: Session) -> int:
    """The interval that a session was granted."""
    return session.timers.get("heartbeat_ms", BEATS["heartbeat_ms"])


async def beaten(ctx: Context, session: Session, count: int, since: int = 0) -> list[Record] | None:
    """Wait for so many heartbeats, none of which may be late by an interval; None where they are.

    Raises Prerequisite where the session was granted no interval that can be waited for.
    """
    interval = interval_ms(session)
    short = 0 < interval <= 2 * BEATS["heartbeat_ms"]
    ctx.require(short, f"heartbeat_ms {BEATS['heartbeat_ms']} was asked, and {interval} granted")

    def enough() -> list[Record] | None:
        found = beats(session, since)
        return found if len(found) >= count else None

    return await session.wait(enough, ctx.within(2 * count * interval))
