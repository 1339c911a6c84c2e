"""Watches whether an attached target is still there, while cases run.

The broker is asked who would receive a control request (trace-only, nothing is delivered): once
nobody but the kit does, the target is gone, and the run is over within the second.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from omnisession_conformance.engine.receivers import anybodys_requests, receivers

if TYPE_CHECKING:
    from collections.abc import Callable

    from omnisession_conformance.engine.run import Run

INTERVAL_S = 0.2
BROKER_ANSWER_S = 1.0
MISSES = 2
"""Rounds in a row without a receiver before the target counts as gone: one may be a reconnect."""


async def watch_attached(run: Run, lose: Callable[[str], None]) -> None:
    """Ask until cancelled; calls `lose` once when the target is gone.

    Where the broker does not tell (nats-server below 2.11, another account) there is nothing to see: then
    only the missing answers of the target do.
    """
    if run.no_traces is not None:
        await asyncio.Event().wait()
    misses = 0
    subject = anybodys_requests(run)
    while True:
        present = await _someone_listens(run, subject)
        # An answer that comes late says nothing, and a hook may take the target away on purpose.
        if present is not None:
            taken_away = not run.target.running or run.is_disturbed
            misses = 0 if present or taken_away else misses + 1
        if misses >= MISSES:
            lose("nobody listens on session.*.*.control any more: the target is gone")
            return
        await asyncio.sleep(INTERVAL_S)


async def _someone_listens(run: Run, subject: str) -> bool | None:
    told = await receivers(run, subject, timeout_s=BROKER_ANSWER_S)
    # Those that are told are there, whoever else may be.
    return True if told.clients else (None if told.untold is not None else False)
