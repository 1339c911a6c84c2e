"""What the cases on requests look at after an answer: the states that follow it, and the session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.schemas.catalogue import catalogue
from omnisession_conformance.roles.server.reading.trace import OUTCOMES, position_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from omnisession_conformance.protocol.position import Position
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.traffic.record import Record

UNKNOWN_KIND = "x-none"
UNKNOWN_FEATURE = "x-feature"
UNKNOWN_REQUEST = "x.unknown"
OPEN, SYNC, RESUME = "session.open", "session.sync", "session.resume"
PING, CLOSE = "session.ping", "session.close"
PUSHES = frozenset(catalogue().row("session.control.pushes").definitions)
"""Types that a server publishes on `.control`."""
OF_SECURE_ONES = frozenset({"auth.expiring"})
"""Those of them that only servers with the profile `secure` know."""
ANSWERS = frozenset(catalogue().row("reply").definitions) - OUTCOMES
"""Types that a server publishes on reply subjects only."""
NOWHERE = {"epoch": 1, "seq": 2**53 - 1}
"""A position to resume from that no session has reached: the answer is a snapshot."""


def reason_of(record: Record) -> Any:
    """The reason of a state."""
    return (record.body or {}).get("reason")


def opened(ctx: Context, requirement: str, answer: Answer | None, why: str = "") -> bool:
    """Observe that an open was answered with `session.opened`."""
    return answered(ctx, requirement, answer, "session.opened", why)


def answered(
    ctx: Context, requirement: str, answer: Answer | None, type_: str, why: str = ""
) -> bool:
    """Observe that a request was answered, with a type."""
    if answer is None:
        return ctx.absent(requirement, expected=type_, why=why)
    good = answer.type == type_
    return ctx.check(
        requirement, good, expected=type_, seen=str(answer), on=answer, pointer="/type", why=why
    )


async def states_follow(
    ctx: Context,
    requirement: str,
    session: Session,
    start: Position,
    kinds: Sequence[str],
    reason: str,
    why: str = "",
) -> bool:
    """Observe that one state per kind directly follows a position that an answer told."""
    last = (start.epoch, start.seq + len(kinds))
    came = await session.wait(lambda: session.head >= last or None, ctx.answer_s)
    found = session.after(start)[: len(kinds)]
    wanted = [(start.seq + 1 + i, kind, reason) for i, kind in enumerate(kinds)]
    if came is None and len(found) < len(kinds):
        expected = f"states of {', '.join(kinds)} from seq {start.seq + 1} on"
        return ctx.absent(requirement, expected=expected, on=found, why=why)
    seen = [(r.integer("seq"), r.payload.get("type"), reason_of(r)) for r in found]
    what = "seq, kind and reason of what follows the answer"
    return ctx.equal(requirement, wanted, seen, on=found, why=f"{what}: {why}" if why else what)


def asked_for(session: Session, since: Position) -> list[Record]:
    """States beyond a position that come only when somebody asks for them."""
    return [
        r for r in session.after(since) if r.address.family == "state" and reason_of(r) != "change"
    ]


async def unchanged(
    ctx: Context, requirement: str, session: Session, before: Position, why: str
) -> bool:
    """Observe that a session lives on where it was: others may have changed what it shows, no more.

    `before` is a position that was fenced before the stimulus.
    """
    pong = await (await session.send(PING)).answer()
    if not answered(ctx, requirement, pong, "session.pong", f"session.ping after {why}"):
        return False
    ctx.require(pong is not None and pong.position is not None, "a pong without a position")
    at = pong.position if pong is not None and pong.position is not None else before
    await session.reach(at)
    told = asked_for(session, before)
    lasting = (before.epoch, before.last_action_seq)
    return ctx.check(
        requirement,
        not told and (at.epoch, at.last_action_seq) == lasting and at.seq >= before.seq,
        expected=f"{before}, apart from changes by others",
        seen=f"{at}, with {len(told)} states that were asked for",
        on=(*told, *([pong] if pong is not None else [])),
        why=f"the session after {why}",
    )


def silent(ctx: Context, requirement: str, session: Session, why: str, mark: int = 0) -> bool:
    """Observe that nothing lies on a session's subjects since a mark; call it after a fence."""
    told = [r for r in (*session.stream, *session.pushes) if r.n >= mark]
    return ctx.check(
        requirement,
        not told,
        expected="nothing on the session's subjects",
        seen=[f"{r.type} on {r.subject}" for r in told] or "nothing",
        on=told,
        why=why,
    )


def told_positions(records: Iterable[Record]) -> list[tuple[Record, Position]]:
    """Messages with the positions that they tell, but for those that tell none."""
    return [(r, p) for r in records if (p := position_of(r)) is not None]
