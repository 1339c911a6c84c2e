"""Rules on the line of positions: epochs, seqs, counted actions, and where pushes stand in it."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from omnisession_conformance.rules.causes import causes
from omnisession_conformance.rules.deeds import is_applied
from omnisession_conformance.rules.lines import lines, told_position
from omnisession_conformance.rules.sweep import Sweep, rule
from omnisession_conformance.trace import OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omnisession_conformance.position import Position
    from omnisession_conformance.record import Record
    from omnisession_conformance.rules.lines import Head, Line, Step
    from omnisession_conformance.trace import Trace


def _text(head: Head) -> str:
    return f"{head[0]}:{head[1]}"


@rule("ORDER-001", "ORDER-002", "ORDER-003")
def positions_go_up(trace: Trace, sweep: Sweep) -> None:
    """Judges epoch and seq of every state and event against those of the one before."""
    for line in lines(trace):
        last: Step | None = None
        for step in line.steps:
            epoch, seq = step.head
            if last is not None and step.head <= last.head:
                sweep.broken(
                    "ORDER-001",
                    step.record,
                    expected=f"a position above {_text(last.head)}",
                    seen=_text(step.head),
                    pointer="/seq" if epoch == last.head[0] else "/epoch",
                    also=(last.record,),
                )
                # What follows is judged against the highest position, so one fault is told once.
                continue
            sweep.ok("ORDER-001")
            if last is not None and epoch == last.head[0]:
                sweep.judge(
                    "ORDER-002",
                    seq == last.head[1] + 1,
                    step.record,
                    expected=f"seq {last.head[1] + 1}",
                    seen=f"seq {seq}",
                    pointer="/seq",
                    also=(last.record,),
                )
            last = step
        _judge_epochs(line, sweep)


def _judge_epochs(line: Line, sweep: Sweep) -> None:
    """An epoch begins at seq 1 with one state per open kind."""
    begun: dict[int, list[Step]] = {}
    for step in line.steps:
        begun.setdefault(step.head[0], []).append(step)
    for epoch, steps in begun.items():
        if line.opened is None and epoch == min(begun):
            # What this session opened is not known: only its first message can be judged.
            _judge_begin(steps[:1], 1, None, sweep)
        else:
            _judge_begin(steps[: len(line.kinds)], len(line.kinds), line, sweep)


def _judge_begin(steps: list[Step], count: int, line: Line | None, sweep: Sweep) -> None:
    missing = set(line.kinds) if line is not None else set[str]()
    for index, step in enumerate(steps):
        right = step.is_state and step.head[1] == index + 1
        if line is not None:
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
    for line in lines(trace):
        highest: Step | None = None
        for step in line.steps:
            if highest is not None and step.head > highest.head:
                _not_below(step.record, step.last_action_seq, highest, sweep)
            if highest is None or step.last_action_seq >= highest.last_action_seq:
                highest = step
        _judge_told(line, sweep)
        _judge_against_sent(line, sweep)


def _not_below(record: Record, count: int, before: Step, sweep: Sweep) -> None:
    sweep.judge(
        "ORDER-005",
        count >= before.last_action_seq,
        record,
        expected=f"last_action_seq of {before.last_action_seq} or more",
        seen=f"last_action_seq {count}",
        pointer="/last_action_seq",
        also=(before.record,),
    )


def _judge_told(line: Line, sweep: Sweep) -> None:
    """Judge positions in answers and heartbeats, which tell the head of their moment."""
    told = sorted(_told_heads(line), key=lambda pair: pair[0].n)
    heads = [step.head for step in line.steps]
    in_order = heads == sorted(heads)
    last: tuple[Record, Position] | None = None
    for record, position in told:
        # An answer on an inbox may be seen late, so it is compared by place, not by arrival.
        index = bisect_left(heads, (position.epoch, position.seq + 1))
        if in_order and index:
            _count_not_below(record, position, line.steps[index - 1], sweep)
        if in_order and index < len(heads):
            _later_not_below(line.steps[index], record, position, sweep)
        if last is not None and last[1].head < position.head:
            good = position.last_action_seq >= last[1].last_action_seq
            _judge_count(record, good, last[1].last_action_seq, position, (last[0],), sweep)
        last = (record, position)


def _told_heads(line: Line) -> Iterator[tuple[Record, Position]]:
    answers = [a for e in line.session.exchanges for a in e.answers[:1]]
    beats = [r for r in line.session.control if r.type == "session.heartbeat"]
    for record in (*answers, *beats):
        position = told_position(record)
        if position is not None and record.type not in OUTCOMES:
            yield record, position


def _count_not_below(record: Record, position: Position, step: Step, sweep: Sweep) -> None:
    good = position.last_action_seq >= step.last_action_seq
    _judge_count(record, good, step.last_action_seq, position, (step.record,), sweep)


def _judge_count(
    record: Record,
    good: bool,
    least: int,
    position: Position,
    also: tuple[Record, ...],
    sweep: Sweep,
) -> None:
    sweep.judge(
        "ORDER-005",
        good,
        record,
        expected=f"last_action_seq of {least} or more",
        seen=f"last_action_seq {position.last_action_seq}",
        pointer="/data/position/last_action_seq",
        also=also,
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


def _judge_against_sent(line: Line, sweep: Sweep) -> None:
    """No message counts actions that this session has not sent: those of others do not count."""
    sent = _sent_in_a_row(line)
    numbers = [n for n, _ in sent]
    pushes = [(r, p) for r in line.session.control if (p := told_position(r)) is not None]
    steps = [(step.record, step.last_action_seq, "/last_action_seq") for step in line.steps]
    steps += [(r, p.last_action_seq, "/data/position/last_action_seq") for r, p in pushes]
    for record, count, pointer in steps:
        index = bisect_left(numbers, record.n)
        most = sent[index - 1][1] if index else 0
        if count > most:
            sweep.broken(
                "ORDER-005",
                record,
                expected=f"last_action_seq of at most {most}: so many were sent in this session",
                seen=f"last_action_seq {count}",
                pointer=pointer,
            )
            return
    sweep.ok("ORDER-005", int(bool(steps)))


def _sent_in_a_row(line: Line) -> list[tuple[int, int]]:
    """Record numbers at which 1, 2, 3 … had been sent without a hole, and up to which number."""
    found: list[tuple[int, int]] = []
    waiting: set[int] = set()
    upto = 0
    for copy in line.session.copies:
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
    if not effects:
        return
    by_session = {
        (line.session.user_id, line.session.session_id): line
        for line in lines(trace)
        if line.has_events
    }
    for (user_id, session_id, action_id), steps in effects.items():
        line = by_session.get((user_id, session_id))
        if line is not None:
            _judge_counting(line, action_id, steps, sweep)


def _judge_counting(line: Line, action_id: str, effects: list[Step], sweep: Sweep) -> None:
    last = max(effects, key=lambda step: step.head)
    cause = (last.record.body or {}).get("cause")
    number = cause.get("client_seq") if isinstance(cause, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    if not isinstance(number, int):
        return
    early = [step for step in effects if step is not last and step.last_action_seq >= number]
    early += [step for step in _before(line, last) if step.last_action_seq >= number]
    if early:
        sweep.broken(
            "ORDER-006",
            early[0].record,
            expected=f"action {action_id}, number {number}, to count from seq {last.head[1]} on",
            seen=f"last_action_seq {early[0].last_action_seq} at seq {early[0].head[1]}",
            pointer="/last_action_seq",
            also=(last.record,),
        )
        return
    # A further state before the ack may be the last effect; the count is told by then.
    told = _at_its_ack(line, action_id, last)
    sweep.judge(
        "ORDER-006",
        told is None or told.last_action_seq >= number,
        (told or last).record,
        expected=f"the last effect of action {action_id} to count it: last_action_seq {number}",
        seen=f"last_action_seq {told.last_action_seq if told else 0}",
        pointer="/last_action_seq",
    )


def _before(line: Line, last: Step) -> list[Step]:
    """The message directly before an effect: where counts never fall, it has the highest one."""
    before: Step | None = None
    for step in line.steps:
        if step.head < last.head and (before is None or step.head > before.head):
            before = step
    return [before] if before is not None else []


def _at_its_ack(line: Line, action_id: str, last: Step) -> Step | None:
    """The message at which an action's ack says that its last effect is."""
    for outcome in line.session.outcomes:
        if is_applied(outcome) and outcome.payload.get("action_id") == action_id:
            position = told_position(outcome)
            if position is None or position.head < last.head:
                return None
            return next((step for step in line.steps if step.head == position.head), None)
    return None


# -- pushes ----------------------------------------------------------------------------------------


@rule("ORDER-007", "CTRL-008")
def pushes_stand_in_the_stream(trace: Trace, sweep: Sweep) -> None:
    """Judges the positions of heartbeats and outcomes by the place where they were seen."""
    # A server that stores first may tell positions whose messages the broker publishes later.
    ahead_is_right = "durable" in trace.facts.profiles
    for line in lines(trace):
        steps = iter(line.steps)
        head, next_step = (0, 0), next(steps, None)
        for push in line.session.control:
            while next_step is not None and next_step.record.n < push.n:
                head, next_step = max(head, next_step.head), next(steps, None)
            position = told_position(push)
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
    sweep.judge(
        "ORDER-007",
        good,
        push,
        expected=f"a position that the stream has reached, at most {_text(head)}",
        seen=f"position {_text(position.head)}",
        pointer="/data/position",
    )
