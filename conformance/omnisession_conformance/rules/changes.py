"""Rules on who made a change: the cause and the actor of events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.rules.causes import causes, may_have_acted
from omnisession_conformance.rules.lines import lines
from omnisession_conformance.rules.sweep import Sweep, rule

if TYPE_CHECKING:
    from omnisession_conformance.record import Record
    from omnisession_conformance.trace import Trace

NOBODY_ACTED = frozenset({"user.session_opened", "user.session_closed", "chat.participant_left"})
"""What only the opening and ending of sessions brings about, which are no actions."""


@rule("EVENT-005", "EVENT-006")
def causes_are_true(trace: Trace, sweep: Sweep) -> None:
    """Judges that every cause names the action that made the change, in its own user's sessions."""
    found = causes(trace)
    sweep.ok("EVENT-005", found.good)
    for fault in found.faults:
        sweep.broken(
            fault.requirement,
            fault.record,
            expected=fault.expected,
            seen=fault.seen,
            pointer=fault.pointer,
            also=fault.also,
        )


@rule("EVENT-006")
def actors_are_true(trace: Trace, sweep: Sweep) -> None:
    """Judges that the actor is who acted, the same in all sessions, and nobody where nobody did."""
    told: dict[str, Record] = {}
    actors = causes(trace).actors
    for line in lines(trace):
        for step in line.steps:
            body = step.record.body
            if step.is_state or body is None or "actor" not in body:
                continue
            event_id: Any = body.get("event_id")
            first = told.setdefault(event_id, step.record) if isinstance(event_id, str) else None
            wanted = _wanted(step.record, first, actors, trace)
            actor = body["actor"]
            # Where the cause is told, the actor beside it is judged with it.
            if body.get("cause") is None:
                sweep.judge(
                    "EVENT-006",
                    actor in wanted,
                    step.record,
                    expected=f"actor {' or '.join(repr(w) for w in wanted)}",
                    seen=f"actor {actor!r}",
                    pointer="/actor",
                    also=(first,) if first is not None and first is not step.record else (),
                )


def _wanted(
    record: Record, first: Record | None, actors: dict[str, str], trace: Trace
) -> tuple[Any, ...]:
    """Return the actors that an event may name."""
    body = record.body or {}
    actor, event_id = body.get("actor"), body.get("event_id")
    if event_id in actors:
        return (actors[event_id],)
    if isinstance(actor, str) and (
        record.type in NOBODY_ACTED or not may_have_acted(trace, actor, record)
    ):
        return (None,)
    if first is not None and first.body is not None:
        return (first.body.get("actor"),)
    return (actor,)
