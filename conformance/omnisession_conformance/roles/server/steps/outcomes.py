"""What came of an action: numbers, refusals, and copies that were taken."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.roles.server.steps.articles import Entry
    from omnisession_conformance.roles.server.steps.sending import Body


def counted(answer: Answer | None) -> Any:
    """The `last_action_seq` that an outcome tells."""
    return answer.position.last_action_seq if answer and answer.position else None


def count_in(pong: Answer) -> int:
    """The `last_action_seq` of a pong; Prerequisite where something else came."""
    return pong.position_or_stop("session.pong").last_action_seq


async def refused(
    ctx: Context, requirement: str, session: Session, type_: str, data: Entry, code: int, **how: Any
) -> Answer | None:
    """Send an action that must get a final refusal with a code; return its outcome."""
    body = session.action_body(type_, data, **how)
    answer = await session.outcome_of(body)
    if ctx.refused(requirement, answer, code, why=type_) and answer is not None:
        final = {"type": "action.nack", "retryable": False}
        seen = {"type": answer.type, "retryable": answer.error.get("retryable")}
        ctx.equal(requirement, final, seen, on=answer, why=f"the refusal of {type_} is final")
    return answer


async def taken(session: Session, type_: str, data: dict[str, Any]) -> Answer | None:
    """Act; None where the server refuses such a text, which its rules may do."""
    outcome = await session.act(type_, data)
    if outcome.acked:
        return outcome
    if outcome.error.get("retryable") is True:
        session.next_seq -= 1
    return None


async def as_next(session: Session, body: Body) -> Answer | None:
    """Send a copy of another session's action as the next action of this one."""
    return await session.outcome_of(next_copy(session, body))


def next_copy(session: Session, body: Body) -> Body:
    """A copy of another session's action, to be sent as the next action of this one."""
    number, session.next_seq = session.next_seq, session.next_seq + 1
    return {**body, "session_id": session.id, "client_seq": number}


def refusal(answer: Answer | None, article_id: str) -> Entry:
    """A refusal without what differs from action to action, and with the id that was sent masked."""
    if answer is None:
        return {}
    of_action = ("action_id", "client_seq", "position")
    data = {name: value for name, value in answer.data.items() if name not in of_action}
    # Within longer words it is no id: some servers count 1, 2, 3.
    pattern = rf"(?<![A-Za-z0-9_-]){re.escape(json.dumps(article_id)[1:-1])}(?![A-Za-z0-9_-])"
    return {"type": answer.type, "data": json.loads(re.sub(pattern, "ID", json.dumps(data)))}
