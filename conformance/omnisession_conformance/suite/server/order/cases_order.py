"""ORDER: positions of a session under load, and which actions a position counts."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.position import Position
from omnisession_conformance.roles.server.reading.trace import OUTCOMES
from omnisession_conformance.roles.server.steps.articles import (
    create_article,
    open_articles,
    select,
    takes,
    unique,
    update,
)
from omnisession_conformance.roles.server.steps.control import told_positions

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.pending import PendingAction
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.traffic.record import Record

ROUNDS = 12
HEARTBEAT = "session.heartbeat"
HEARTBEATS = 2
UPDATES = 200
"""More are not sent while waiting for heartbeats, however fast the target is."""
BEATS = {"heartbeat_ms": 200}


def heads(session: Session) -> list[tuple[int, int]]:
    """Epoch and seq of each state and event of a session, in tap order."""
    return [p.head for r in session.stream if (p := Position.of(r.body)) is not None]


def _check_line(ctx: Context, session: Session, why: str) -> None:
    """Check that the stream of a session is one line of numbers without a hole."""
    line = heads(session)
    pairs = list(pairwise(line))
    back = [f"{a[0]}:{a[1]} then {b[0]}:{b[1]}" for a, b in pairs if b <= a]
    holes = [
        f"{a[0]}:{a[1]} then {b[0]}:{b[1]}" for a, b in pairs if a[0] == b[0] and b[1] > a[1] + 1
    ]
    stream = session.stream[-1:]
    ctx.equal("ORDER-001", [], back[:5], on=stream, why=f"steps back in the stream of {why}")
    ctx.equal("ORDER-002", [], holes[:5], on=stream, why=f"holes in the stream of {why}")


@case(
    "ORDER-001",
    "ORDER-002",
    needs=(*takes("create", "update", "select", "edit_start"), "role:editor"),
)
async def streams_are_one_line_in_a_burst(ctx: Context) -> None:
    """With two users, refusals, syncs, pings and opens in between, seqs go up by one over all."""
    author = ctx.user()
    states = await open_articles(ctx, author, timers={"coalesce_ms": 0})
    events = await open_articles(ctx, author, events=True)
    other = await open_articles(ctx, ctx.user("editor"), events=True)
    article_id = await create_article(states)
    await select(events, article_id)
    pending: list[PendingAction] = []
    for number in range(ROUNDS):
        changes = {"article_id": article_id, "changes": {"title": f"Title {number}"}}
        for session in (states, events, other):
            body = session.action_body("article.update", changes)
            pending.append(await session.send_action(body))
        refused = events.action_body("article.edit_start", {"article_id": unique(ctx, "missing")})
        pending.append(await events.send_action(refused))
        if number % 5 == 0:
            await events.send("session.sync", {})
            await events.send("session.open", events.open_data(kinds=events.kinds))
            await states.send("session.ping", {})
    outcomes = [await one.must() for one in pending]
    ctx.require(any(answer.acked for answer in outcomes), "no action of a burst was acked")
    names = ("a session without events", "a session with events", "another user's session")
    for session, name in zip((states, events, other), names, strict=True):
        await _settle(ctx, session)
        epoch, seq = session.head
        await session.resume(epoch, max(0, seq - 2))
        await _settle(ctx, session)
        _check_line(ctx, session, name)


async def _settle(ctx: Context, session: Session) -> None:
    """Fence a session without insisting: a position that its stream never reaches shows as a hole."""
    head = (await session.position()).head
    await session.wait(lambda: True if session.head >= head else None, ctx.answer_s)


@case("ORDER-003")
async def epochs_begin_with_states(ctx: Context) -> None:
    """The first messages of a session are the states of its kinds, from seq 1 on."""
    user = ctx.user()
    for features in ((), ("events",)):
        # Not `w.open`, which insists on what is judged here.
        session = ctx.session(user)
        answer = await session.open(kinds=ctx.declared.kinds, features=features)
        answer.position_or_stop("session.opened")
        await session.fence()
        first = session.stream[: len(session.kinds)]
        ctx.equal(
            "ORDER-003",
            [(number, "state", kind) for number, kind in enumerate(session.kinds, 1)],
            [(r.integer("seq"), r.address.family, r.payload.get("type")) for r in first],
            on=first,
            why="seq, subject and kind of the first messages of an epoch",
        )


@case("ORDER-007", needs=takes("create", "update"), slow=True)
async def pushes_keep_the_order_of_the_stream(ctx: Context) -> None:
    """Between states and events, heartbeats tell the seq of their place, and outcomes none beyond."""
    user = ctx.user()
    actor = await open_articles(ctx, user, events=True, timers=BEATS)
    other = await open_articles(ctx, user, timers=BEATS)
    article_id = await create_article(actor)

    def enough() -> bool | None:
        beats = [sum(r.type == HEARTBEAT for r in s.pushes) for s in (actor, other)]
        return min(beats) >= HEARTBEATS or None

    for _ in range(UPDATES):
        if enough():
            break
        await update(actor, article_id, title=unique(ctx, "title"))
    slowest = max(s.timers.get("heartbeat_ms", 200) for s in (actor, other))
    await ctx.log.wait(
        (*actor.topics, *other.topics), enough, timeout_s=ctx.within(HEARTBEATS * slowest)
    )
    ctx.require(enough() is not None, f"{HEARTBEATS} heartbeats did not come in their time")
    for session in (actor, other):
        await session.fence()
        _check_pushes(ctx, session)


def _check_pushes(ctx: Context, session: Session) -> None:
    stands: tuple[int, int] | None = None
    wrong: list[Record] = []
    pushes = 0
    records = sorted([*session.stream, *session.pushes], key=lambda r: r.n)
    for record, position in told_positions(records):
        if record.address.family != "control":
            stands = position.head if stands is None else max(stands, position.head)
            continue
        pushes += 1
        here = stands or (position.epoch, 0)
        ahead = record.type in OUTCOMES and position.head > here
        if ahead or (record.type == HEARTBEAT and position.head != here):
            wrong.append(record)
    ctx.check(
        "ORDER-007",
        not wrong,
        expected="heartbeats at the seq of their place, outcomes not ahead of the stream",
        seen=f"{len(wrong)} of {pushes} are not" if wrong else f"{pushes} that are",
        on=wrong[:5],
        pointer="/data/position",
    )
