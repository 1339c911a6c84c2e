"""RESUME: what a client gets that asks for what came after its position."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import NotOffered
from omnisession_conformance.protocol.bounds import BOUND_MS
from omnisession_conformance.protocol.position import Position
from omnisession_conformance.roles.server.steps.any_kind import CHANGES, change, one_kind, open_any
from omnisession_conformance.roles.server.steps.resuming import resumed, send, whole
from omnisession_conformance.roles.server.steps.sending import NO_GAP, Posted, settle

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.roles.server.steps.any_kind import AnyKind
    from omnisession_conformance.traffic.record import Record

BEHIND = ("replay", "snapshot")
MANY = 12
FIRST = 6
LAST = 12
ROUNDS = 10
HELD = {"coalesce_ms": 100}
LEAST_HELD_MS = 10
TURNS, ENOUGH = 24, 5
"""How often it is looked when a change is told, at most, and how often with and without a resume."""


async def ask(session: Session, at: Position, *, seq: int | None = None) -> Answer | None:
    """Resume from a position, or from another seq of its epoch."""
    return await (await send(session, at.epoch, at.seq if seq is None else seq)).answer()


async def changes(ctx: Context, session: Session, kind: AnyKind, count: int) -> None:
    """Make some changes in one burst, as a step that a case needs."""
    bodies = [kind.new(ctx).body(session) for _ in range(count)]
    for answer in await settle(session, [Posted(body) for body in bodies]):
        ctx.require(answer.acked, f"{kind.name} could not be changed: {answer}")


# -- at the head -----------------------------------------------------------------------------------------


@case("RESUME-001", alone=True)
async def resume_at_the_head_is_current(ctx: Context) -> None:
    """A session that has missed nothing is told so, twice, and nothing is published for it."""
    session = await ctx.open(ctx.user())
    for why in ("a resume from the head", "a second one from the same position"):
        head = await session.fence()
        answer = await ask(session, head)
        if resumed(ctx, "RESUME-001", answer, ("current",), why) and answer is not None:
            seen = answer.position.head if answer.position else None
            at = "/data/position"
            ctx.equal("RESUME-001", head.head, seen, on=answer, pointer=at, why=f"the head, {why}")
        after = await session.fence()
        ctx.equal(
            "RESUME-001",
            head.head,
            after.head,
            on=session.after(head),
            why=f"epoch and seq of a pong after {why}",
        )


# What another case changes meanwhile would be told by the states that are looked for.
@case("RESUME-001", needs=CHANGES, alone=True, slow=True)
async def resume_at_the_head_lets_nothing_go(ctx: Context) -> None:
    """What is held back is told behind a resume at the head no sooner than where nobody asks."""
    user, kind = ctx.user(), one_kind(ctx)
    actor = await open_any(ctx, user, kind)
    session = await open_any(ctx, user, kind, timers=HELD)
    waits: dict[bool, list[int]] = {False: [], True: []}
    for turn in range(TURNS):
        if all(len(found) == ENOUGH for found in waits.values()):
            break
        asks = len(waits[True]) < len(waits[False])
        waited = await _told_after(ctx, actor, session, kind, asks=asks)
        # What was told at once, or by another state before, tells nothing; the first is one of these.
        if waited is not None and turn:
            waits[asks].append(waited)
    held = min(waits[False], default=0)
    if len(waits[True]) < ENOUGH or held < LEAST_HELD_MS:
        raise NotOffered("the target holds no state back for long enough to look at it")
    ctx.check(
        "RESUME-001",
        not all(waited < held / 2 for waited in waits[True]),
        expected=f"a state that is held back for {held} ms or more where nobody asks to stay so",
        seen=f"it was told {waits[True]} ms after the ack, by the server's own clock",
        on=session.stream[-1:],
        why="a resume at the head each time, while a change of another session is held back",
    )


async def _told_after(
    ctx: Context, actor: Session, session: Session, kind: AnyKind, *, asks: bool
) -> int | None:
    """Let another session change something; how long after the ack that is told, in ms.

    By the server's own clock, which no delay on the way changes; None where it was told at once.
    """
    head = await session.fence()
    done = await change(ctx, actor, kind)
    if session.head != head.head:
        return None
    if asks:
        await session.resume(*head.head)

    def told() -> Record | None:
        return next(iter(session.after(head)), None)

    state = await session.wait(told, ctx.within(HELD["coalesce_ms"] + BOUND_MS))
    times = [r.integer("timestamp") for r in (done.ack.record, state) if r is not None]
    if len(times) < 2 or times[0] is None or times[1] is None:
        return None
    return times[1] - times[0]


# -- behind the head ---------------------------------------------------------------------------------------


@case("RESUME-002", "RESUME-003", needs=CHANGES)
async def resume_from_every_position(ctx: Context) -> None:
    """From each position that a session had, resume answers with what came after it, or a snapshot."""
    kind = one_kind(ctx)
    session = await ctx.open(
        ctx.user(), kinds=ctx.declared.kinds, features=["events", "digests"], timers=NO_GAP
    )
    await kind.begins(ctx, session)
    await changes(ctx, session, kind, MANY)
    await session.sync()
    await changes(ctx, session, kind, 2)
    head = await session.fence()
    sent = [
        (seq, await send(session, head.epoch, seq))
        for seq in (*range(min(head.seq, FIRST)), *range(max(FIRST, head.seq - LAST), head.seq))
    ]
    for seq, pending in sent:
        answer = await pending.answer()
        why = f"a resume from seq {seq} with the head at {head.seq} or later"
        if resumed(ctx, "RESUME-002", answer, BEHIND, why) and answer is not None:
            await whole(ctx, "RESUME-003", session, seq, answer)


@case("RESUME-003", needs=CHANGES)
async def replay_without_events(ctx: Context) -> None:
    """In a session without events a replay has the states as they were published."""
    user, kind = ctx.user(), one_kind(ctx)
    session, other = [await open_any(ctx, user, kind) for _ in range(2)]
    start = await session.fence()
    for acting in (session, other, session):
        await change(ctx, acting, kind)
    await session.sync()
    await session.fence()
    for seq in (0, start.seq, start.seq + 1):
        answer = await ask(session, start, seq=seq)
        ctx.require(answer is not None and answer.type == "session.resumed", f"no answer: {answer}")
        if answer is not None:
            await whole(ctx, "RESUME-003", session, seq, answer)


@case("RESUME-006", "RESUME-003")
async def resume_directly_after_open(ctx: Context) -> None:
    """Before anything changed, resume works from the answer's own position and from the head."""
    session = await ctx.open(ctx.user(), kinds=ctx.declared.kinds)
    start = session.opened.position_or_stop("session.opened") if session.opened else Position(1, 0)
    last = Position(start.epoch, start.seq + len(session.kinds))
    for _ in range(2):
        for position, why in (
            (start, "the position of session.opened"),
            (last, "the position of its last state"),
        ):
            answer = await ask(session, position)
            # What others publish in the meantime moves the head on.
            modes = BEHIND if position is start else ("current", *BEHIND)
            if resumed(ctx, "RESUME-006", answer, modes, f"a resume from {why}") and answer:
                await whole(ctx, "RESUME-003", session, position.seq, answer)


@case("RESUME-006", "RESUME-003", needs=CHANGES)
async def resume_again_and_again(ctx: Context) -> None:
    """Ten times changes and a resume, each also from the oldest position and twice from the same."""
    kind = one_kind(ctx)
    session = await open_any(ctx, ctx.user(), kind, events=True)
    oldest = await session.fence()
    reached = oldest
    for number in range(ROUNDS):
        await changes(ctx, session, kind, 2)
        asked = [
            (position, which, await send(session, position.epoch, position.seq))
            for position, which in (
                (reached, "the last position"),
                (reached, "the same position again"),
                (oldest, "the oldest position"),
            )
        ]
        for position, which, pending in asked:
            answer = await pending.answer()
            why = f"round {number + 1}, a resume from {which}"
            if not resumed(ctx, "RESUME-006", answer, BEHIND, why) or answer is None:
                return
            if not await whole(ctx, "RESUME-003", session, position.seq, answer):
                return
        reached = await session.fence()
