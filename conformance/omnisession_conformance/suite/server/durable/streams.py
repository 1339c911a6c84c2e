"""What the stream of a session must be like while one instance takes the place of another."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.model.limits import bound_of
from omnisession_conformance.protocol.position import Position
from omnisession_conformance.roles.server.reading.trace import OUTCOMES, position_of
from omnisession_conformance.roles.server.reply import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.roles.server.steps.any_kind import AnyKind
    from omnisession_conformance.suite.server.durable.crowd import Crowd, Done
    from omnisession_conformance.traffic.record import Record

COUNTS, GOES_ON, ONE_SPEAKS, DEPOSED = "DUR-009", "DUR-010", "DUR-011", "DUR-012"
TAKEOVER = "takeover"
UNKNOWN = 5040
"""An outcome that claims nothing, with a position that may be of an epoch that is over."""
Step = tuple["Record", Position]


@dataclass(frozen=True, slots=True)
class Acked:
    """What a session was acked, and the others of its user; `rounds` began there in the log."""

    own: Sequence[Done]
    others: Sequence[Done]
    rounds: Sequence[int]

    def before(self, n: int) -> list[Done]:
        """What a state must show that is the record `n`.

        Another session may be served by another instance: a state that was decided before an ack in it may
        be seen after that. What was acked before instances were disturbed is known to all.
        """
        began = max((mark for mark in self.rounds if mark <= n), default=0)
        own = [done for done in self.own if done.ack.record.n < n]
        return [*own, *(done for done in self.others if done.ack.record.n < began)]


def judge_streams(ctx: Context, crowd: Crowd) -> None:
    """Observe counts, epochs and positions of all sessions."""
    for _, actors in crowd.by_user():
        for actor in actors:
            others = [done for other in actors if other is not actor for done in other.acked]
            counts_go_up(ctx, actor.session)
            goes_on(ctx, crowd.kind, actor.session, Acked(actor.acked, others, crowd.rounds))


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


def goes_on(ctx: Context, kind: AnyKind, session: Session, acked: Acked) -> None:
    """Observe that a stream has no hole, and that each further epoch begins with what was acked."""
    last: Position | None = None
    for record, at in steps_of(session):
        if last is not None and at.epoch > last.epoch:
            _begins(ctx, kind, session, record, acked)
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


def _begins(ctx: Context, kind: AnyKind, session: Session, record: Record, acked: Acked) -> None:
    """Observe the first message of an epoch: the sessions here have one kind."""
    data, reason, seq = record.payload, (record.body or {}).get("reason"), record.integer("seq")
    is_state = record.address.family == "state" and seq == 1
    ctx.check(
        GOES_ON,
        is_state and reason == TAKEOVER,
        expected=f"a state with reason {TAKEOVER} and seq 1",
        seen=f"{record.type} with reason {reason} and seq {seq}",
        on=record,
        why="the first message of a higher epoch",
    )
    if is_state and not is_full(kind, data, session.limits):
        lost = [one for one in acked.before(record.n) if not one.deed.shown(data)]
        ctx.equal(
            GOES_ON,
            [],
            [one.deed.marker for one in lost],
            on=[record, *(one.ack for one in lost)],
            why=f"what was acked, and is not in the first {kind.name} of a higher epoch",
        )


def is_full(kind: AnyKind, slice_: Mapping[str, Any], limits: Mapping[str, int]) -> bool:
    """Whether the list of a slice is at its limit, so that older entries may rightly be missing."""
    bound = None if kind.list is None else bound_of(kind.name, kind.list, limits)
    return bound is not None and len(slice_.get(kind.list or "") or ()) >= bound


def one_speaks(ctx: Context, session: Session) -> None:
    """Observe that nothing of a session is below an epoch that was seen, and no outcome either."""
    for record, shown_by in deposed((*session.stream, *session.pushes)):
        ctx.check(
            DEPOSED if record.type in OUTCOMES else ONE_SPEAKS,
            good=False,
            expected=f"nothing below epoch {_epoch(shown_by)}",
            seen=f"{record.type} of epoch {_epoch(record)}",
            on=(record, shown_by),
            why="an instance that stood still, after another one had taken its place",
        )
    told = (*session.stream, *session.pushes)
    for reply, shown_by in outdated(told, _asked(session)):
        ctx.check(
            ONE_SPEAKS,
            good=False,
            expected=f"nothing below epoch {_epoch(shown_by)}, which was there before the question",
            seen=f"{reply.type} of epoch {_epoch(reply)}",
            on=(reply, shown_by),
            why="an instance that answered in the place of another one",
        )
    for requirement in (ONE_SPEAKS, DEPOSED):
        ctx.check(requirement, good=True, expected="one epoch after the other", seen="all was read")


def deposed(records: Sequence[Record]) -> Iterator[tuple[Record, Record]]:
    """Messages below an epoch that was seen before, each with what had shown it.

    A nack that claims nothing is none of them: who has lost touch may tell an old position in it.
    """
    highest: Record | None = None
    for record in sorted(records, key=lambda record: record.n):
        epoch = _epoch(record)
        if epoch is None or Answer(record).code == UNKNOWN:
            continue
        most = None if highest is None else _epoch(highest)
        if highest is not None and most is not None and epoch < most:
            yield record, highest
        elif most is None or epoch > most:
            highest = record


def outdated(
    told: Sequence[Record], asked: Iterable[tuple[Record, Sequence[Record]]]
) -> Iterator[tuple[Record, Record]]:
    """Replies below an epoch that was told before their request, each with what had told it.

    Answers may overtake what is told in a session, or be overtaken. But whoever is asked when another
    instance speaks already has lost its place, and may tell no position.
    """
    steps: list[tuple[Record, int]] = []
    for record in sorted(told, key=lambda record: record.n):
        epoch = _epoch(record)
        if epoch is not None and (not steps or epoch > steps[-1][1]):
            steps.append((record, epoch))
    for request, replies in asked:
        before = [step for step in steps if step[0].n < request.n]
        for reply in replies:
            epoch = _epoch(reply)
            if not before or epoch is None or Answer(reply).code == UNKNOWN:
                continue
            if epoch < before[-1][1]:
                yield reply, before[-1][0]


def _asked(session: Session) -> Iterator[tuple[Record, Sequence[Record]]]:
    """Control requests with their replies; what an ack tells stands on `.control` as well."""
    for request in session.log.on(session.control_subject):
        if request.reply:
            yield request, session.log.on(request.reply)


def _epoch(record: Record) -> int | None:
    at = position_of(record)
    return None if at is None else at.epoch
