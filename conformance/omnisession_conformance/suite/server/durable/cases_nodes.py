"""DUR: nodes of the broker end, one after the other under load, and so many that nothing can be stored."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import Phase, case
from omnisession_conformance.roles.server.steps.any_kind import open_any, room_or_stop, view_of
from omnisession_conformance.suite.server.durable.again import AGAIN_S, patiently, until_answered
from omnisession_conformance.suite.server.durable.alive import LONG, kept_alive
from omnisession_conformance.suite.server.durable.crowd import Crowd
from omnisession_conformance.suite.server.durable.kept import judge_kept, served_or_stop
from omnisession_conformance.suite.server.durable.needs import DURABLE, KILLS, LIMIT_MS, NODES
from omnisession_conformance.suite.server.durable.there import all_there, kept_up

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.environment.nodes import Nodes
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.pending import PendingAction
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.roles.server.steps.any_kind import Deed

LASTS, GOES_ON, STORED, NO_ACKS = "DUR-002", "DUR-020", "DUR-013", "DUR-019"
USERS, EACH = 4, 2
AWAY_S = 3.0
"""So long nothing can be stored: well above what clients wait until they send again."""
PATIENCE_S = 90.0
"""No requirement says how soon a server goes on that could store nothing."""


@case(
    *(LASTS, "DUR-004", GOES_ON),
    needs=(*DURABLE, *NODES),
    phase=Phase.INSTANCES,
    limit_ms=LIMIT_MS,
)
async def nodes_are_killed(ctx: Context) -> None:
    """Each node of the broker is killed under load: what was acked is there once, and sessions go on."""
    nodes = ctx.nodes
    with ctx.disturbed("nodes of the broker are killed in turn"):
        crowd = await Crowd.gather(ctx, USERS, EACH, rounds=nodes.count)
        # An instance that ends without its node is started again, as whoever looks after it would.
        async with kept_alive(crowd.sessions), kept_up(ctx):
            for number in range(1, nodes.count + 1):
                await _all_current(ctx, nodes)
                try:
                    await crowd.act(partial(nodes.kill, number))
                finally:
                    await nodes.start(number)
            await _all_current(ctx, nodes)
        ctx.target_is_back()
        try:
            await _catch_up(crowd.sessions)
            await judge_kept(ctx, crowd, LASTS, lives=GOES_ON)
        finally:
            # Who was served no more while a node was gone may be served by now.
            served_or_stop(ctx, GOES_ON, crowd)


@case(
    *("DUR-004", STORED, NO_ACKS),
    needs=(*DURABLE, *NODES, *KILLS),
    phase=Phase.INSTANCES,
    limit_ms=LIMIT_MS,
)
async def most_nodes_are_killed(ctx: Context) -> None:
    """Of three nodes two are killed, then all instances: what was acked or told meanwhile was stored."""
    nodes = ctx.nodes
    # Each instance is at another node: one of them loses its connection, and another one does not.
    pairs = ((2, 3), (1, 3))
    with ctx.disturbed("most nodes of the broker are killed, and all instances"):
        crowd = await Crowd.gather(ctx, USERS, EACH, rounds=len(pairs))
        crowd.be_patient(PATIENCE_S)
        once = [await Once.open(ctx, crowd) for _ in pairs]
        sessions = [*crowd.sessions, *(session for one in once for session in one.sessions)]
        async with kept_alive(sessions):
            for pair, one in zip(pairs, once, strict=True):
                await _all_current(ctx, nodes)
                await crowd.act(partial(_cut_off, ctx, pair, one))
                ctx.target_is_back()
        try:
            for one in once:
                await one.judge(ctx, crowd)
        finally:
            served_or_stop(ctx, NO_ACKS, crowd)
        await _catch_up(crowd.sessions)
        await judge_kept(ctx, crowd, NO_ACKS, lives=NO_ACKS)


async def _all_current(ctx: Context, nodes: Nodes) -> None:
    """Wait until all nodes have all, and all instances are there: no two are missed at a time."""
    ctx.require(
        await nodes.are_current(), "a node of the broker that was started has not caught up"
    )
    await all_there(ctx)


async def _cut_off(ctx: Context, pair: Sequence[int], once: Once) -> None:
    nodes, target = ctx.nodes, ctx.instances
    numbers = range(1, target.instances + 1)
    try:
        await asyncio.gather(*(nodes.kill(number) for number in pair))
        await once.send()
        await ctx.log.wait((), lambda: None, timeout_s=AWAY_S)
        # Who has said more than was stored is not to store it now.
        await asyncio.gather(*(target.kill_instance(number) for number in numbers))
    finally:
        await asyncio.gather(*(nodes.start(number) for number in pair))
        await nodes.are_current()
        for number in numbers:
            await target.start_instance(number)


async def _catch_up(sessions: Sequence[Session]) -> None:
    """Have each session told what was lost with a node: there may be holes, and they are nobody's fault."""
    for session in sessions:
        epoch, seq = session.head
        answer = await until_answered(session, "session.resume", {"epoch": epoch, "seq": seq})
        if answer.position is not None:
            await session.reach(answer.position)


@dataclass(slots=True)
class Once:
    """One session of each user of a crowd, in which one thing is done: it is sent once, and never again."""

    sessions: list[Session]
    deeds: list[Deed]
    sent: list[PendingAction] = field(default_factory=list["PendingAction"])

    @classmethod
    async def open(cls, ctx: Context, crowd: Crowd) -> Once:
        """Open them."""
        sessions = [
            await patiently(ctx, partial(open_any, ctx, user, crowd.kind, timers=LONG))
            for user, _ in crowd.by_user()
        ]
        return cls(sessions, [crowd.kind.new(ctx) for _ in sessions])

    async def send(self) -> None:
        """Do each thing."""
        for session, deed in zip(self.sessions, self.deeds, strict=True):
            self.sent.append(await session.send_action(deed.body(session)))

    async def judge(self, ctx: Context, crowd: Crowd) -> None:
        """Observe that what was acked of it, or shown to a session of the same user, is there."""
        for session, deed, sent in zip(self.sessions, self.deeds, self.sent, strict=True):
            fresh = await patiently(ctx, partial(open_any, ctx, session.user, crowd.kind))
            there = deed.shown(await patiently(ctx, partial(view_of, fresh, crowd.kind)))
            outcome = await sent.outcome(AGAIN_S)
            acks = [outcome.record] if outcome is not None and outcome.acked else []
            told = [
                record
                for one in crowd.sessions
                if one.user.id == session.user.id
                for record in (*one.stream, *session.stream)
                if record.address.family == "state" and deed.shown(record.payload)
            ]
            if not there and (acks or told):
                room_or_stop(fresh, crowd.kind)
            for requirement, seen in ((NO_ACKS, acks), (STORED, told)):
                ctx.check(
                    requirement,
                    there or not seen,
                    expected=f"{deed.marker} in the {crowd.kind.name} of a new session",
                    seen="it is not there" if seen else "nobody was told of it",
                    on=[*seen[:1], *fresh.stream[-1:]],
                    why="an action that was sent once, while most nodes of the broker were gone",
                )
