"""Rules on requests and their answers."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.sweep import Sweep, rule
from omnisession_conformance.protocol.bounds import ABSENT_NS, BOUND_S, MS
from omnisession_conformance.protocol.json import is_list
from omnisession_conformance.roles.server.reading.attempts import attempts, entity_of, is_final
from omnisession_conformance.roles.server.reading.attribution import causes
from omnisession_conformance.roles.server.reading.inboxes import is_answerable
from omnisession_conformance.roles.server.reading.lifetimes import (
    after_the_end,
    error_code,
    excused,
    last_ns,
    lifetimes,
    must_have_come,
    waited,
)
from omnisession_conformance.roles.server.reading.trace import REQUESTS
from omnisession_conformance.roles.server.steps.control import OF_SECURE_ONES
from omnisession_conformance.suite.server.state.rules_following import announced
from omnisession_conformance.suite.server.subjects.rules import SERVER_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omnisession_conformance.protocol.position import Position
    from omnisession_conformance.roles.server.reading.lifetimes import Head, Lifetime
    from omnisession_conformance.roles.server.reading.trace import Exchange, Trace
    from omnisession_conformance.traffic.record import Record

# Control is too much for one file: these register the rules on what an open grants and on pulses.

BEFORE_IDENTITY = frozenset({4000, 4001, 4003, 4004, 4130, 4290, 5000, 5030, 5040})
"""Refusals of the stages before the ids of subject and body are compared."""
BEFORE_SESSION = BEFORE_IDENTITY | {4002, 4010, 4011, 4031}
"""Refusals of the stages before a server looks whether the session is live."""


def _is_servers_own(request: Record) -> bool:
    """Whether a server has to ignore a message on `.control`: its type is one of the server's."""
    return request.type in SERVER_TYPES


@rule("CTRL-001")
def requests_are_answered_once(trace: Trace, sweep: Sweep) -> None:
    """Judges that every request with an inbox gets one answer there, in time."""
    by_inbox: defaultdict[str, list[Exchange]] = defaultdict(list)
    for exchange in trace.exchanges:
        # Of a text with two types nobody can tell which one the server read.
        unclear = exchange.request.flaws and _is_servers_own(exchange.request)
        if is_answerable(exchange.request, trace.facts.profiles) and not unclear:
            by_inbox[exchange.request.reply].append(exchange)
    for asked in by_inbox.values():
        owed = [e for e in asked if not _is_servers_own(e.request)]
        if owed:
            _judge_answers(owed, trace, sweep)


def _judge_answers(owed: list[Exchange], trace: Trace, sweep: Sweep) -> None:
    answers = owed[0].answers
    if len(answers) > len(owed):
        sweep.broken(
            "CTRL-001",
            answers[len(owed)],
            expected="one answer",
            seen=f"{len(answers)} answers to {owed[-1].request.type or 'a request'}",
            also=(owed[-1].request, *answers[: len(owed)]),
        )
        return
    for index, exchange in enumerate(owed):
        request = exchange.request
        answer = answers[index] if index < len(answers) else None
        if answer is None:
            if must_have_come(trace, request.t_ns):
                what = request.type or "a message without a type"
                sweep.broken(
                    "CTRL-001",
                    request,
                    expected=f"an answer within {BOUND_S:g} s",
                    seen=f"none to {what}",
                )
        elif _in_time(trace, request, answer):
            sweep.ok("CTRL-001")
        else:
            sweep.broken(
                "CTRL-001",
                answer,
                expected=f"an answer within {BOUND_S:g} s",
                seen=f"{answer.type} after {(answer.t_ns - request.t_ns) // MS} ms",
                also=(request,),
            )


def _in_time(trace: Trace, request: Record, answer: Record) -> bool:
    quick = waited(trace, request.t_ns, answer.t_ns) <= ABSENT_NS
    return quick or excused(trace, request.t_ns, answer.t_ns)


@rule("CTRL-014")
def own_types_are_ignored(trace: Trace, sweep: Sweep) -> None:
    """Judges that messages of the server's own types on `.control` get no answer."""
    for exchange in trace.exchanges:
        request = exchange.request
        answerable = is_answerable(request, trace.facts.profiles)
        if not _is_servers_own(request) or not answerable or request.flaws:
            continue
        if request.type in OF_SECURE_ONES and "secure" not in trace.facts.profiles:
            continue
        if exchange.answers:
            sweep.broken(
                "CTRL-014",
                exchange.answers[0],
                expected=f"no answer to {request.type}",
                seen=exchange.answers[0].type,
                also=(request,),
            )
        elif last_ns(trace) - request.t_ns >= ABSENT_NS:
            sweep.ok("CTRL-014")


@rule("CTRL-005")
def syncs_name_their_kinds(trace: Trace, sweep: Sweep) -> None:
    """Judges the kinds in `session.syncing` against those asked, or all open ones."""
    for lifetime in lifetimes(trace):
        for exchange in lifetime.session.exchanges:
            answer = exchange.answer
            if answer is None or answer.type != "session.syncing" or lifetime.opened is None:
                continue
            asked: Any = exchange.request.payload.get("kinds")
            asked = asked or list(lifetime.kinds)
            if is_list(asked) and len(asked) == len({str(a) for a in asked}):
                sweep.judge(
                    "CTRL-005",
                    answer.payload.get("kinds") == asked,
                    answer,
                    expected=f"kinds {asked}",
                    seen=f"kinds {answer.payload.get('kinds')}",
                    pointer="/data/kinds",
                    also=(exchange.request,),
                )


# -- the fence ---------------------------------------------------------------------------------------


@rule("CTRL-007")
def pongs_cover_what_was_answered(trace: Trace, sweep: Sweep) -> None:
    """Judges that a pong is not below what was answered and acked before its ping was sent."""
    acks = _acks_by_change(trace)
    for lifetime in lifetimes(trace):
        pongs = [e for e in lifetime.session.exchanges if e.answered("session.pong")]
        owed = _Owed(trace, lifetime, acks) if pongs else None
        end = max((step.head for step in lifetime.steps), default=None) if pongs else None
        for exchange in pongs:
            pong, ping = exchange.answers[0], exchange.request
            position = lifetime.position(pong)
            if owed is None or position is None:
                continue
            short = owed.missing(ping.n, position)
            if short is None:
                _judge_reached(position, end, pong, ping, trace, sweep)
                continue
            sweep.broken(
                "CTRL-007",
                pong,
                expected=f"at least {short.head[0]}:{short.head[1]} (last action {short.count})",
                seen=str(position),
                pointer="/data/position",
                also=(ping, short.record),
            )


@dataclass(frozen=True, slots=True)
class _Covered:
    """A head and a count that pongs must cover from a record number on, and what shows it."""

    since: int
    head: tuple[int, int]
    count: int
    record: Record


class _Owed:
    """What the pongs of a session must cover: the highest head and count since each record number."""

    def __init__(self, trace: Trace, lifetime: Lifetime, acks: dict[str, _Acked]) -> None:
        self.found = sorted(_must_cover(trace, lifetime, acks), key=lambda one: one.since)
        self.numbers = [one.since for one in self.found]
        self.heads = list(accumulate(self.found, _higher_head))
        self.counts = list(accumulate(self.found, _higher_count))

    def missing(self, asked: int, position: Position) -> _Covered | None:
        """Return what a pong to a ping with a record number does not cover, if anything."""
        place = bisect_left(self.numbers, asked) - 1
        if place < 0:
            return None
        head, count = self.heads[place], self.counts[place]
        if head.head > position.head:
            return head
        return count if count.count > position.last_action_seq else None


def _higher_head(one: _Covered, other: _Covered) -> _Covered:
    return other if other.head > one.head else one


def _higher_count(one: _Covered, other: _Covered) -> _Covered:
    return other if other.count > one.count else one


def _must_cover(trace: Trace, lifetime: Lifetime, acks: dict[str, _Acked]) -> Iterator[_Covered]:
    for one in announced(trace, lifetime):
        head = (one.start.epoch, one.start.seq + len(one.kinds))
        yield _Covered(one.answer.n, head, 0, one.answer)
    for outcome in lifetime.session.outcomes:
        position = lifetime.position(outcome)
        if position is not None and is_final(outcome):
            yield _Covered(outcome.n, position.head, position.last_action_seq, outcome)
    for step in lifetime.steps:
        event_id = None if step.is_state else step.body.get("event_id")
        known = acks.get(event_id) if isinstance(event_id, str) else None
        if known is not None and known.tells(step.record):
            yield _Covered(known.ack.n, step.head, 0, step.record)


@dataclass(frozen=True, slots=True)
class _Acked:
    """An event in the acting session, with the ack of the action that made the change."""

    effect: Record
    ack: Record
    entity: tuple[str, str] | None

    def tells(self, event: Record) -> bool:
        """Whether an event of the same id tells of the same thing: an id may be used again."""
        if event is self.effect:
            return True
        return event.type == self.effect.type and self.entity == entity_of(
            event.type, event.payload
        )


def _acks_by_change(trace: Trace) -> dict[str, _Acked]:
    """The acks of changes by `event_id`."""
    found: dict[str, _Acked] = {}
    for key, steps in causes(trace).effects.items():
        ack = attempts(trace)[key].ack
        for step in steps:
            event_id = step.body.get("event_id")
            if isinstance(event_id, str) and ack is not None:
                entity = entity_of(step.record.type, step.data)
                found[event_id] = _Acked(step.record, ack, entity)
    return found


def _judge_reached(
    position: Position, end: Head | None, pong: Record, ping: Record, trace: Trace, sweep: Sweep
) -> None:
    """A pong may be seen before what it names, but what it names has to come."""
    head = end or (position.epoch, 0)
    if position.head <= head or not must_have_come(trace, pong.t_ns):
        sweep.ok("CTRL-007")
        return
    sweep.broken(
        "CTRL-007",
        pong,
        expected=f"a position of this session, whose stream ended at {head[0]}:{head[1]}",
        seen=str(position),
        pointer="/data/position",
        also=(ping,),
    )


# -- the end -----------------------------------------------------------------------------------------


@rule("CTRL-011", "CTRL-012")
def closed_sessions_stay_closed(trace: Trace, sweep: Sweep) -> None:
    """Judges that a closed session is told nothing more, and that its requests are refused."""
    for lifetime in lifetimes(trace):
        closed = lifetime.closed
        if closed is None:
            continue
        late = list(after_the_end(trace, lifetime))
        for record in late:
            sweep.broken(
                "CTRL-011",
                record,
                expected="nothing for a session after session.closed",
                seen=f"{record.type} on {record.subject}",
                also=(closed,),
            )
        sweep.ok("CTRL-011", int(not late))
        for exchange in lifetime.session.exchanges:
            if exchange.request.n > closed.n and exchange.request.type in REQUESTS:
                _judge_refusal(lifetime, exchange, closed, trace, sweep)


def _judge_refusal(
    lifetime: Lifetime, exchange: Exchange, closed: Record, trace: Trace, sweep: Sweep
) -> None:
    request, answer = exchange.request, exchange.answer
    if answer is None or request.flaws or error_code(answer) in BEFORE_SESSION:
        return
    window = lifetime.timer("resume_window_ms") or 0
    # Measured from when the answer was seen: the server may count from a little earlier.
    passed = request.t_ns - closed.t_ns + MS * 50 >= window
    codes = {4101}
    if passed or excused(trace, closed.t_ns, request.t_ns):
        codes.add(4041)
    code = error_code(answer)
    if passed and answer.type == "session.opened":
        # A server that has forgotten a session may open its id again.
        return
    sweep.judge(
        "CTRL-012",
        code in codes,
        answer,
        expected=f"error {' or '.join(str(c) for c in sorted(codes))}",
        seen=f"error {code}" if code is not None else answer.type,
        pointer="/data/error/code" if code is not None else "/type",
        also=(request, closed),
    )


@rule("SEC-003")
def ids_of_bodies_are_checked(trace: Trace, sweep: Sweep) -> None:
    """Judges that a request whose body names another session than its subject is refused."""
    for exchange in trace.exchanges:
        request, answer = exchange.request, exchange.answer
        body, where = request.body, request.address
        if answer is None or body is None or request.flaws or request.type not in REQUESTS:
            continue
        names = (body.get("user_id"), body.get("session_id"))
        if names == (where.user, where.session) or not all(isinstance(n, str) for n in names):
            continue
        code = error_code(answer)
        if code in BEFORE_IDENTITY:
            continue
        sweep.judge(
            "SEC-003",
            code == 4031,
            answer,
            expected="error 4031",
            seen=f"error {code}" if code is not None else answer.type,
            pointer="/data/error/code" if code is not None else "/type",
            also=(request,),
        )
