"""DUR: instances come and go as planned, and say one and the same."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import Phase, case
from omnisession_conformance.engine.stops import NotOffered
from omnisession_conformance.protocol.json import as_object
from omnisession_conformance.roles.server.restart import revive
from omnisession_conformance.roles.server.steps.discovery import NAME
from omnisession_conformance.suite.server.durable.alive import kept_alive
from omnisession_conformance.suite.server.durable.crowd import Crowd
from omnisession_conformance.suite.server.durable.kept import judge_kept, served_or_stop
from omnisession_conformance.suite.server.durable.needs import DURABLE, LEAVES, LIMIT_MS, STOPS
from omnisession_conformance.suite.server.durable.streams import judge_streams
from omnisession_conformance.suite.server.durable.there import (
    all_there,
    ids_of,
    is_told_how_many,
)

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.traffic.record import Record

PLANNED, SAME = "DUR-023", "DUR-024"
USERS, EACH, ROUNDS = 4, 2, 2


@case(
    *(PLANNED, "DUR-009", "DUR-010"),
    needs=(*DURABLE, *LEAVES),
    phase=Phase.INSTANCES,
    limit_ms=LIMIT_MS,
)
async def instances_leave_and_join(ctx: Context) -> None:
    """Each instance is stopped in order under load, and another one is started: nothing is lost."""
    target = ctx.instances
    crowd = await Crowd.gather(ctx, USERS, EACH, ROUNDS * target.instances)
    with ctx.disturbed("instances leave and join"):
        async with kept_alive(crowd.sessions):
            for number in range(1, target.instances + 1):
                await all_there(ctx)
                try:
                    await crowd.act(partial(target.stop_instance, number))
                    served_or_stop(ctx, PLANNED, crowd)
                    await crowd.act(partial(target.start_instance, number))
                    served_or_stop(ctx, PLANNED, crowd)
                finally:
                    await target.start_instance(number)
        await all_there(ctx)
        await crowd.fences()
        ctx.target_is_back()
        judge_streams(ctx, crowd)
        await judge_kept(ctx, crowd, PLANNED, lives=PLANNED)


@case(SAME, needs=("durable", *STOPS), phase=Phase.INSTANCES, limit_ms=LIMIT_MS)
async def instances_tell_the_same(ctx: Context) -> None:
    """All instances tell the same profiles and limits, and have other ids once they were started again."""
    before = await all_there(ctx)
    if not before:
        raise NotOffered(f"no instance answers as the micro-service {NAME}")
    _same(ctx, before)
    with ctx.disturbed("all instances are stopped and started again"):
        try:
            await ctx.target.stop()
        finally:
            await revive(ctx)
        after = await all_there(ctx)
    ctx.require(bool(after), "started again, no instance tells of itself")
    _same(ctx, after)
    again = sorted(set(ids_of(before)) & set(ids_of(after)))
    ctx.equal(SAME, [], again, on=after, why="ids of instances that were there before, too")


def _same(ctx: Context, answers: list[Record]) -> None:
    if is_told_how_many(ctx.instances):
        ids = len(set(ids_of(answers)))
        ctx.equal(SAME, ctx.instances.instances, ids, on=answers, why="ids that instances tell")
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
