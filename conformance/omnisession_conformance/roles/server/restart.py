"""The target is started again in the middle of a run, by a case that stopped it or after a crash."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from omnisession_conformance.errors import TargetError

if TYPE_CHECKING:
    from omnisession_conformance.engine.run import Run
    from omnisession_conformance.roles.server.context import Context

RETRY_S = 0.01
"""How long after an answer that nobody listens the target is asked again."""


async def revive(context: Context) -> None:
    """Start the target again in the middle of a run and wait until it serves.

    The tap hides "no responders" now, so the broker is asked who receives control requests. Raises
    TargetError when the target does not come up.
    """
    run = context.run
    await run.target.start()
    session = context.session(context.user())
    loop = asyncio.get_running_loop()
    deadline = loop.time() + run.start_timeout_s
    while not await context.receivers(session.control_subject):
        if not run.target.running:
            raise TargetError(ended(run))
        if loop.time() >= deadline:
            raise TargetError(absent(run))
        await asyncio.sleep(RETRY_S)
    answer = await session.open()
    if answer.type != "session.opened":
        raise TargetError(f"started again, the target answered session.open with {answer}")
    run.target_is_back()
    await session.close()


def absent(run: Run) -> str:
    """What to say of a target that listens to nothing when its time is up."""
    if run.target.mode == "spawn":
        return (
            f"`{run.target.label}` did not subscribe to session.*.*.control within "
            f"{run.start_timeout_s:g} s. It is told the broker by NATS_URL. It said:\n{run.target.tail()}"
        )
    return (
        f"nobody listens on session.*.*.control at {run.url}. Start the server there, "
        "or let the kit start it: --server-cmd 'COMMAND'."
    )


def ended(run: Run) -> str:
    """What to say of a command that has ended before it answered."""
    told = run.target.tail() or "(nothing)"
    return f"`{run.target.label}` ended before it answered session.open. It said:\n{told}"
