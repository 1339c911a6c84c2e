"""RESUME: snapshots, and resuming while other sessions act."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.position import Position
from omnisession_conformance.roles.server.steps.any_kind import CHANGES, one_kind, open_any
from omnisession_conformance.roles.server.steps.resuming import between, resumed, send, whole
from omnisession_conformance.roles.server.steps.sending import NO_GAP, burst

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.pending import PendingRequest
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session

AHEAD = 100
NEAR = (1, 2)
MANY = 30
LARGEST = 2**53 - 1
WIDTHS = (2**31, 2**32)
"""Where integers end in some languages: what is so far away is the same again where they are cut."""


@case("RESUME-004", "RESUME-005")
async def unknown_positions_get_a_snapshot(ctx: Context) -> None:
    """A position ahead of the head or of another epoch is answered with a snapshot of all kinds."""
    session = await ctx.open(ctx.user(), kinds=ctx.declared.kinds)
    for ahead in NEAR:
        await _just_ahead(ctx, session, ahead)
    head = await session.fence()
    asked = [
        (head.epoch, head.seq + AHEAD, "a seq ahead of the head"),
        (head.epoch, LARGEST, "the largest seq there is"),
        (head.epoch + 1, head.seq, "the next epoch"),
        (head.epoch + 1, 0, "the begin of the next epoch"),
        (head.epoch - 1, head.seq, "the epoch before"),
        *((head.epoch, head.seq + width, f"a seq that is {width} ahead") for width in WIDTHS),
        *((head.epoch + n, head.seq, f"an epoch that is {n} away") for n in (*WIDTHS, -WIDTHS[1])),
    ]
    for epoch, seq, why in asked:
        if 1 <= epoch <= LARGEST and seq <= LARGEST:
            answer = await (await send(session, epoch, seq)).answer()
            if resumed(ctx, "RESUME-005", answer, ("snapshot",), why) and answer is not None:
                await _states_follow(ctx, session, answer, why)


async def _just_ahead(ctx: Context, session: Session, ahead: int) -> None:
    """Ask from a seq that nothing has yet; others may make it one of the stream meanwhile."""
    head = await session.fence()
    answer = await (await send(session, head.epoch, head.seq + ahead)).answer()
    at = answer.position if answer is not None else None
    if at is None or at.head < (head.epoch, head.seq + ahead):
        resumed(
            ctx, "RESUME-005", answer, ("snapshot",), f"a seq that is {ahead} ahead of the head"
        )
        await session.fence()


@case("RESUME-004", needs=CHANGES)
async def snapshots_in_traffic(ctx: Context) -> None:
    """While other sessions of the user act, nothing comes between a snapshot answer and its states."""
    user, kind = ctx.user(), one_kind(ctx)
    acting = await open_any(ctx, user, kind, timers=NO_GAP)
    events = await ctx.open(user, kinds=ctx.declared.kinds, features=["events"])
    states = await ctx.open(user, kinds=ctx.declared.kinds, timers={"coalesce_ms": 0})
    for _ in range(5):
        sent = await burst(acting, [kind.new(ctx).body(acting) for _ in range(3)])
        asked = [
            (session, await send(session, session.head[0], LARGEST)) for session in (events, states)
        ]
        sent += await burst(acting, [kind.new(ctx).body(acting) for _ in range(3)])
        for action in sent:
            await action.must()
        for session, pending in asked:
            answer = await pending.must()
            ctx.require(answer.data.get("mode") == "snapshot", "no snapshot of an unknown position")
            await _states_follow(ctx, session, answer, "with other sessions of the user at work")


async def _states_follow(ctx: Context, session: Session, answer: Answer, why: str) -> None:
    """Observe that one state of each kind comes directly behind an answer's position."""
    at = answer.position_or_stop("session.resumed")
    wanted = [(at.seq + 1 + i, kind, "sync") for i, kind in enumerate(session.kinds)]

    def all_there() -> bool | None:
        return session.head >= (at.epoch, at.seq + len(wanted)) or None

    if await session.wait(all_there, ctx.answer_s) is None:
        ctx.absent(
            "RESUME-004", expected=f"{len(wanted)} states after seq {at.seq}", on=answer, why=why
        )
        return
    states = between(session, at, Position(at.epoch, at.seq + len(wanted)))
    seen = [(r.integer("seq"), r.payload.get("type"), (r.body or {}).get("reason")) for r in states]
    ctx.equal("RESUME-004", wanted, seen, on=states, why=f"seq, kind and reason, {why}")


@case("RESUME-007", needs=CHANGES)
async def replays_join_the_stream(ctx: Context) -> None:
    """While another session acts without pause, replays and the stream join without hole or overlap."""
    user, kind = ctx.user(), one_kind(ctx)
    acting = await open_any(ctx, user, kind, timers=NO_GAP)
    session = await open_any(ctx, user, kind, events=True)
    start = await session.fence()
    asked: list[tuple[int, PendingRequest]] = []
    actions: list[Any] = []
    for number in range(MANY):
        actions.append(await acting.send_action(kind.new(ctx).body(acting)))
        seq = start.seq if number % 2 else max(start.seq, session.head[1])
        asked.append((seq, await send(session, start.epoch, seq)))
    for action in actions:
        await action.must()
    await session.fence()
    for seq, pending in asked:
        answer = await pending.must()
        if answer.type == "session.resumed":
            await whole(ctx, "RESUME-007", session, seq, answer)
            _goes_on(ctx, session, answer)


def _goes_on(ctx: Context, session: Session, answer: Answer) -> None:
    """Observe that what the session was told after an answer begins right behind its position."""
    at = answer.position_or_stop("session.resumed")
    rest = between(session, at, Position(at.epoch, LARGEST))
    seen = [r.integer("seq") for r in rest]
    wanted = list(range(at.seq + 1, at.seq + 1 + len(rest)))
    ctx.equal("RESUME-007", wanted, seen, on=(answer, *rest), why=f"the stream after seq {at.seq}")
