"""An ordinary action of a user who may: what never works is told under the requirement of its type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.verdict import CheckId

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session


async def acked(
    ctx: Context, requirement: str, session: Session, type_: str, data: dict[str, Any]
) -> Answer | None:
    """Observe that an action is applied; its ack, None where it was not.

    What fails here is not told again by cases that use the type for something else, see `engine.blame`.
    """
    answer = await session.outcome_of(session.action_body(type_, data))
    good = ctx.acked(requirement, answer, status="applied", why=f"an ordinary {type_}")
    if good:
        ctx.failing.pop(type_, None)
        return answer
    ctx.failing[type_] = CheckId(requirement, ctx.case.name)
    return None


def done(
    ctx: Context, requirement: str, session: Session, ack: Answer, *, shown: bool, what: str
) -> None:
    """Observe that a session shows what was acked."""
    ctx.check(
        requirement,
        shown,
        expected=what,
        seen="shown" if shown else "not shown",
        on=(ack, *session.stream[-1:]),
        why="after an ordinary action that was acked",
    )


def named(ctx: Context, requirement: str, ack: Answer, member: str) -> str:
    """Observe that an ack names what was made; the id, "" where it has none."""
    id_: Any = ack.result.get(member)
    good = isinstance(id_, str) and bool(id_)
    where, seen = f"/data/result/{member}", ack.data.get("result", "no result")
    ctx.check(requirement, good, expected="an id", seen=seen, on=ack, pointer=where)
    return id_ if good else ""
