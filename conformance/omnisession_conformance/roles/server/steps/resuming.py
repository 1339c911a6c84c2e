"""Requests to resume, and what a right answer to one holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.context import same
from omnisession_conformance.protocol.position import Position

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.pending import PendingRequest
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.traffic.record import Record


def resumed(
    ctx: Context, requirement: str, answer: Answer | None, modes: Sequence[str], why: str
) -> bool:
    """Observe a `session.resumed` with one of some modes."""
    expected = f"session.resumed with the mode {' or '.join(modes)}"
    if answer is None:
        return ctx.absent(requirement, expected=expected, why=why)
    mode: Any = answer.data.get("mode")
    return ctx.check(
        requirement,
        answer.type == "session.resumed" and mode in modes,
        expected=expected,
        seen=str(answer) if answer.type != "session.resumed" else f"the mode {mode}",
        on=answer,
        pointer="/data/mode",
        why=why,
    )


async def send(session: Session, epoch: int, seq: int) -> PendingRequest:
    """Ask to resume, without waiting for the answer."""
    return await session.send("session.resume", {"epoch": epoch, "seq": seq})


async def whole(
    ctx: Context, requirement: str, session: Session, asked: int, answer: Answer
) -> bool:
    """Observe that a replay's `messages` are the session's stream from a seq up to the answer's.

    Other modes promise nothing about them.
    """
    told: Any = answer.data.get("messages")
    mode: Any = answer.data.get("mode")
    if mode != "replay":
        seen = f"the mode {mode}"
        return ctx.check(requirement, good=True, expected="a whole replay, or none", seen=seen)
    at = answer.position_or_stop("session.resumed")
    await session.reach(at)
    stream = between(session, Position(at.epoch, asked), at)
    why = f"messages of a replay from seq {asked} to {at.seq}"
    numbers = [_seq(body) for body in told] if isinstance(told, list) else told  # pyright: ignore[reportUnknownVariableType]
    wanted = [r.integer("seq") for r in stream]
    good = ctx.equal(
        requirement, wanted, numbers, on=(answer, *stream), pointer="/data/messages", why=why
    )
    if not good:
        return False
    bodies: list[Any] = told  # pyright: ignore[reportUnknownVariableType]
    for i, (record, body) in enumerate(zip(stream, bodies, strict=True)):
        if not same(record.body, body):
            return ctx.check(
                requirement,
                good=False,
                expected=record.body,
                seen=body,
                on=(answer, record),
                pointer=f"/data/messages/{i}",
                why=why,
            )
    return True


def between(session: Session, after: Position, upto: Position) -> list[Record]:
    """The stream after one position up to another, in its order."""
    found = [
        (position.head, record)
        for record in session.after(after)
        if (position := Position.of(record.body)) is not None and position.head <= upto.head
    ]
    return [record for _, record in sorted(found, key=lambda pair: pair[0])]


def _seq(body: Any) -> Any:
    return body.get("seq") if isinstance(body, dict) else body  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
