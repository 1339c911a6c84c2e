"""Rules on resuming: the mode that fits the position asked, and what a replay holds."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.sweep import Sweep, rule
from omnisession_conformance.protocol.json import as_list, as_object
from omnisession_conformance.protocol.position import Position
from omnisession_conformance.roles.server.reading.lifetimes import lifetimes, must_have_come

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omnisession_conformance.roles.server.reading.lifetimes import Head, Lifetime, Step
    from omnisession_conformance.roles.server.reading.trace import Trace
    from omnisession_conformance.traffic.record import Record


@dataclass(frozen=True, slots=True)
class Resumption:
    """A resume that was answered `session.resumed`."""

    request: Record
    answer: Record
    asked: Head
    position: Position
    mode: str


def _resumptions(lifetime: Lifetime) -> Iterator[Resumption]:
    for exchange in lifetime.session.exchanges:
        request, answer = exchange.request, exchange.answer
        if answer is None or answer.type != "session.resumed" or request.flaws:
            continue
        epoch, seq = request.payload.get("epoch"), request.payload.get("seq")
        position, mode = lifetime.position(answer), answer.payload.get("mode")
        if type(epoch) is int and type(seq) is int and position is not None:
            yield Resumption(request, answer, (epoch, seq), position, str(mode))


@rule("RESUME-001", "RESUME-002", "RESUME-005")
def modes_fit_the_position_asked(trace: Trace, sweep: Sweep) -> None:
    """Judges the mode of every resume by where the position asked lies: at, below or off the head."""
    for lifetime in lifetimes(trace):
        numbers = [step.record.n for step in lifetime.steps]
        highest = list(accumulate(lifetime.steps, _higher))
        for one in _resumptions(lifetime):
            head = one.position.head
            if one.asked == head:
                requirement, modes = "RESUME-001", ("current",)
            elif one.asked[0] == head[0] and one.asked[1] < head[1]:
                requirement, modes = "RESUME-002", ("replay", "snapshot")
            else:
                requirement, modes = "RESUME-005", ("snapshot",)
            _judge_mode(one, requirement, modes, sweep)
            if (place := bisect_left(numbers, one.request.n)) > 0:
                _judge_head(highest[place - 1], one, sweep)


def _higher(one: Step, other: Step) -> Step:
    return other if other.head > one.head else one


def _judge_mode(one: Resumption, requirement: str, modes: tuple[str, ...], sweep: Sweep) -> None:
    asked = f"{one.asked[0]}:{one.asked[1]}"
    sweep.judge(
        requirement,
        one.mode in modes,
        one.answer,
        expected=f"mode {' or '.join(modes)} for {asked} with the head at {one.position}",
        seen=f"mode {one.mode}",
        pointer="/data/mode",
        also=(one.request,),
    )


def _judge_head(last: Step, one: Resumption, sweep: Sweep) -> None:
    """What was published before the request was sent is not above the head."""
    if last.head > one.position.head:
        sweep.broken(
            "RESUME-002" if last.head > one.asked else "RESUME-005",
            one.answer,
            expected=f"the head, at least {last.head[0]}:{last.head[1]}",
            seen=str(one.position),
            pointer="/data/position",
            also=(one.request, last.record),
        )


@rule("RESUME-003")
def replays_are_what_was_published(trace: Trace, sweep: Sweep) -> None:
    """Judges the messages of every replay against the tap's log of that session."""
    for lifetime in lifetimes(trace):
        replays = [one for one in _resumptions(lifetime) if one.mode == "replay"]
        published = {step.head: step.record for step in reversed(lifetime.steps)} if replays else {}
        for one in replays:
            if one.asked[0] == one.position.epoch:
                fault = _replay_fault(one, published, must_have_come(trace, one.answer.t_ns))
                pointer, expected, seen = fault or (None, "", "")
                sweep.judge(
                    "RESUME-003",
                    fault is None,
                    one.answer,
                    expected=expected,
                    seen=seen,
                    pointer=pointer,
                    also=(one.request,),
                )


def _replay_fault(
    one: Resumption, published: dict[Head, Record], settled: bool
) -> tuple[str, str, str] | None:
    """Return where a replay is not what was published: pointer, expected, seen."""
    epoch, first = one.asked[0], one.asked[1] + 1
    messages = as_list(one.answer.payload.get("messages"))
    seqs = [_seq(message) for message in messages]
    wanted = range(first, one.position.seq + 1)
    # The numbers are the target's, and may be beyond every list.
    if len(seqs) != max(0, one.position.seq + 1 - first) or seqs != list(wanted):
        expected = f"the messages {first} to {one.position.seq}"
        return "/data/messages", expected, f"seqs {', '.join(map(str, seqs)) or 'none'}"
    for index, (seq, message) in enumerate(zip(wanted, messages, strict=True)):
        record = published.get((epoch, seq))
        if record is None:
            if settled:
                seen = "a message that was never published"
                return f"/data/messages/{index}", f"what was published as {epoch}:{seq}", seen
        elif record.body != message:
            member = _differing(record.body or {}, message)
            expected = f"the body published as {epoch}:{seq} (record {record.n})"
            return f"/data/messages/{index}/{member}", expected, f"another {member or 'member'}"
    return None


def _seq(message: Any) -> int | None:
    position = Position.of(message)
    return position.seq if position is not None else None


def _differing(body: dict[str, Any], message: Any) -> str:
    """Name the first member in which a message is not what was published."""
    told = as_object(message)
    return next((n for n in {**body, **told} if told.get(n) != body.get(n)), "")
