"""The target is started again in the middle of a run, by a case that stopped it or after a crash."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from omnisession_conformance.engine.receivers import receivers
from omnisession_conformance.errors import TargetError
from omnisession_conformance.protocol.bounds import BOUND_S
from omnisession_conformance.roles.server.reply import Answer

if TYPE_CHECKING:
    from omnisession_conformance.engine.run import Run
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.pending import PendingRequest
    from omnisession_conformance.roles.server.session import Session

RETRY_S = 0.01
"""How long after an answer that nobody listens the target is asked again."""
ASK_S = 0.1
"""The same where no broker tells whether anybody does: what was asked before may yet be answered."""
OPEN = "session.open"


async def revive(context: Context, others: int = 0) -> None:
    """Start the target again in the middle of a run and wait until it serves.

    So many `others` are sessions that are opened and closed besides: a target that ends after a number of
    messages, whichever they are, does not end at the same place of a case again.

    The tap hides "no responders" now, so the broker is asked who receives control requests; where it does
    not tell, the target is asked again and again. Raises TargetError when it does not come up.
    """
    run = context.run
    await run.target.start()
    session = context.session(context.user())
    loop = asyncio.get_running_loop()
    deadline = loop.time() + run.start_timeout_s
    asked: list[PendingRequest] = []
    while (answer := await _opened(context, session, asked)) is None:
        if not run.target.running:
            raise TargetError(ended(run))
        if loop.time() >= deadline:
            raise TargetError(absent(run))
        await asyncio.sleep(RETRY_S)
    if answer.type != "session.opened":
        raise TargetError(f"started again, the target answered session.open with {answer}")
    run.target_is_back()
    await session.close()
    for _ in range(others):
        another = context.session(context.user())
        await another.open()
        await another.close()


async def _opened(context: Context, session: Session, asked: list[PendingRequest]) -> Answer | None:
    """The answer to an open, once there is one; None where nobody listens, or says anything yet."""
    told = await receivers(context.run, session.control_subject, timeout_s=BOUND_S)
    if not told.clients and told.untold is None:
        return None
    asked.append(await session.send(OPEN, session.open_data()))
    inboxes = tuple(pending.inbox for pending in asked)

    def find() -> Answer | None:
        came = [record for inbox in inboxes for record in context.log.on(inbox)]
        return Answer(came[0]) if came else None

    answer = await context.log.wait(inboxes, find, timeout_s=ASK_S if told.untold else BOUND_S)
    if answer is not None and answer.error.get("retryable") is True:
        asked.clear()  # it is there, and says that it cannot serve yet
        return None
    if answer is not None and answer.type == "session.opened":
        session.opened = answer
    return answer


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
