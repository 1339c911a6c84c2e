"""Rules on what an outcome says: positions, counts, and the same again for a further copy."""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.sweep import Sweep, rule
from omnisession_conformance.protocol.json import member
from omnisession_conformance.roles.server.reading.attempts import (
    attempts_by_lifetime,
    client_seq_of,
    is_applied,
    is_final,
)
from omnisession_conformance.roles.server.reading.attribution import causes
from omnisession_conformance.roles.server.reading.lifetimes import error_code, told_position

if TYPE_CHECKING:
    from omnisession_conformance.protocol.position import Position
    from omnisession_conformance.roles.server.reading.attempts import Attempt
    from omnisession_conformance.roles.server.reading.lifetimes import Head, Lifetime, Step
    from omnisession_conformance.roles.server.reading.trace import Trace
    from omnisession_conformance.traffic.record import Record

REUSED = 4092
LEAST_REMEMBERED = 256
"""How many final outcomes of a user a server remembers at least."""


@rule("ACTION-003")
def acks_name_the_last_effect(trace: Trace, sweep: Sweep) -> None:
    """Judges the position of the first ack against the action's events in its own session."""
    effects = causes(trace).effects
    for lifetime, mine in attempts_by_lifetime(trace):
        places = _Places(lifetime)
        for attempt in mine:
            position = attempt.position
            if position is None:
                continue
            key = (lifetime.session.user_id, lifetime.session.session_id, attempt.action_id)
            own = effects.get(key)
            if own:
                _judge_against_effects(attempt, own, position, places, sweep)
            else:
                _judge_without_effect(attempt, position, places, sweep)


class _Places:
    """The stream of a session by head, and the head that it had at a record number."""

    def __init__(self, lifetime: Lifetime) -> None:
        self.at = {step.head: step for step in lifetime.steps}
        self._numbers = [step.record.n for step in lifetime.steps]
        self._heads = list(accumulate((step.head for step in lifetime.steps), max))

    def before(self, n: int) -> Head:
        """The head that the stream was seen to have before a record."""
        place = bisect_left(self._numbers, n)
        return self._heads[place - 1] if place else (0, 0)


def _judge_against_effects(
    attempt: Attempt, effects: list[Step], position: Position, places: _Places, sweep: Sweep
) -> None:
    last = max(effects, key=lambda step: step.head)
    named = places.at.get(position.head)
    # A state that the server published beside the events may count as the last effect.
    beside = named is not None and named.is_state and named.head > last.head
    if attempt.ack is not None:
        sweep.judge(
            "ACTION-003",
            position.head == last.head or beside,
            attempt.ack,
            expected=f"the position of the last effect, {last.head[0]}:{last.head[1]}",
            seen=f"{position.epoch}:{position.seq}",
            pointer="/data/position",
            also=(last.record, attempt.action),
        )


def _judge_without_effect(
    attempt: Attempt, position: Position, places: _Places, sweep: Sweep
) -> None:
    """An ack without an effect in its session names the head, which is not below what was seen."""
    request = attempt.action
    before = places.before(request.n)
    if attempt.ack is not None:
        sweep.judge(
            "ACTION-003",
            position.head >= before,
            attempt.ack,
            expected=f"the head, at least {before[0]}:{before[1]}",
            seen=f"{position.epoch}:{position.seq}",
            pointer="/data/position",
            also=(request,),
        )


@rule("ACTION-008")
def outcomes_take_their_number(trace: Trace, sweep: Sweep) -> None:
    """Judges that the first ack or final nack of an action counts it."""
    for _, mine in attempts_by_lifetime(trace):
        for attempt in mine:
            for index, outcome in enumerate(attempt.outcomes):
                if is_applied(outcome) or (index == 0 and _takes_number(outcome)):
                    _judge_number(attempt, outcome, sweep)


def _takes_number(outcome: Record) -> bool:
    """Whether a first outcome in a session ends the next number; 4092 may be about a used one."""
    return is_final(outcome) and error_code(outcome) != REUSED


def _judge_number(attempt: Attempt, outcome: Record, sweep: Sweep) -> None:
    position, number = attempt.lifetime.position(outcome), client_seq_of(outcome)
    if position is None or number is None:
        return
    if position.last_action_seq >= number:
        sweep.ok("ACTION-008")
    else:
        sweep.broken(
            "ACTION-008",
            outcome,
            expected=f"last_action_seq {number}",
            seen=f"last_action_seq {position.last_action_seq}",
            pointer="/data/position/last_action_seq",
            also=(attempt.action,),
        )


# -- copies --------------------------------------------------------------------------------------------


@rule("ACTION-005", "ACTION-006")
def copies_are_told_the_same(trace: Trace, sweep: Sweep) -> None:
    """Judges the outcomes of further copies of the same bytes against the first final one."""
    final = _final_outcomes(trace)
    for _, mine in attempts_by_lifetime(trace):
        for attempt in mine:
            if len(attempt.outcomes) < 2 or not attempt.one_body:
                continue
            first = next((o for o in attempt.outcomes if is_final(o)), None)
            if first is None:
                continue
            for again in attempt.outcomes[attempt.outcomes.index(first) + 1 :]:
                if not _may_be_forgotten(attempt, first, again, final):
                    _judge_again(attempt, first, again, sweep)


def _final_outcomes(trace: Trace) -> dict[str, list[int]]:
    """The record numbers of all final outcomes, by user, ascending."""
    found: dict[str, list[int]] = {}
    for lifetime, _ in attempts_by_lifetime(trace):
        numbers = found.setdefault(lifetime.session.user_id, [])
        numbers += [outcome.n for outcome in lifetime.session.outcomes if is_final(outcome)]
    return {user_id: sorted(numbers) for user_id, numbers in found.items()}


def _may_be_forgotten(
    attempt: Attempt, first: Record, again: Record, final: dict[str, list[int]]
) -> bool:
    numbers = final[attempt.lifetime.session.user_id]
    return bisect_left(numbers, again.n) - bisect_left(numbers, first.n) > LEAST_REMEMBERED


def _judge_again(attempt: Attempt, first: Record, again: Record, sweep: Sweep) -> None:
    if member(again.payload.get("error"), "retryable") is True:
        # Too fast or out of order for now: a refusal that is forgotten tells nothing.
        return
    acked = first.type == "action.ack"
    wanted, seen = _told(first), _told(again)
    if acked:
        wanted["status"] = "duplicate"
    elif error_code(first) == REUSED:
        # Under a number that another action took, each refusal may tell the head of its own time.
        wanted["position"] = seen["position"]
    if _is_later_epoch(first, again):
        # Nobody knows the seqs of an epoch that another instance has published.
        wanted["position"] = seen["position"]
    differing = [name for name in {**wanted, **seen} if wanted.get(name) != seen.get(name)]
    sweep.judge(
        "ACTION-005" if acked else "ACTION-006",
        not differing,
        again,
        expected=", ".join(f"{name} {wanted.get(name)}" for name in differing),
        seen=", ".join(f"{name} {seen.get(name)}" for name in differing),
        pointer="/data",
        also=(first, attempt.copies[-1].request),
    )


def _is_later_epoch(first: Record, again: Record) -> bool:
    """Whether a copy was answered in a higher epoch than the first one."""
    before, after = told_position(first), told_position(again)
    return before is not None and after is not None and after.epoch > before.epoch


def _told(outcome: Record) -> dict[str, Any]:
    """What an outcome says that a further copy is told again."""
    data = outcome.payload
    names = ("status", "result") if outcome.type == "action.ack" else ("error",)
    return {"type": outcome.type, **{n: data.get(n) for n in (*names, "position")}}
