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
    users: dict[str, dict[str, int]] = {}
    both = [
        (life.session.user_id, one) for life, mine in attempts_by_lifetime(trace) for one in mine
    ]
    for user_id, attempt in both:
        first = users.setdefault(attempt.action_id, {})
        first[user_id] = min(first.get(user_id, attempt.action.n), attempt.action.n)
    for user_id, attempt in both:
        first = users[attempt.action_id]
        if len(first) > 1 and attempt.outcomes and first[user_id] == attempt.action.n:
            _judge(trace, attempt, first, user_id, sweep)


def _judge(
    trace: Trace, attempt: Attempt, first: dict[str, int], user_id: str, sweep: Sweep
) -> None:
    """Judge the first outcome of an action of which its user sent no copy before."""
    outcome: Record = attempt.outcomes[0]
    others = [n for other, n in first.items() if other != user_id and n < attempt.action.n]
    if not others or may_have_been_read(trace, attempt.action_id, outcome.n):
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
