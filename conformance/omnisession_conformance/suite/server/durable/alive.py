"""Sessions whose clients are there all the time, and how long a server has had no sign of them."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.roles.server.reply import Answer
from omnisession_conformance.roles.server.steps.timers import MS
from omnisession_conformance.suite.server.durable.again import GONE

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from omnisession_conformance.roles.server.session import Session

LONG = {"resume_window_ms": 300_000}
"""A server grants as much of it as it likes."""
USUAL_MS = 120_000
SIGNS = 4
"""So many signs of life in a window."""
MOST_S = 30.0


def window_ms(session: Session) -> int:
    """The window that a session was granted."""
    return session.timers.get("resume_window_ms", USUAL_MS)


@contextlib.asynccontextmanager
async def kept_alive(sessions: Sequence[Session]) -> AsyncGenerator[None]:
    """While this lasts each session says now and then that its client is there."""
    task = asyncio.create_task(_ping(sessions))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _ping(sessions: Sequence[Session]) -> None:
    every_s = min(MOST_S, *(window_ms(session) / SIGNS / 1_000 for session in sessions))
    while True:
        for session in sessions:
            await session.send("session.ping")
        await sessions[0].wait(lambda: None, every_s)


def may_have_expired(session: Session, answer: Answer) -> bool:
    """Whether a session is gone rightly: nobody had answered its client for a whole window.

    What a client asks while nobody serves is no sign of life to anybody.
    """
    if answer.code not in GONE:
        return False
    log = session.log
    heard = [
        record.t_ns
        for record in log.on(session.control_subject)
        if record.reply and any(_serves(Answer(came)) for came in log.on(record.reply)[:1])
    ]
    last = max((t_ns for t_ns in heard if t_ns < answer.record.t_ns), default=0)
    return answer.record.t_ns - last >= window_ms(session) * MS


def _serves(answer: Answer) -> bool:
    return answer.type != "error"


def stop_where_expired(session: Session, answer: Answer) -> None:
    """Stop where a session was not served for its whole window: it may be gone."""
    if may_have_expired(session, answer):
        raise Prerequisite(
            f"a takeover took longer than the resume_window_ms of {window_ms(session)}, the longest granted"
        )
