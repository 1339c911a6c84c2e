"""DUR: instances come and go as planned, and say one and the same."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import Phase, case
from omnisession_conformance.protocol.json import as_object
from omnisession_conformance.roles.server.restart import revive
from omnisession_conformance.roles.server.steps.discovery import NAME, Asked
from omnisession_conformance.suite.server.durable.crowd import AGAIN_S, TRIES, Crowd
from omnisession_conformance.suite.server.durable.kept import judge_kept, served_or_stop
from omnisession_conformance.suite.server.durable.needs import (
    AT_A_TIME,
    DURABLE,
    LEAVES,
    LIMIT_MS,
    STOPS,
)
from omnisession_conformance.suite.server.durable.streams import judge_streams

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.traffic.record import Record

PLANNED, SAME = "DUR-023", "DUR-024"
USERS, EACH = 4, 2


@case(
    *(PLANNED, "DUR-009", "DUR-010"),
    needs=(*DURABLE, *LEAVES),
    phase=Phase.INSTANCES,
    limit_ms=LIMIT_MS,
)
async def instances_leave_and_join(ctx: Context) -> None:
    """Each instance is stopped in order under load, and another one is started: nothing is lost."""
    target = ctx.instances
    crowd = await Crowd.gather(ctx, USERS, EACH)
    with ctx.disturbed("instances leave and join"):
        for number in range(1, target.instances + 1):
            try:
                leave = partial(target.stop_instance, number)
                served_or_stop(ctx, PLANNED, crowd, all_served=await crowd.act(AT_A_TIME, leave))
                join = partial(target.start_instance, number)
                served_or_stop(ctx, PLANNED, crowd, all_served=await crowd.act(AT_A_TIME, join))
            finally:
                await target.start_instance(number)
            await _all_there(ctx, target.instances)
        await crowd.fences()
    ctx.target_is_back()
    judge_streams(ctx, crowd)
    await judge_kept(ctx, crowd, PLANNED, lives=PLANNED)


@case(SAME, needs=("durable", *STOPS), phase=Phase.INSTANCES, limit_ms=LIMIT_MS)
async def instances_tell_the_same(ctx: Context) -> None:
    """All instances tell the same profiles and limits, and have other ids once they were started again."""
    target = ctx.instances
    before = await _all_there(ctx, target.instances)
    _same(ctx, before, target.instances)
    with ctx.disturbed("all instances are stopped and started again"):
        try:
            await target.stop()
        finally:
            await revive(ctx)
    after = await _all_there(ctx, target.instances)
    _same(ctx, after, target.instances)
    again = sorted(set(_ids(before)) & set(_ids(after)))
    ctx.equal(SAME, [], again, on=after, why="ids of instances that were there before, too")


async def _all_there(ctx: Context, wanted: int) -> list[Record]:
    """Ask until so many instances tell of themselves; what they tell, also where they are less."""
    answers = list["Record"]()
    for _ in range(TRIES):
        asked = Asked(ctx)
        subject = await asked.ask("INFO", NAME)

        def find(asked: Asked = asked, subject: str = subject) -> list[Record] | None:
            came = asked.answers(subject)
            return came if len(set(_ids(came))) >= wanted else None

        found = await ctx.log.wait((asked.inboxes[subject],), find, timeout_s=AGAIN_S)
        if found is not None:
            return found
        answers = asked.answers(subject)
    return answers


def _ids(answers: list[Record]) -> list[str]:
    return [str((answer.body or {}).get("id")) for answer in answers]


def _same(ctx: Context, answers: list[Record], wanted: int) -> None:
    ctx.equal(SAME, wanted, len(set(_ids(answers))), on=answers, why="ids that instances tell")
    told = [_told(answer) for answer in answers]
    for answer, one in zip(answers, told, strict=True):
        ctx.equal(SAME, told[0], one, on=(answer, answers[0]), why="what an instance tells")


def _told(answer: Record) -> dict[str, Any]:
    """The profiles and limits in a service's metadata, as values."""
    metadata = as_object((answer.body or {}).get("metadata"))
    try:
        limits: Any = json.loads(str(metadata.get("limits")))
    except ValueError:
        limits = metadata.get("limits")
    profiles = sorted(str(metadata.get("profiles", "")).split(","))
    return {"profiles": profiles, "limits": limits}
