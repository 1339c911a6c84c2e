"""What the stream of a session must be like while one instance takes the place of another."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from omnisession_conformance.protocol.position import Position
from omnisession_conformance.roles.server.reading.trace import OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.suite.server.durable.crowd import Crowd, Done
    from omnisession_conformance.traffic.record import Record

COUNTS, GOES_ON, ONE_SPEAKS, DEPOSED = "DUR-009", "DUR-010", "DUR-011", "DUR-012"
TAKEOVER = "takeover"
Step = tuple["Record", Position]


def judge_streams(ctx: Context, crowd: Crowd) -> None:
    """Observe counts, epochs and positions of all sessions."""
    for _, actors in crowd.by_user():
        done = [one for actor in actors for one in actor.acked]
        for actor in actors:
            counts_go_up(ctx, actor.session)
            goes_on(ctx, actor.session, done)


def steps_of(session: Session) -> list[Step]:
    """States and events with a position, in tap order."""
    found = ((record, Position.of(record.body)) for record in session.stream)
    return [(record, position) for record, position in found if position is not None]


def counts_go_up(ctx: Context, session: Session) -> None:
    """Observe that no message counts less actions than one before it in the stream."""
    steps = sorted(steps_of(session), key=lambda step: step[1].head)
    for before, after in pairwise(steps):
        if after[1].last_action_seq < before[1].last_action_seq:
            ctx.check(
                COUNTS,
                good=False,
                expected=f"last_action_seq of {before[1].last_action_seq} or more",
                seen=after[1].last_action_seq,
                on=(after[0], before[0]),
                why="a session over the end of an instance",
            )
            return
    ctx.check(COUNTS, good=True, expected="counts that go up", seen="they do")


def goes_on(ctx: Context, session: Session, done: Sequence[Done]) -> None:
    """Observe that a stream has no hole, and that each further epoch begins with what was acked."""
    last: Position | None = None
    for record, at in steps_of(session):
        if last is not None and at.epoch > last.epoch:
            _begins(ctx, session, record, at, done)
        elif last is not None and at.head > last.head and at.seq != last.seq + 1:
            ctx.check(
                GOES_ON,
                good=False,
                expected=f"{last.epoch}:{last.seq + 1}, or a higher epoch",
                seen=f"{at.epoch}:{at.seq}",
                on=record,
                why="what came next in a session over the end of an instance",
            )
            return
        last = at if last is None or at.head > last.head else last
    ctx.check(GOES_ON, good=True, expected="no hole, or a higher epoch", seen="so it was")


def _begins(
    ctx: Context, session: Session, record: Record, at: Position, done: Sequence[Done]
) -> None:
    """Observe the first message of an epoch: the sessions here have one kind."""
    data, reason = record.payload, (record.body or {}).get("reason")
    is_state = record.address.family == "state" and at.seq == 1
    ctx.check(
        GOES_ON,
        is_state and reason == TAKEOVER,
        expected=f"a state with reason {TAKEOVER} and seq 1",
        seen=f"{record.type} with reason {reason} and seq {at.seq}",
        on=record,
        why="the first message of a higher epoch",
    )
    if is_state:
        due = [one for one in done if one.ack.record.n < record.n]
        lost = [one for one in due if not one.deed.shown(data)]
        ctx.equal(
            GOES_ON,
            [],
            [one.deed.marker for one in lost],
            on=[record, *(one.ack for one in lost)],
            why=f"what was acked, and is not in the first {session.kinds[0]} of a higher epoch",
        )


def one_speaks(ctx: Context, session: Session) -> None:
    """Observe that nothing of a session is below an epoch that was seen, and no outcome either."""
    highest, shown_by = 0, None
    messages = sorted((*session.stream, *session.pushes), key=lambda record: record.n)
    for record in messages:
        at = Position.of(record.body) or Position.of(record.payload.get("position"))
        if at is None:
            continue
        if at.epoch < highest and shown_by is not None:
            outcome = record.type in OUTCOMES
            ctx.check(
                DEPOSED if outcome else ONE_SPEAKS,
                good=False,
                expected=f"nothing below epoch {highest}",
                seen=f"{record.type} of epoch {at.epoch}",
                on=(record, shown_by),
                why="an instance that stood still, after another one had taken its place",
            )
        elif at.epoch > highest:
            highest, shown_by = at.epoch, record
    for requirement in (ONE_SPEAKS, DEPOSED):
        ctx.check(requirement, good=True, expected="one epoch after the other", seen="all was read")
