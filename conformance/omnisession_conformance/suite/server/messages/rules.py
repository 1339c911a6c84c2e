"""Rules on single bodies: their text, their schema, their times, ids, sizes and headers."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.sweep import Sweep, rule
from omnisession_conformance.protocol.json import as_list, member, objects
from omnisession_conformance.protocol.kinds.tables import EVENTS, LISTS
from omnisession_conformance.protocol.schemas.decoded import HALF_PAIR
from omnisession_conformance.roles.server.reading.attempts import attempts_by_lifetime
from omnisession_conformance.roles.server.reading.lifetimes import error_code
from omnisession_conformance.roles.server.reading.trace import OUTCOMES, Trace

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.reading.lifetimes import Lifetime
    from omnisession_conformance.roles.server.reading.trace import Copy, Exchange
    from omnisession_conformance.traffic.record import Record

SESSION_FAMILIES = ("state", "events", "control")
DAY_MS = 86_400_000
FIRST_TIME_MS = 1_500_000_000_000
"""July 2017, before the protocol: a body that says it was made earlier counts something else."""
FIRST_ENTITY_MS = 100_000_000_000
LAST_ENTITY_MS = 10_000_000_000_000
"""Stored things may be older than the protocol; seconds and microseconds are far beyond these."""
NEW_ENTITY_SLACK_MS = 60_000


def protocol_bodies(trace: Trace) -> list[Record]:
    """What the target published as messages of the protocol: not its own affairs with the broker."""
    return trace.view(_protocol_bodies)


def _protocol_bodies(trace: Trace) -> list[Record]:
    inboxes = trace.inboxes
    return [
        record
        for record in trace.from_server()
        if record.address.family in ("state", "events", "control", "hint")
        or record.subject in inboxes
    ]


# -- text and schema ---------------------------------------------------------------------------------

_EXPECTED = {
    "ENV-001": "one clean JSON object in UTF-8",
    "ENV-002": "a body that is valid by the schema of its subject and type",
    "ENV-003": "integer milliseconds since the Unix epoch",
    "ENV-004": "integers without fraction or exponent, within 2^53 - 1",
    "ENV-005": "an array, empty when there is nothing",
    "ENV-006": "present, with null for none",
    "STATE-009": "content null in lists, and text in current_article",
    "USER-002": "no email but in its owner's own user slice",
    "EVENT-006": "no cause where no action made the change",
    "ERR-001": "a code of the catalogue with its name and its retryable",
    "ERR-007": "retry_after_ms in a 4290",
    "VER-002": "the versions of the server in details.supported",
    "ART-004": "only published articles in hints",
    "ART-007": "the article's revision in details.revision",
    "ART-014": "a hint without user, session and position",
    "ACTION-012": "the next number in details.expected",
    "LIMIT-005": "limits at their floors or above",
}
_EVERY_BODY = ("ENV-001", "ENV-002", "ENV-004")
_REQUIRED_BY_CODE = {
    "4003": ("VER-002",),
    "4090": ("ART-007",),
    "4091": ("ACTION-012",),
    "4290": ("ERR-007",),
}


@rule(*_EXPECTED)
def bodies_are_well_formed(trace: Trace, sweep: Sweep) -> None:
    """Reports what the strict decoder and the schemas found, each under the requirement it breaks."""
    alike: Counter[tuple[str, str]] = Counter()
    for record in protocol_bodies(trace):
        family = record.address.family
        if all(flaw.message == HALF_PAIR for flaw in record.flaws) and _repeats(record, trace):
            alike[family, record.type if family == "events" else _sort(record)] += 1
            continue
        broken = {flaw.requirement for flaw in record.flaws}
        for name in _concerned(record.address.family, _sort(record)):
            sweep.ok(name, int(name not in broken))
        for flaw in record.flaws:
            sweep.broken(
                flaw.requirement,
                record,
                expected=_EXPECTED.get(flaw.requirement, "a body as its schema says"),
                seen=flaw.message,
                pointer=flaw.pointer,
            )
    for (family, sort), count in alike.items():
        for name in _concerned(family, sort):
            sweep.ok(name, count)


def _repeats(record: Record, trace: Trace) -> bool:
    """Whether a body is without flaw, or shows again the half of a surrogate pair that it was sent."""
    if not record.flaws:
        return True
    told = trace.view(_half_pairs)
    return record.address.user in told or record.subject in told


def _half_pairs(trace: Trace) -> frozenset[object]:
    """Reply subjects of the kit's messages that have half of a surrogate pair, and their users.

    What a user has made is shown in all its sessions; what others would read is taken away again.
    """
    found: set[object] = set()
    for record in (*(e.request for e in trace.exchanges), *(c.request for c in trace.copies)):
        if any(flaw.message == HALF_PAIR for flaw in record.flaws):
            body = record.body or {}
            where = record.address
            found |= {record.reply, where.user or body.get("user_id")}
    return frozenset(found)


def _sort(record: Record) -> str:
    """What tells which requirements a body is an observation of, beside its family of subjects."""
    if record.address.family == "state":
        kind = record.payload.get("type")
        return kind if isinstance(kind, str) else ""
    code = error_code(record) if record.type in ("error", "action.nack") else None
    return record.type if code is None else str(code)


def _concerned(family: str, sort: str) -> tuple[str, ...]:
    """Return the requirements that a body is an observation of."""
    match family:
        case "state":
            more = ("ENV-005", "ENV-006", *(("STATE-009",) if sort == "articles" else ()))
        case "events":
            more = ("ENV-006", "EVENT-006")
        case "hint":
            more = ("ART-014",)
        case _ if sort == "session.opened":
            more = ("ENV-005", "ENV-006", "LIMIT-005")
        case _ if sort.isdecimal():
            more = ("ERR-001", *_REQUIRED_BY_CODE.get(sort, ()))
        case _:
            more = ()
    return (*_EVERY_BODY, *more)


# -- times -------------------------------------------------------------------------------------------

_ENTITY_TIMES = {
    name: list_.times for lists in LISTS.values() for name, list_ in lists.items() if list_.times
}
_EVENT_TIMES: dict[str, tuple[tuple[str, str], ...]] = {
    type_: tuple((event.within, time) for time in event.entity.times)
    for type_, event in EVENTS.items()
}
"""By event type: where its data hold times, as entity and member."""
_MADE_NOW = {type_: (e.within, e.made_at) for type_, e in EVENTS.items() if e.made_at}
"""Where an event tells of something that its change made, and when that was."""
Bad = tuple[str, int, int, int]
"""A time that is none: pointer, value, and the bounds that it should keep."""


@rule("ENV-003")
def times_are_milliseconds(trace: Trace, sweep: Sweep) -> None:
    """Judges the size of every time: seconds, microseconds and nanoseconds are far from any day."""
    good = 0
    for record in protocol_bodies(trace):
        found = _bad_time(record)
        if found is None:
            good += 1
            continue
        pointer, value, first, last = found
        sweep.broken(
            "ENV-003",
            record,
            expected=f"milliseconds since the Unix epoch, from {first} to {last}",
            seen=str(value),
            pointer=pointer,
        )
    sweep.ok("ENV-003", good)


def _bad_time(record: Record) -> Bad | None:
    """Return the first time of a body that cannot be milliseconds; other types the schema judges."""
    body = record.body
    if body is None:
        return None
    timestamp = body.get("timestamp")
    last = record.at_ms + DAY_MS
    if type(timestamp) is int and not FIRST_TIME_MS <= timestamp <= last:
        return "/timestamp", timestamp, FIRST_TIME_MS, last
    family = record.address.family
    if family == "state":
        return _bad_time_in_lists(record.payload)
    if family in ("events", "hint"):
        return _bad_time_in_event(record, timestamp)
    expires_at = record.payload.get("expires_at") if record.type == "session.opened" else None
    if type(expires_at) is int and not FIRST_TIME_MS <= expires_at <= LAST_ENTITY_MS:
        return "/data/expires_at", expires_at, FIRST_TIME_MS, LAST_ENTITY_MS
    return None


def _bad_time_in_lists(data: dict[str, Any]) -> Bad | None:
    for name, members in _ENTITY_TIMES.items():
        entries = as_list(data.get(name))
        found = objects(entries) if entries else []
        for part in members if found else ():
            times = [value for entry in found if type(value := entry.get(part)) is int]
            if not times or (min(times) >= FIRST_ENTITY_MS and max(times) <= LAST_ENTITY_MS):
                continue
            for index, value in enumerate([member(entry, part) for entry in entries]):
                if type(value) is int and not FIRST_ENTITY_MS <= value <= LAST_ENTITY_MS:
                    return f"/data/{name}/{index}/{part}", value, FIRST_ENTITY_MS, LAST_ENTITY_MS
    return None


def _bad_time_in_event(record: Record, timestamp: Any) -> Bad | None:
    data = record.payload
    for name, part in _EVENT_TIMES.get(record.type, ()):
        value = member(data.get(name) if name else data, part)
        if type(value) is not int:
            continue
        first, last = FIRST_ENTITY_MS, LAST_ENTITY_MS
        if _MADE_NOW.get(record.type) == (name, part) and type(timestamp) is int:
            # The body and what it tells of were made by one clock, whatever that says.
            first, last = timestamp - NEW_ENTITY_SLACK_MS, timestamp + NEW_ENTITY_SLACK_MS
        if not first <= value <= last:
            pointer = f"/data/{name}/{part}" if name else f"/data/{part}"
            return pointer, value, first, last
    return None


# -- ids ---------------------------------------------------------------------------------------------


@rule("ENV-008")
def bodies_name_their_session(trace: Trace, sweep: Sweep) -> None:
    """Judges that ids are raw and are those of the subject, or of the subject that was answered."""
    good = 0
    for session in trace.sessions.values():
        user_id, session_id = session.user_id, session.session_id
        for record in (*session.stream, *session.control):
            body = record.body
            if body is None:
                continue
            if body.get("user_id") == user_id and body.get("session_id") == session_id:
                good += 1
            else:
                _judge_ids(record, (user_id,), (session_id,), sweep)
    sweep.ok("ENV-008", good)
    for exchange in trace.exchanges:
        _judge_answers(exchange, sweep)
    for copy in trace.copies:
        _judge_outcomes(copy, sweep)


def _judge_answers(exchange: Exchange, sweep: Sweep) -> None:
    where = exchange.request.address
    for answer in exchange.answers:
        _judge_ids(answer, (where.user,), (where.session,), sweep, also=(exchange.request,))


def _judge_outcomes(copy: Copy, sweep: Sweep) -> None:
    body = copy.request.body or {}
    where = copy.request.address
    for answer in copy.answers:
        if copy.request.flaws:
            # Which ids a receiver found in such a text is its decoder's affair; the subject tells one.
            if where.family == "actions":
                told = (answer.body or {}).get("session_id")
                _judge_ids(answer, (where.user,), (told,), sweep, also=(copy.request,))
            continue
        users: tuple[Any, ...] = (copy.user_id,)
        sessions: tuple[Any, ...] = (copy.session_id,)
        if answer.type not in OUTCOMES:
            # An error may leave out what the answered subject does not have.
            users = (where.user,) if where.family == "actions" else (None, body.get("user_id"))
            sessions = (None, body.get("session_id"))
        _judge_ids(answer, users, sessions, sweep, also=(copy.request,))


def _judge_ids(
    record: Record,
    users: tuple[Any, ...],
    sessions: tuple[Any, ...],
    sweep: Sweep,
    also: tuple[Record, ...] = (),
) -> None:
    body = record.body
    if body is None:
        return
    if body.get("user_id") in users and body.get("session_id") in sessions:
        sweep.ok("ENV-008")
        return
    for name, wanted in (("user_id", users), ("session_id", sessions)):
        seen = body.get(name)
        # A missing id, or one that is no string, is a matter of the schema.
        if seen in wanted or not (isinstance(seen, str) or (seen is None and name in body)):
            continue
        sweep.broken(
            "ENV-008",
            record,
            expected=f"{name} {' or '.join(repr(ctx) for ctx in wanted)}",
            seen=repr(seen),
            pointer=f"/{name}",
            also=also,
        )
        return
    sweep.ok("ENV-008")


# -- headers and sizes -------------------------------------------------------------------------------


@rule("ENV-009")
def traces_are_passed_on(trace: Trace, sweep: Sweep) -> None:
    """Judges that what an action with a `traceparent` causes is of the same trace."""
    for lifetime, mine in attempts_by_lifetime(trace):
        # Few actions have any header at all.
        traced = [a for a in mine if all(copy.request.headers for copy in a.copies)]
        caused = _by_cause(lifetime) if traced else {}
        for attempt in traced:
            asked = {_trace_id(copy.request) for copy in attempt.copies}
            if None in asked:
                continue
            for record in (*attempt.outcomes, *caused.get(attempt.action_id, ())):
                sweep.judge(
                    "ENV-009",
                    _trace_id(record) in asked,
                    record,
                    expected=f"a traceparent of trace {' or '.join(str(a) for a in asked)}",
                    seen=_header(record, "traceparent") or "no traceparent header",
                    also=(attempt.action,),
                )


def _by_cause(lifetime: Lifetime) -> dict[str, list[Record]]:
    """The states and events of a session by the action that they name as their cause."""
    found: defaultdict[str, list[Record]] = defaultdict(list)
    for step in lifetime.steps:
        action_id = member(step.body.get("cause"), "action_id")
        if isinstance(action_id, str):
            found[action_id].append(step.record)
    return found


def _header(record: Record, name: str) -> str | None:
    if not record.headers:
        return None
    return next((v for key, v in record.headers.items() if key.lower() == name), None)


_TRACE = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
"""A trace context as W3C has it; what is none need not be copied."""


def _trace_id(record: Record) -> str | None:
    found = _TRACE.fullmatch(_header(record, "traceparent") or "")
    return found[1] if found else None


@rule("LIMIT-001")
def sizes_are_kept(trace: Trace, sweep: Sweep) -> None:
    """Judges the payload of everything in a session against the limits that it was told."""
    good = 0
    for session in trace.sessions.values():
        limits = session.limits
        most_event, most = limits.get("event"), limits.get("state")
        if not isinstance(most_event, int) or not isinstance(most, int):
            continue
        answers = [answer for e in session.exchanges for answer in e.answers]
        for record in (*session.stream, *session.control, *answers):
            size = len(record.data)
            bound = most_event if record.address.family == "events" else most
            if size <= bound:
                good += 1
            else:
                expected, seen = f"at most {bound} bytes", f"{size} bytes"
                sweep.broken("LIMIT-001", record, expected=expected, seen=seen)
    sweep.ok("LIMIT-001", good)
