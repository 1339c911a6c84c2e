"""The rule that ids of one user's actions say nothing about another's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.sweep import Sweep, rule
from omnisession_conformance.roles.server.reading.attempts import (
    attempts_by_lifetime,
    client_seq_of,
    may_have_been_read,
)

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.reading.attempts import Attempt
    from omnisession_conformance.roles.server.reading.trace import Trace
    from omnisession_conformance.traffic.record import Record


@rule("ACTION-021")
def ids_of_others_make_no_copies(trace: Trace, sweep: Sweep) -> None:
    """Judges that what a user sends for the first time is no duplicate, whoever else used its id."""
    sent: dict[str, dict[str, list[int]]] = {}
    both = [
        (life.session.user_id, one) for life, mine in attempts_by_lifetime(trace) for one in mine
    ]
    for user_id, attempt in both:
        numbers = sent.setdefault(attempt.action_id, {}).setdefault(user_id, [])
        numbers.append(attempt.action.n)
    for user_id, attempt in both:
        of_users = sent[attempt.action_id]
        first = min(of_users[user_id]) == attempt.action.n
        if len(of_users) > 1 and attempt.outcomes and first:
            _judge(trace, attempt, of_users, user_id, sweep)


def _judge(
    trace: Trace, attempt: Attempt, sent: dict[str, list[int]], user_id: str, sweep: Sweep
) -> None:
    """Judge the first outcome of an action of which its user had sent no copy by then."""
    outcome: Record = attempt.outcomes[0]
    others = any(
        min(numbers) < attempt.action.n for user, numbers in sent.items() if user != user_id
    )
    # Of two that are under way the one that was sent later may be the first to be done.
    copied_by_then = any(attempt.action.n < n < outcome.n for n in sent[user_id])
    unclear = may_have_been_read(trace, attempt.action_id, outcome.n)
    if not others or copied_by_then or unclear:
        return
    copied = outcome.type == "action.ack" and outcome.payload.get("status") == "duplicate"
    sweep.judge(
        "ACTION-021",
        not copied,
        outcome,
        expected="applied: its user sent no other action under this id",
        seen=f"duplicate, of number {client_seq_of(outcome)}",
        pointer="/data/status",
        also=(attempt.action,),
    )
