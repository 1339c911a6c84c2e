"""Rules on the line of positions: epochs, seqs, counted actions, and where pushes stand in it."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from omnisession_conformance.engine.sweep import Sweep, rule
from omnisession_conformance.roles.server.reading.attempts import (
    attempts_by_lifetime,
    client_seq_of,
    may_have_been_read,
)
from omnisession_conformance.roles.server.reading.attribution import causes
from omnisession_conformance.roles.server.reading.lifetimes import disturbed, lifetimes
from omnisession_conformance.roles.server.reading.trace import OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omnisession_conformance.protocol.position import Position
    from omnisession_conformance.roles.server.reading.attempts import Attempt
    from omnisession_conformance.roles.server.reading.lifetimes import Head, Lifetime, Step
    from omnisession_conformance.roles.server.reading.trace import Trace
    from omnisession_conformance.traffic.record import Record


def _text(head: Head) -> str:
    return f"{head[0]}:{head[1]}"


@rule("ORDER-001", "ORDER-002", "ORDER-003")
def positions_go_up(trace: Trace, sweep: Sweep) -> None:
    """Judges epoch and seq of every state and event against those of the one before."""
    for lifetime in lifetimes(trace):
        last: Step | None = None
        higher = next_ = 0
        for step in lifetime.steps:
            if last is None:
                higher += 1
            elif step.head == (last.head[0], last.head[1] + 1):
                higher += 1
                next_ += 1
            elif step.head > last.head:
                higher += 1
                between = last.record.t_ns, step.record.t_ns
                if step.head[0] == last.head[0] and not disturbed(trace, *between):
                    # What an instance had not said when it ended is a hole that nobody can fill.
                    _broken_order("ORDER-002", step, last, f"seq {last.head[1] + 1}", sweep)
            else:
                _broken_order(
                    "ORDER-001", step, last, f"a position above {_text(last.head)}", sweep
                )
                # What follows is judged against the highest position, so one fault is told once.
                continue
            last = step
        sweep.ok("ORDER-001", higher)
        sweep.ok("ORDER-002", next_)
        _judge_epochs(lifetime, sweep)


def _broken_order(requirement: str, step: Step, last: Step, expected: str, sweep: Sweep) -> None:
    sweep.broken(
        requirement,
        step.record,
        expected=expected,
        seen=f"position {_text(step.head)}",
        pointer="/seq" if step.head[0] == last.head[0] else "/epoch",
        also=(last.record,),
    )


def _judge_epochs(lifetime: Lifetime, sweep: Sweep) -> None:
    """An epoch begins at seq 1 with one state per open kind."""
    begun: dict[int, list[Step]] = {}
    for step in lifetime.steps:
        begun.setdefault(step.head[0], []).append(step)
    lowest = min(begun, default=0)
    for epoch, steps in begun.items():
        if lifetime.opened is None and epoch == lowest:
            # What this session opened is not known: only its first message can be judged.
            _judge_begin(steps[:1], 1, None, sweep)
        else:
            _judge_begin(steps[: len(lifetime.kinds)], len(lifetime.kinds), lifetime, sweep)


def _judge_begin(steps: list[Step], count: int, lifetime: Lifetime | None, sweep: Sweep) -> None:
    missing = set(lifetime.kinds) if lifetime is not None else set[str]()
    for index, step in enumerate(steps):
        right = step.is_state and step.head[1] == index + 1
        if lifetime is not None:
            right = right and step.kind in missing
            missing.discard(step.kind or "")
        if not right:
            what = f"a state of {step.kind}" if step.is_state else step.record.type
            sweep.broken(
                "ORDER-003",
                step.record,
                expected=f"the first {count} seqs of an epoch to be one state per open kind",
                seen=f"{what} with seq {step.head[1]} as message {index + 1} of the epoch",
                pointer="/seq" if step.is_state else "/type",
            )
            return
    if len(steps) == count:
        sweep.ok("ORDER-003")


# -- last_action_seq -----------------------------------------------------------------------------------


@rule("ORDER-005")
def counts_never_fall(trace: Trace, sweep: Sweep) -> None:
    """Judges `last_action_seq` of every position told in a session, by place in the stream."""
    for lifetime in lifetimes(trace):
        highest: Step | None = None
        good = 0
        for step in lifetime.steps:
            if highest is None or step.last_action_seq >= highest.last_action_seq:
                good += highest is not None
                highest = step
            elif step.head > highest.head:
                sweep.broken(
                    "ORDER-005",
                    step.record,
                    expected=f"last_action_seq of {highest.last_action_seq} or more",
                    seen=f"last_action_seq {step.last_action_seq}",
                    pointer="/last_action_seq",
                    also=(highest.record,),
                )
        sweep.ok("ORDER-005", good)
        _judge_told(lifetime, sweep)
        _judge_against_sent(lifetime, trace, sweep)


def _judge_told(lifetime: Lifetime, sweep: Sweep) -> None:
    """Judge positions in answers and heartbeats, which tell the head of their moment."""
    told = sorted(_told_heads(lifetime), key=lambda pair: pair[0].n)
    heads = [step.head for step in lifetime.steps]
    in_order = bool(told) and heads == sorted(heads)
    last: tuple[Record, Position] | None = None
    for record, position in told:
        # An answer on an inbox may be seen late, so it is compared by place, not by arrival.
        index = bisect_left(heads, (position.epoch, position.seq + 1))
        if in_order and index:
            before = lifetime.steps[index - 1]
            _judge_count(record, position, before.last_action_seq, before.record, sweep)
        if in_order and index < len(heads):
            _later_not_below(lifetime.steps[index], record, position, sweep)
        if last is not None and last[1].head < position.head:
            _judge_count(record, position, last[1].last_action_seq, last[0], sweep)
        last = (record, position)
    _judge_behind_outcomes(lifetime, heads, sweep)


def _judge_behind_outcomes(lifetime: Lifetime, heads: list[Head], sweep: Sweep) -> None:
    """Judge what follows the position of an outcome, which may be told again: it counts no less.

    What came before the outcome was published before it: then its position is wrong, and no count.
    """
    if heads != sorted(heads):
        return
    for record in lifetime.session.control:
        position = lifetime.position(record) if record.type in OUTCOMES else None
        if position is None:
            continue
        index = bisect_left(heads, (position.epoch, position.seq + 1))
        if index == len(heads) or heads[index][0] != position.epoch:
            continue
        if lifetime.steps[index].record.n > record.n:
            _later_not_below(lifetime.steps[index], record, position, sweep)


def _told_heads(lifetime: Lifetime) -> Iterator[tuple[Record, Position]]:
    answers = [a for e in lifetime.session.exchanges for a in e.answers[:1]]
    beats = [r for r in lifetime.session.control if r.type == "session.heartbeat"]
    for record in (*answers, *beats):
        position = lifetime.position(record)
        if position is not None and record.type not in OUTCOMES:
            yield record, position


def _judge_count(
    record: Record, position: Position, least: int, shown_by: Record, sweep: Sweep
) -> None:
    if position.last_action_seq >= least:
        sweep.ok("ORDER-005")
        return
    sweep.broken(
        "ORDER-005",
        record,
        expected=f"last_action_seq of {least} or more",
        seen=f"last_action_seq {position.last_action_seq}",
        pointer="/data/position/last_action_seq",
        also=(shown_by,),
    )


def _later_not_below(step: Step, record: Record, position: Position, sweep: Sweep) -> None:
    """A message beyond a head that was told counts at least what was counted there."""
    if step.last_action_seq < position.last_action_seq:
        sweep.broken(
            "ORDER-005",
            step.record,
            expected=f"last_action_seq of {position.last_action_seq} or more",
            seen=f"last_action_seq {step.last_action_seq}",
            pointer="/last_action_seq",
            also=(record,),
        )


def _judge_against_sent(lifetime: Lifetime, trace: Trace, sweep: Sweep) -> None:
    """No message counts actions that this session has not sent: those of others do not count."""
    sent = _sent_in_a_row(lifetime)
    numbers = [n for n, _ in sent]
    for record, count, pointer in _counts(lifetime):
        index = bisect_left(numbers, record.n)
        most = sent[index - 1][1] if index else 0
        if count > most:
            if may_have_been_read(trace, lifetime.session.session_id, record.n):
                return
            sweep.broken(
                "ORDER-005",
                record,
                expected=f"last_action_seq of at most {most}: so many were sent in this session",
                seen=f"last_action_seq {count}",
                pointer=pointer,
            )
            return


def _counts(lifetime: Lifetime) -> Iterator[tuple[Record, int, str]]:
    """Yield the messages of a session that count more actions than the one before."""
    last = 0
    for step in lifetime.steps:
        if step.last_action_seq != last:
            last = step.last_action_seq
            yield step.record, last, "/last_action_seq"
    for push in lifetime.session.control:
        position = lifetime.position(push)
        if position is not None:
            yield push, position.last_action_seq, "/data/position/last_action_seq"


def _sent_in_a_row(lifetime: Lifetime) -> list[tuple[int, int]]:
    """Record numbers at which 1, 2, 3 … had been sent without a hole, and up to which number."""
    found: list[tuple[int, int]] = []
    waiting: set[int] = set()
    upto = 0
    for copy in lifetime.session.copies:
        if copy.client_seq is not None:
            waiting.add(copy.client_seq)
        before = upto
        while upto + 1 in waiting:
            upto += 1
        if upto > before:
            found.append((copy.request.n, upto))
    return found


@rule("ORDER-006")
def counts_wait_for_effects(trace: Trace, sweep: Sweep) -> None:
    """Judges that an action is counted at its last effect in its session, and not before."""
    effects = causes(trace).effects
    for lifetime, mine in attempts_by_lifetime(trace):
        key = (lifetime.session.user_id, lifetime.session.session_id)
        own = [
            (attempt, effects[(*key, d)])
            for attempt in mine
            if (*key, d := attempt.action_id) in effects
        ]
        if not own or not lifetime.has_events:
            continue
        steps = sorted(lifetime.steps, key=lambda step: step.head)
        heads = [step.head for step in steps]
        for attempt, told in own:
            _judge_counting(attempt, told, steps, heads, sweep)


def _judge_counting(
    attempt: Attempt, effects: list[Step], steps: list[Step], heads: list[Head], sweep: Sweep
) -> None:
    last = max(effects, key=lambda step: step.head)
    number = client_seq_of(attempt.ack) or attempt.copies[-1].client_seq
    if number is None:
        return
    place = bisect_left(heads, last.head)
    # Where counts never fall, the message before the last effect has the highest of all before.
    before = [*(step for step in effects if step is not last), *steps[max(place - 1, 0) : place]]
    early = next((step for step in before if step.last_action_seq >= number), None)
    if early is not None:
        sweep.broken(
            "ORDER-006",
            early.record,
            expected=f"action {attempt.action_id}, number {number}, to count from {_text(last.head)} on",
            seen=f"last_action_seq {early.last_action_seq} at {_text(early.head)}",
            pointer="/last_action_seq",
            also=(last.record,),
        )
        return
    # A further state before the ack may be the last effect; the count is told by then.
    position = attempt.position
    index = bisect_left(heads, position.head) if position is not None else len(heads)
    if position is None or position.head < last.head or index == len(heads):
        return
    told = steps[index]
    if told.last_action_seq >= number:
        sweep.ok("ORDER-006")
        return
    sweep.broken(
        "ORDER-006",
        told.record,
        expected=f"the last effect of action {attempt.action_id} to count it: {number}",
        seen=f"last_action_seq {told.last_action_seq}",
        pointer="/last_action_seq",
    )


# -- pushes ----------------------------------------------------------------------------------------


@rule("ORDER-007", "CTRL-008")
def pushes_stand_in_the_stream(trace: Trace, sweep: Sweep) -> None:
    """Judges the positions of heartbeats and outcomes by the place where they were seen."""
    # A server that stores first may tell positions whose messages the broker publishes later.
    ahead_is_right = "durable" in trace.facts.profiles
    for lifetime in lifetimes(trace):
        steps = iter(lifetime.steps)
        head, next_step = (0, 0), next(steps, None)
        for push in lifetime.session.control:
            while next_step is not None and next_step.record.n < push.n:
                head, next_step = max(head, next_step.head), next(steps, None)
            position = lifetime.position(push)
            if position is None:
                continue
            ahead = position.head > head and not _begins_epoch(position, head)
            if push.type == "session.heartbeat":
                good = not ahead and (position.head >= head)
                _judge_push(push, good or (ahead and ahead_is_right), position, head, sweep)
            elif push.type in OUTCOMES:
                _judge_outcome(push, not ahead or ahead_is_right, position, head, sweep)


def _begins_epoch(position: Position, head: Head) -> bool:
    """Whether a position is that before the first message of its epoch."""
    return position.seq == 0 and position.epoch > head[0]


def _judge_push(push: Record, good: bool, position: Position, head: Head, sweep: Sweep) -> None:
    for requirement in ("ORDER-007", "CTRL-008"):
        sweep.judge(
            requirement,
            good,
            push,
            expected=f"position {_text(head)}, where the stream is",
            seen=f"position {_text(position.head)}",
            pointer="/data/position",
        )


def _judge_outcome(push: Record, good: bool, position: Position, head: Head, sweep: Sweep) -> None:
    if good:
        sweep.ok("ORDER-007")
        return
    sweep.broken(
        "ORDER-007",
        push,
        expected=f"a position that the stream has reached, at most {_text(head)}",
        seen=f"position {_text(position.head)}",
        pointer="/data/position",
    )
