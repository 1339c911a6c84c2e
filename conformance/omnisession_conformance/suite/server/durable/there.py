"""Which instances are there, as far as they tell, and that they are there again."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.roles.server.steps.discovery import NAME, Asked
from omnisession_conformance.suite.server.durable.again import AGAIN_S, TAKEOVER_S

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.target import Instances
    from omnisession_conformance.traffic.record import Record

TRIES = round(TAKEOVER_S / AGAIN_S)
UNTOLD = 3
"""Whoever answers none of so many questions does not tell."""
LOOK_S = 0.2
MOST_STARTS = 20


def is_told_how_many(target: Instances) -> bool:
    """Whether the number of instances was said: of a server that somebody else runs it need not be."""
    return target.mode == "spawn" or target.instances > 1


async def all_there(ctx: Context) -> list[Record]:
    """Ask until all instances tell of themselves; what they tell, also where they are less.

    A server need not tell anything of itself: then nobody knows, and nothing is waited for.
    """
    wanted = ctx.instances.instances if is_told_how_many(ctx.instances) else None
    answers = list["Record"]()
    for turn in range(1, TRIES + 1):
        asked = Asked(ctx)
        subject = await asked.ask("INFO", NAME)

        def find(asked: Asked = asked, subject: str = subject) -> list[Record] | None:
            came = asked.answers(subject)
            return came if wanted is not None and len(set(ids_of(came))) >= wanted else None

        found = await ctx.log.wait((asked.inboxes[subject],), find, timeout_s=AGAIN_S)
        answers = found or asked.answers(subject) or answers
        if found is not None or (answers and wanted is None) or (turn >= UNTOLD and not answers):
            return answers
    return answers


async def several_or_stop(ctx: Context) -> None:
    """Stop where less than two instances tell of themselves: one is right about all that it did itself.

    A server need not tell anything of itself: then nobody knows.
    """
    for _ in range(UNTOLD):
        asked = Asked(ctx)
        subject = await asked.ask("INFO", NAME)

        def find(asked: Asked = asked, subject: str = subject) -> bool | None:
            return len(set(ids_of(asked.answers(subject)))) > 1 or None

        if await ctx.log.wait((asked.inboxes[subject],), find, timeout_s=AGAIN_S):
            return
        if not asked.answers(subject):
            return
    raise Prerequisite("of several instances only one tells of itself")


def ids_of(answers: list[Record]) -> list[str]:
    """The id that each answer tells."""
    return [str((answer.body or {}).get("id")) for answer in answers]


@contextlib.asynccontextmanager
async def kept_up(ctx: Context) -> AsyncGenerator[None]:
    """While this lasts an instance that ends is started again, as whoever looks after it would."""
    task = asyncio.create_task(_look_after(ctx))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _look_after(ctx: Context) -> None:
    starts, target = 0, ctx.instances
    while starts < MOST_STARTS:
        await ctx.log.wait((), lambda: None, timeout_s=LOOK_S)
        for number in range(1, target.instances + 1):
            if target.has_ended(number):
                starts += 1
                await target.start_instance(number)
