"""DUR: how soon sessions are served again when one of several instances has ended."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import Phase, case
from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.roles.server.reply import Answer
from omnisession_conformance.roles.server.steps.timers import MS
from omnisession_conformance.suite.server.durable.again import GONE, patience_s
from omnisession_conformance.suite.server.durable.alive import LONG
from omnisession_conformance.suite.server.durable.needs import LIMIT_MS, SUDDEN_ENDS
from omnisession_conformance.suite.server.durable.there import all_there

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.traffic.record import Record

SOON = "DUR-021"
SOON_MS = 2_000
ASK_S = 0.1
"""A client that wants to know asks so often."""
USERS = 4


@case(SOON, needs=("durable", *SUDDEN_ENDS), phase=Phase.INSTANCES, limit_ms=LIMIT_MS)
async def sessions_are_served_again_soon(ctx: Context) -> None:
    """Each instance is killed in turn while nobody acts: sessions are pinged until all have pongs."""
    target = ctx.instances
    sessions = [await ctx.open(ctx.user(), timers=LONG) for _ in range(USERS)]
    with ctx.disturbed("instances are killed in turn, and sessions ask who serves them"):
        for number in range(1, target.instances + 1):
            await all_there(ctx)
            try:
                await target.kill_instance(number)
                served = await asyncio.gather(*(_served(session) for session in sessions))
            finally:
                await target.start_instance(number)
            within_s = ctx.within(SOON_MS)
            took_s, pong = max(
                ((pong.t_ns - asked.t_ns) / MS / 1_000, pong) for asked, pong in served
            )
            ctx.check(
                SOON,
                took_s <= within_s,
                expected=f"a pong in each session within {SOON_MS / 1_000:g} s",
                seen=f"{took_s:.1f} s",
                on=pong,
                why=f"sessions that ask once instance {number} of {target.instances} was killed",
            )
        await all_there(ctx)
        for session in sessions:
            await session.fence()
        ctx.target_is_back()


async def _served(session: Session) -> tuple[Record, Record]:
    """Ask again and again until there is a pong; returns the first question, and the pong.

    What is asked once an instance has ended is not asked before it did.
    """
    inboxes: list[str] = []

    def found() -> Record | None:
        answers = (record for inbox in inboxes for record in session.log.on(inbox)[:1])
        return next((one for one in answers if _serves(Answer(one))), None)

    for _ in range(round(patience_s(session) / ASK_S)):
        inboxes.append((await session.send("session.ping")).inbox)
        pong = await session.log.wait(inboxes, found, timeout_s=ASK_S)
        if pong is not None:
            asked = next(
                one for one in session.log.on(session.control_subject) if one.reply == inboxes[0]
            )
            return asked, pong
    raise Prerequisite("a session was served no more")


def _serves(answer: Answer) -> bool:
    if answer.code in GONE:
        raise Prerequisite(f"a session is not there any more: {answer}")
    return answer.type == "session.pong"
