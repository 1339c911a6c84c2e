"""Watches whether an attached target is still there, while cases run.

The broker is asked who would receive a control request (trace-only, nothing is delivered): once
nobody but the kit does, the target is gone, and the run is over within the second.
"""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING

from omnisession_conformance.protocol.subjects import tok
from omnisession_conformance.traffic.publisher import egresses

if TYPE_CHECKING:
    from collections.abc import Callable

    from omnisession_conformance.engine.run import Run
    from omnisession_conformance.traffic.record import Record

INTERVAL_S = 0.2
BROKER_ANSWER_S = 1.0
MISSES = 2
"""Rounds in a row without a receiver before the target counts as gone: one may be a reconnect."""


async def watch_attached(run: Run, lose: Callable[[str], None]) -> None:
    """Ask until cancelled; calls `lose` once when the target is gone.

    Where the broker does not answer such questions (nats-server below 2.11) there is nothing to see:
    then only the missing answers of the target tell.
    """
    misses, answered = 0, False
    subject = f"session.{tok(run.tag)}.{tok(run.tag)}.control"
    while True:
        present = await _someone_listens(run, subject)
        if present is None and not answered:
            await asyncio.Event().wait()
        answered = True
        # An answer that comes late says nothing, and a stop hook takes the target away on purpose.
        if present is not None:
            misses = 0 if present or not run.target.running else misses + 1
        if misses >= MISSES:
            lose("nobody listens on session.*.*.control any more: the target is gone")
            return
        await asyncio.sleep(INTERVAL_S)


async def _someone_listens(run: Run, subject: str) -> bool | None:
    answer_subject = f"{run.trace_prefix}m{secrets.token_hex(6)}"
    await run.publisher.probe(subject, answer_subject)

    def find() -> Record | None:
        came = run.log.on(answer_subject)
        return came[0] if came else None

    record = await run.log.wait((answer_subject,), find, timeout_s=BROKER_ANSWER_S)
    if record is None or record.body is None:
        return None
    return bool(egresses(record.body, run.own_connections()))
