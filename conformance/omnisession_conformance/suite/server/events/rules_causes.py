"""Rules on who made a change: the cause and the actor of events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.sweep import Sweep, rule
from omnisession_conformance.protocol.kinds.tables import EVENTS
from omnisession_conformance.roles.server.reading.attribution import causes, may_have_acted
from omnisession_conformance.roles.server.reading.lifetimes import lifetimes

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.reading.trace import Trace
    from omnisession_conformance.traffic.record import Record

NOBODY_ACTED = frozenset(type_ for type_, event in EVENTS.items() if event.nobody)
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


@rule("EVENT-005", "EVENT-006")
def actors_are_true(trace: Trace, sweep: Sweep) -> None:
    """Judges that the actor is who acted, the same in all sessions, and nobody where nobody did."""
    actors = causes(trace).actors
    first: dict[tuple[str, str], Record] = {}
    right: dict[tuple[str, str], Any] = {}
    good = 0
    for lifetime in lifetimes(trace):
        for step in lifetime.steps:
            body = step.body
            # Where the cause is told, the actor beside it is judged with it.
            if step.is_state or body.get("cause") is not None or "actor" not in body:
                continue
            event_id, actor = body.get("event_id"), body["actor"]
            if not isinstance(event_id, str):
                continue
            change = (event_id, step.record.type)
            if actors.get(change) == lifetime.session.user_id:
                _no_cause(step.record, sweep)
            if change not in right:
                first[change] = step.record
                right[change] = _wanted(step.record, change, actor, trace)
            if actor == right[change]:
                good += 1
                continue
            sweep.broken(
                "EVENT-006",
                step.record,
                expected=f"actor {right[change]!r}",
                seen=f"actor {actor!r}",
                pointer="/actor",
                also=(first[change],) if first[change] is not step.record else (),
            )
    sweep.ok("EVENT-006", good)


def _no_cause(record: Record, sweep: Sweep) -> None:
    sweep.broken(
        "EVENT-005",
        record,
        expected="the cause, as in another session of the acting user",
        seen="cause null",
        pointer="/cause",
    )


def _wanted(record: Record, change: tuple[str, str], actor: Any, trace: Trace) -> str | None:
    """Return who made a change: told by its cause somewhere, or else by its first actor."""
    known = causes(trace).actors.get(change)
    if known is not None:
        return known
    if not isinstance(actor, str) or record.type in NOBODY_ACTED:
        return None
    return actor if may_have_acted(trace, actor, record) else None
