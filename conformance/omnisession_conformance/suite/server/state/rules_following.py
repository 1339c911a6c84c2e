"""What must follow an answer at the next seqs: one state per kind, with the reason that fits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omnisession_conformance.engine.sweep import Sweep, rule
from omnisession_conformance.protocol.json import as_text, texts
from omnisession_conformance.roles.server.reading.lifetimes import (
    is_request,
    lifetimes,
    must_have_come,
)

if TYPE_CHECKING:
    from omnisession_conformance.protocol.position import Position
    from omnisession_conformance.roles.server.reading.lifetimes import Head, Lifetime, Step
    from omnisession_conformance.roles.server.reading.trace import Exchange, Trace
    from omnisession_conformance.traffic.record import Record


@dataclass(frozen=True, slots=True)
class Announced:
    """States that an answer announces: of these kinds, directly behind its position."""

    requirement: str
    reason: str
    answer: Record
    request: Record
    start: Position
    kinds: tuple[str, ...]

    def head(self, index: int) -> Head:
        """The head of the state of a kind, by its index."""
        return (self.start.epoch, self.start.seq + 1 + index)


def announced(trace: Trace, lifetime: Lifetime) -> list[Announced]:
    """Every announcement of a line, in order of the requests."""
    return trace.view(_all_announced).get(id(lifetime), [])


def _all_announced(trace: Trace) -> dict[int, list[Announced]]:
    return {
        id(lifetime): [
            one
            for exchange in lifetime.session.exchanges
            if (one := _announced(exchange, lifetime)) is not None
        ]
        for lifetime in lifetimes(trace)
    }


def _announced(exchange: Exchange, lifetime: Lifetime) -> Announced | None:
    answer = exchange.answer
    start = lifetime.position(answer)
    if answer is None or start is None:
        return None
    match answer.type:
        case "session.opened":
            what = ("STATE-003", "open", texts(answer.payload.get("kinds")))
        case "session.syncing":
            what = ("CTRL-005", "sync", texts(answer.payload.get("kinds")))
        case "session.resumed" if answer.payload.get("mode") == "snapshot":
            what = ("RESUME-004", "sync", lifetime.kinds)
        case _:
            return None
    return Announced(what[0], what[1], answer, exchange.request, start, what[2])


@rule("STATE-003", "CTRL-005", "RESUME-004")
def states_follow_their_answer(trace: Trace, sweep: Sweep) -> None:
    """Judges that the states which an answer announces stand at the seqs directly behind it."""
    for lifetime in lifetimes(trace):
        # Where a place is taken twice, the first is what a client goes on with.
        at = {step.head: step for step in reversed(lifetime.steps)}
        for announcement in announced(trace, lifetime):
            _judge(announcement, at, trace, sweep)


def _judge(announcement: Announced, at: dict[Head, Step], trace: Trace, sweep: Sweep) -> None:
    for index, kind in enumerate(announcement.kinds):
        head = announcement.head(index)
        step = at.get(head)
        if step is not None and step.is_state and step.kind == kind:
            sweep.ok(announcement.requirement)
            continue
        expected = f"the state of kind {kind} at {head[0]}:{head[1]}"
        if step is None:
            # The run may have ended here, or the session; else the state is missing.
            if must_have_come(trace, announcement.answer.t_ns):
                sweep.broken(
                    announcement.requirement,
                    announcement.answer,
                    expected=expected,
                    seen="no message with that seq",
                    also=(announcement.request,),
                )
            return
        seen = f"the state of kind {step.kind}" if step.is_state else f"event {step.record.type}"
        sweep.broken(
            announcement.requirement,
            step.record,
            expected=expected,
            seen=seen,
            pointer="/data/type" if step.is_state else "/type",
            also=(announcement.answer, announcement.request),
        )
        return


@rule("STATE-004")
def reasons_fit_their_cause(trace: Trace, sweep: Sweep) -> None:
    """Judges the reason of every state by what was asked before it."""
    good = 0
    for lifetime in lifetimes(trace):
        if lifetime.opened is None:
            continue
        wanted = _wanted_reasons(trace, lifetime)
        begun = _epochs_without_open(lifetime)
        silent = _asked_without_answer(lifetime)
        for step in lifetime.steps:
            if not step.is_state or step.record.body is None:
                continue
            seen = step.record.body.get("reason")
            reasons = wanted.get(step.head)
            if seen == "change" and reasons is None and step.head[0] not in begun:
                good += 1
                continue
            taken_over = step.head[0] in begun and step.head[1] <= len(lifetime.kinds)
            if reasons is None:
                reasons = {"takeover" if taken_over else "change"} | silent
            elif taken_over:
                reasons = reasons | {"takeover"}
            if as_text(seen) in reasons:
                good += 1
                continue
            sweep.broken(
                "STATE-004",
                step.record,
                expected=f"reason {' or '.join(sorted(reasons))}",
                seen=f"reason {seen!r}",
                pointer="/reason",
            )
    sweep.ok("STATE-004", good)


def _wanted_reasons(trace: Trace, lifetime: Lifetime) -> dict[Head, set[str]]:
    wanted: dict[Head, set[str]] = {}
    for announcement in announced(trace, lifetime):
        for index in range(len(announcement.kinds)):
            wanted.setdefault(announcement.head(index), set()).add(announcement.reason)
    return wanted


def _epochs_without_open(lifetime: Lifetime) -> set[int]:
    opened = {
        position.epoch
        for e in lifetime.session.exchanges
        if e.answered("session.opened")
        and (position := lifetime.position(e.answer)) is not None
        and position.seq == 0
    }
    return {step.head[0] for step in lifetime.steps} - opened


def _asked_without_answer(lifetime: Lifetime) -> set[str]:
    """The reasons of states that requests without an answer may have led to."""
    reasons = {"session.open": "open", "session.sync": "sync", "session.resume": "sync"}
    return {
        reasons[e.request.type]
        for e in lifetime.session.exchanges
        if not e.answers and is_request(e.request) and e.request.type in reasons
    }
