"""The sessions of a run as the rules read them: one line of states and events for each life.

A session id lives once. Only where a server forgot a session (it expired, or the server was started
anew) may the same id be opened again; what follows is a life of its own, judged by itself.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.bounds import ABSENT_NS, MARGIN_NS, MS
from omnisession_conformance.protocol.json import maybe_int, member
from omnisession_conformance.protocol.model.slices import kind_of_event
from omnisession_conformance.protocol.position import Position
from omnisession_conformance.protocol.subjects import REPLY_PREFIXES
from omnisession_conformance.roles.server.reading.stretches import Stretches
from omnisession_conformance.roles.server.reading.trace import SessionTrace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omnisession_conformance.roles.server.reading.trace import Exchange, Trace
    from omnisession_conformance.traffic.record import Record

NEVER = 2**63
"""Beyond every record number and time."""
UNKNOWN = 5040
"""It may be told by a server that has lost touch, with a position of long ago."""
SESSION_OVER = frozenset({4041, 4101})
CREDENTIAL_EXPIRED = 4011
STATE_TYPE = "session.state"
Head = tuple[int, int]


@dataclass(slots=True)
class Step:
    """One state or event with a readable position.

    `kind` is the one whose slice it tells or changes, None where the protocol knows no such kind.
    """

    record: Record
    body: dict[str, Any]
    data: dict[str, Any]
    head: Head
    last_action_seq: int
    kind: str | None
    is_state: bool


@dataclass(slots=True)
class Lifetime:
    """One life of a session: what was asked, what was told, and how far it is known to have lived.

    `over` is the first answer that shows that the session has ended: `session.closed`, or a refusal
    with 4041 or 4101 of a request that was sent after it had been opened.
    """

    session: SessionTrace
    opened: Record | None = None
    opening: Record | None = None
    """The request that `opened` answers."""
    over: Record | None = None
    steps: list[Step] = field(default_factory=list[Step])
    positions: dict[int, Position] = field(default_factory=dict[int, Position])
    """Positions told in answers and pushes, by record number."""
    kinds: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    limits: dict[str, Any] = field(default_factory=dict[str, Any])
    timers: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def has_events(self) -> bool:
        """Whether it negotiated events."""
        return "events" in self.features

    @property
    def has_digests(self) -> bool:
        """Whether it negotiated digests."""
        return "digests" in self.features

    @property
    def closed(self) -> Record | None:
        """The answer `session.closed`, if that is how it ended."""
        return self.over if self.over is not None and self.over.type == "session.closed" else None

    def position(self, record: Record | None) -> Position | None:
        """The position that an answer or push of this session tells."""
        return self.positions.get(record.n) if record is not None else None

    def timer(self, name: str) -> int | None:
        """A granted timer in ns, None where it is not told."""
        value: Any = self.timers.get(name)
        return value * MS if isinstance(value, int) else None

    def published_after(self, n: int) -> list[Record]:
        """Everything on the session's three subjects beyond a record number, in tap order."""
        both = [r for r in (*self.session.stream, *self.session.control) if r.n > n]
        both.sort(key=_number)
        return both

    def asked(self) -> list[Record]:
        """Everything that the kit sent in the session's name, in tap order."""
        both = [e.request for e in self.session.exchanges]
        both += [c.request for c in self.session.copies]
        both.sort(key=_number)
        return both


def _number(record: Record) -> int:
    return record.n


def error_code(record: Record | None) -> int | None:
    """The code of a refusal, None where the record is none."""
    return maybe_int(member(record.payload.get("error"), "code")) if record is not None else None


def told_position(record: Record | None) -> Position | None:
    """The position in an answer, heartbeat or outcome; a nack that claims nothing tells none."""
    if record is None or error_code(record) == UNKNOWN:
        return None
    return Position.of(record.payload.get("position"))


def is_request(record: Record) -> bool:
    """Whether a message may count as a request: its reply subject is an inbox, or there is none."""
    return not record.reply or record.reply.startswith(REPLY_PREFIXES)


def last_ns(trace: Trace) -> int:
    """When the tap saw its last message: what was to come later is not judged."""
    return trace.records[-1].t_ns if trace.records else 0


def outages(trace: Trace) -> list[tuple[int, int]]:
    """Stretches (from, to in ns) in which a missing message is nobody's fault.

    Beside those that the kit knows of, be it that no instance was there or that one was ended: from a
    `session.closing` of a server that is about to stop, to
    the first answer to a request that was sent after it.
    """
    return trace.view(_outages)


def _outages(trace: Trace) -> list[tuple[int, int]]:
    found = [*trace.facts.outages, *_disturbances(trace)]
    closings = sorted(
        r.t_ns
        for session in trace.sessions.values()
        for r in session.control
        if r.type == "session.closing" and r.payload.get("code") != CREDENTIAL_EXPIRED
    )
    answered = sorted((e.request.t_ns, e.answers[0].t_ns) for e in trace.exchanges if e.answers)
    # The first answer to what was asked at a moment of `answered` or later.
    first = list(accumulate((came for _, came in reversed(answered)), min))[::-1]
    end = 0
    for start in closings:
        if start < end:
            continue
        place = bisect_right(answered, start, key=_start)
        end = first[place] if place < len(first) else last_ns(trace) + ABSENT_NS
        found.append((start, end))
    return found


def disturbed(trace: Trace, from_ns: int, to_ns: int) -> bool:
    """Whether the kit did something to instances of the target somewhere in a stretch of time."""
    return trace.view(_troubled).meets(from_ns, to_ns)


def _troubled(trace: Trace) -> Stretches:
    return Stretches(_disturbances(trace))


def _disturbances(trace: Trace) -> list[tuple[int, int]]:
    return [(one.from_ns, one.to_ns) for one in trace.facts.disturbances]


def excused(trace: Trace, from_ns: int, to_ns: int) -> bool:
    """Whether the target was not there, with good reason, somewhere in a stretch of time."""
    return trace.view(_gone).meets(from_ns, to_ns)


def waited(trace: Trace, from_ns: int, to_ns: int) -> int:
    """How long a stretch of time was for a kit that was awake, in ns."""
    return to_ns - from_ns - trace.view(_asleep).within(from_ns, to_ns)


def _gone(trace: Trace) -> Stretches:
    return Stretches(outages(trace))


def _asleep(trace: Trace) -> Stretches:
    return Stretches(trace.facts.stalls)


def _start(stretch: tuple[int, int]) -> int:
    return stretch[0]


def must_have_come(trace: Trace, asked_ns: int, within_ns: int = ABSENT_NS) -> bool:
    """Whether what was due within a time after a moment must be in this trace by now."""
    end = last_ns(trace)
    return waited(trace, asked_ns, end) >= within_ns and not excused(
        trace, asked_ns, min(end, asked_ns + within_ns)
    )


def lifetimes(trace: Trace) -> list[Lifetime]:
    """The lives of all sessions that the kit itself named; others are strangers' affairs."""
    return trace.view(_lifetimes)


def _lifetimes(trace: Trace) -> list[Lifetime]:
    return [
        _lifetime(life)
        for session in trace.sessions.values()
        if session.exchanges or session.copies
        for life in _lives(session, trace)
    ]


def _lifetime(session: SessionTrace) -> Lifetime:
    lifetime = Lifetime(session)
    for exchange in session.exchanges:
        answer = exchange.answer
        if answer is None:
            continue
        if lifetime.opened is None:
            if answer.type == "session.opened":
                lifetime.opened, lifetime.opening = answer, exchange.request
        elif lifetime.over is None and exchange.request.n > lifetime.opened.n and _ends(answer):
            lifetime.over = answer
    answers = [a for e in session.exchanges for a in e.answers]
    for record in (*answers, *session.control):
        position = told_position(record)
        if position is not None:
            lifetime.positions[record.n] = position
    lifetime.kinds, lifetime.features = session.kinds, session.features
    lifetime.limits, lifetime.timers = session.limits, session.timers
    lifetime.steps = [step for record in session.stream if (step := _step(record)) is not None]
    return lifetime


def _ends(answer: Record) -> bool:
    return answer.type == "session.closed" or (
        answer.type == "error" and error_code(answer) in SESSION_OVER
    )


def _step(record: Record) -> Step | None:
    body = record.body
    if body is None:
        return None
    epoch, seq, count = body.get("epoch"), body.get("seq"), body.get("last_action_seq")
    if type(epoch) is not int or type(seq) is not int or type(count) is not int:
        return None
    data, head = record.payload, (epoch, seq)
    if record.type != STATE_TYPE:
        return Step(record, body, data, head, count, kind_of_event(record.type), False)
    kind = data.get("type")
    return Step(record, body, data, head, count, kind if isinstance(kind, str) else None, True)


# -- lives -----------------------------------------------------------------------------------------


def _lives(session: SessionTrace, trace: Trace) -> Iterator[SessionTrace]:
    """Split a session where its id was opened anew after it may have been forgotten."""
    cuts = list(_openings_anew(session, trace))
    if not cuts:
        yield session
        return
    for start, end in zip([0, *cuts], [*cuts, NEVER], strict=True):
        yield SessionTrace(
            session.user_id,
            session.session_id,
            [e for e in session.exchanges if start <= e.request.n < end],
            [r for r in session.stream if start <= r.n < end],
            [r for r in session.control if start <= r.n < end],
            [c for c in session.copies if start <= c.request.n < end],
        )


def _openings_anew(session: SessionTrace, trace: Trace) -> Iterator[int]:
    """The numbers of the requests that opened a session of a server which had forgotten it."""
    first: Record | None = None
    over: Exchange | None = None
    for exchange in session.exchanges:
        answer = exchange.answer
        if answer is None:
            continue
        if answer.type == "session.opened":
            position = told_position(answer)
            anew = first is not None and position is not None and position.seq == 0
            if anew and _forgotten(session, trace, first, over, exchange.request):
                yield exchange.request.n
                over = None
            first = answer
        elif first is not None and over is None and _ends(answer):
            over = exchange


def _forgotten(
    session: SessionTrace,
    trace: Trace,
    opened: Record | None,
    over: Exchange | None,
    request: Record,
) -> bool:
    """Whether a server may know a session no more when it is asked to open it again."""
    if opened is None or excused(trace, opened.t_ns, request.t_ns):
        return opened is not None
    if over is not None and over.answers[0].type != "session.closed":
        return True
    window = maybe_int(member(opened.payload.get("timers"), "resume_window_ms"))
    if window is None:
        return False
    signs = [e.request for e in session.exchanges] + [c.request for c in session.copies]
    last_sign = max((r.t_ns for r in signs if r.n < request.n), default=opened.t_ns)
    # A message is dated when the kit reads it. What a kit that stood still read late had come before, so
    # that the silence at the server may have been longer by that much.
    unseen = trace.view(_asleep).within(last_sign - window * MS, request.t_ns)
    return request.t_ns - last_sign + unseen + MARGIN_NS >= window * MS


# -- order of arrival --------------------------------------------------------------------------------

ENOUGH_SAMPLES = 10
CLOSE_NS = 5 * MS


def answers_keep_order(trace: Trace) -> bool:
    """Whether the target's answers were seen in the order in which they were published.

    The protocol promises no order between inboxes and the subjects of a session. Most servers keep it
    all the same, by using one connection; that shows where answers stand close to states and events.
    """
    return trace.view(_answers_keep_order)


def _answers_keep_order(trace: Trace) -> bool:
    samples = 0
    for lifetime in lifetimes(trace):
        at = {step.head: step.record for step in lifetime.steps}
        for exchange in lifetime.session.exchanges:
            answer = exchange.answer
            position = lifetime.position(answer)
            if answer is None or position is None:
                continue
            # A pong comes after what it names, an answer with states before them.
            before = at.get(position.head) if answer.type == "session.pong" else None
            after = at.get((position.epoch, position.seq + 1)) if before is None else None
            if (before is not None and before.n > answer.n) or (
                after is not None and answer.type != "session.pong" and after.n < answer.n
            ):
                return False
            near = before if before is not None else after
            samples += near is not None and abs(near.t_ns - answer.t_ns) <= CLOSE_NS
    return samples >= ENOUGH_SAMPLES


def after_the_end(trace: Trace, lifetime: Lifetime) -> Iterator[Record]:
    """What was surely published for a session after it was told to be over."""
    over = lifetime.over
    if over is None:
        return
    slack = 0 if answers_keep_order(trace) else MARGIN_NS
    for record in lifetime.published_after(over.n):
        if record.t_ns - over.t_ns >= slack:
            yield record
