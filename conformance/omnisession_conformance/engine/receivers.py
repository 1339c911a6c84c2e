"""Asks the broker who would receive a message, without sending one to anybody."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING

from omnisession_conformance.engine.stops import Excused, Prerequisite
from omnisession_conformance.protocol.excuses import Excuse
from omnisession_conformance.protocol.subjects import tok
from omnisession_conformance.traffic.receivers import Receivers, read_receivers

if TYPE_CHECKING:
    from omnisession_conformance.engine.run import Run


LOOK_EVERY_S = 0.1


async def receivers(run: Run, subject: str, *, timeout_s: float) -> Receivers:
    """The receivers of a subject, as far as all nodes that it passes tell them in some time.

    A broker that has no traces is not asked: it would pass the question on to whoever listens.
    """
    if run.no_traces is not None:
        return Receivers(untold=run.no_traces)
    return await ask(run, subject, timeout_s=timeout_s)


async def ask(run: Run, subject: str, *, timeout_s: float) -> Receivers:
    """Ask any broker; see `receivers`."""
    answers = f"{run.trace_prefix}{secrets.token_hex(6)}"
    await run.publisher.probe(subject, answers)

    def look() -> Receivers:
        return read_receivers([r.body or {} for r in run.log.on(answers)], run.own_connections())

    def find() -> Receivers | None:
        found = look()
        return None if found.waits else found

    return await run.log.wait((answers,), find, timeout_s=timeout_s) or look()


def anybodys_requests(run: Run) -> str:
    """A subject of requests on which nobody ever asks anything."""
    return f"session.{tok(run.tag)}.{tok(run.tag)}.control"


async def reach_far(run: Run, *, within_s: float) -> bool:
    """Return when all nodes between kit and target have answered the kit; False where one does not.

    It is they who answer, and not the target. One that is ended by the kit is not waited for.
    """
    asking = asyncio.create_task(receivers(run, anybodys_requests(run), timeout_s=within_s))
    try:
        while not asking.done():
            if run.nodes is not None and run.is_disturbed:
                return True
            await asyncio.wait((asking,), timeout=LOOK_EVERY_S)
        return run.no_traces is not None or not asking.result().waits
    finally:
        asking.cancel()


async def try_traces(run: Run, *, timeout_s: float) -> str | None:
    """Why the broker does not tell who receives; None if it does, as an inbox of the kit's own shows."""
    if (why := run.world.no_traces) is not None:
        return why
    told = await ask(run, f"{run.trace_prefix}own", timeout_s=timeout_s)
    return told.untold


async def changed_replies(run: Run, subject: str) -> str | None:
    """Why reply subjects may not reach the target as they are written; None where they surely do.

    A service that is imported from another account is asked with reply subjects of the broker's own.
    """
    if run.knows_all_brokers:
        return None
    if run.no_traces is not None:
        return f"nothing tells whether the broker changes reply subjects: {run.no_traces}"
    told = await receivers(run, subject, timeout_s=run.clock.answer_s)
    if told.account:
        return f"reply subjects are changed on the way into account {told.account}"
    if told.untold is not None:
        return f"nothing tells whether the broker changes reply subjects: {told.untold}"
    return None


def not_told(run: Run, why: str) -> Prerequisite:
    """What stops a case that has to know what the broker does not tell.

    Brokers of the kit's own tell all of each other: what is beyond them is not theirs, and excuses nobody.
    """
    if run.no_traces is not None:
        return Excused(Excuse.NO_TRACING, why)
    return Prerequisite(why) if run.knows_all_brokers else Excused(Excuse.OTHER_BROKER, why)
