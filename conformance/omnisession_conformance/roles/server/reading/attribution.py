"""Which events are effects of which actions, as far as the trace proves it.

The wire names a cause in each event of the acting user's sessions. A cause counts as credible when it
names an action that the kit sent, which may have that effect; what is not credible is kept with the
reason, so that it is reported once and misleads no other rule.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.json import is_object, maybe_text, member
from omnisession_conformance.protocol.kinds.tables import ACTIONS
from omnisession_conformance.roles.server.reading.attempts import (
    EVENTS_OF,
    KNOWN_EVENTS,
    OF_THE_USER,
    Attempt,
    AttemptKey,
    attempts,
    attempts_by_lifetime,
    entity_of,
    may_have_been_read,
    misfit,
)
from omnisession_conformance.roles.server.reading.lifetimes import lifetimes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omnisession_conformance.roles.server.reading.lifetimes import Lifetime, Step
    from omnisession_conformance.roles.server.reading.trace import Trace
    from omnisession_conformance.traffic.record import Record

ANY_EVENT = "*"
"""What an action of an unknown type may cause."""
ALWAYS_EFFECTIVE = frozenset(type_ for type_, action in ACTIONS.items() if action.always)
"""Actions that change something whenever they are acked: the message at their ack is theirs."""


@dataclass(frozen=True, slots=True)
class Fault:
    """An event whose cause or actor cannot be true."""

    requirement: str
    record: Record
    expected: str
    seen: str
    pointer: str
    also: tuple[Record, ...] = ()


@dataclass(slots=True)
class Causes:
    """What is known of causes in a run.

    `effects` are the events of an action in its own session, in tap order; `actors` tells whose action
    made a change, by `event_id` and type.
    """

    effects: defaultdict[AttemptKey, list[Step]] = field(default_factory=lambda: defaultdict(list))
    actors: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    faults: list[Fault] = field(default_factory=list[Fault])
    good: int = 0


def causes(trace: Trace) -> Causes:
    """Read every cause of a run, once."""
    return trace.view(_causes)


def _causes(trace: Trace) -> Causes:
    found = Causes()
    wrong = {fault.record.n: fault for fault in _not_at_their_ack(trace)}
    for lifetime in lifetimes(trace):
        for step in lifetime.steps:
            if step.is_state:
                continue
            cause: Any = step.body.get("cause")
            if wrong and step.record.n in wrong:
                found.faults.append(wrong[step.record.n])
            elif is_object(cause):
                _read(found, trace, lifetime, step, cause)
            else:
                found.good += 1
    return found


def _read(
    found: Causes, trace: Trace, lifetime: Lifetime, step: Step, cause: dict[str, Any]
) -> None:
    session = lifetime.session
    action_id, session_id = cause.get("action_id"), cause.get("session_id")
    if not isinstance(action_id, str) or not isinstance(session_id, str):
        return
    key = (session.user_id, session_id, action_id)
    attempt = attempts(trace).get(key)
    if attempt is None:
        if fault := _of_nobody(trace, lifetime, step, action_id, session_id):
            found.faults.append(fault)
        return
    fault = _misfit(attempt, step)
    if fault is not None:
        found.faults.append(fault)
        return
    wrong = [*_wrong_number(attempt, step, cause), *_wrong_actor(attempt, step)]
    found.faults += wrong
    found.good += not wrong
    event_id = step.body.get("event_id")
    if isinstance(event_id, str):
        found.actors.setdefault((event_id, step.record.type), session.user_id)
    if session_id == session.session_id:
        found.effects[key].append(step)


def _wrong_number(attempt: Attempt, step: Step, cause: dict[str, Any]) -> Iterator[Fault]:
    numbers = [copy.client_seq for copy in attempt.copies]
    if cause.get("client_seq") not in numbers:
        expected = " or ".join(str(number) for number in sorted({n for n in numbers if n}))
        seen, also = str(cause.get("client_seq")), (attempt.action,)
        yield Fault("EVENT-005", step.record, expected, seen, "/cause/client_seq", also)


def _wrong_actor(attempt: Attempt, step: Step) -> Iterator[Fault]:
    user_id, actor = attempt.lifetime.session.user_id, step.body.get("actor")
    if actor != user_id:
        expected = f"actor {user_id!r}, who acted"
        yield Fault("EVENT-006", step.record, expected, repr(actor), "/actor", (attempt.action,))


def _misfit(attempt: Attempt, step: Step) -> Fault | None:
    why = misfit(attempt, step.record)
    if why is None:
        return None
    if _is_an_end(step.record):
        # What a timer or the end of a session ended, the action that started it did not do.
        expected = "actor and cause null"
        return Fault("EVENT-006", step.record, expected, why, "/cause", (attempt.action,))
    expected = "the action that caused the event"
    return Fault("EVENT-005", step.record, expected, why, "/cause", (attempt.action,))


def _is_an_end(record: Record) -> bool:
    stopped = record.type == "chat.typing_changed" and record.payload.get("active") is False
    return stopped or record.type == "article.edit_ended"


def _of_nobody(
    trace: Trace, lifetime: Lifetime, step: Step, action_id: str, session_id: str
) -> Fault | None:
    """A cause that names no action of this user: wrong, unless a stranger's session sent it."""
    user_id = lifetime.session.user_id
    others = [
        d for d in _by_action_id(trace).get(action_id, ()) if d.lifetime.session.user_id == user_id
    ]
    if others:
        told = others[0].lifetime.session.session_id
        also = (others[0].copies[0].request,)
        return Fault("EVENT-005", step.record, told, session_id, "/cause/session_id", also)
    if may_have_been_read(trace, action_id, step.record.n):
        return None
    if (user_id, session_id) in trace.sessions:
        seen = f"action {action_id}, which this session never sent"
        expected = "an action of that session"
        return Fault("EVENT-005", step.record, expected, seen, "/cause/action_id")
    if session_id in trace.view(_session_ids):
        seen = f"session {session_id} of another user"
        return Fault("EVENT-005", step.record, "cause null", seen, "/cause/session_id")
    return None


def _session_ids(trace: Trace) -> frozenset[str]:
    return frozenset(session_id for _, session_id in trace.sessions)


def _by_action_id(trace: Trace) -> dict[str, list[Attempt]]:
    return trace.view(_index_by_action_id)


def _index_by_action_id(trace: Trace) -> dict[str, list[Attempt]]:
    found: defaultdict[str, list[Attempt]] = defaultdict(list)
    for attempt in attempts(trace).values():
        found[attempt.action_id].append(attempt)
    return dict(found)


def _not_at_their_ack(trace: Trace) -> Iterator[Fault]:
    """Events that an ack proves to be effects of an action, and that name another cause or none."""
    for lifetime, mine in attempts_by_lifetime(trace):
        sure = [attempt for attempt in mine if attempt.action.type in ALWAYS_EFFECTIVE]
        if not sure or not lifetime.has_events:
            continue
        events = {step.head: step for step in lifetime.steps if not step.is_state}
        claimed = {_named_cause(step.record) for step in events.values()}
        for attempt in sure:
            # An action that is named elsewhere has its cause right; then it is its ack that is wrong.
            if attempt.action_id in claimed:
                continue
            action = attempt.action
            position = attempt.position
            step = events.get(position.head) if position is not None else None
            if step is not None and _is_surely_of(attempt, step):
                told = _named_cause(step.record)
                if _is_of_its_cause(trace, lifetime, step):
                    # It is the effect of that one, whose ack names it too: this one had none.
                    continue
                yield Fault(
                    "EVENT-005",
                    step.record,
                    f"the cause {attempt.action_id}, whose ack names this seq",
                    "cause null" if told is None else f"action {told}",
                    "/cause",
                    (action, *attempt.outcomes[:1]),
                )


def _is_of_its_cause(trace: Trace, lifetime: Lifetime, step: Step) -> bool:
    """Whether the ack of the action that is named, of any session of the user, names the same change."""
    cause = member(step.body, "cause")
    session_id, action_id = (maybe_text(member(cause, n)) for n in ("session_id", "action_id"))
    if session_id is None or action_id is None:
        return False
    attempt = attempts(trace).get((lifetime.session.user_id, session_id, action_id))
    if attempt is None or attempt.position is None:
        return False
    if not attempt.lifetime.has_events:
        # What its ack names there is a state, which may tell of several changes.
        return misfit(attempt, step.record) is None
    head, change = attempt.position.head, step.body.get("event_id")
    return any(
        one.head == head and not one.is_state and one.body.get("event_id") == change
        for one in attempt.lifetime.steps
    )


def _named_cause(record: Record) -> str | None:
    return maybe_text(member(member(record.body, "cause"), "action_id"))


def _is_surely_of(attempt: Attempt, step: Step) -> bool:
    record = step.record
    if record.type not in EVENTS_OF[attempt.action.type]:
        return False
    entity, named = entity_of(record.type, record.payload), attempt.named
    if attempt.action.type in OF_THE_USER:
        named = attempt.lifetime.session.user_id
    return entity is not None and entity[1] == named and misfit(attempt, record) is None


# -- who may have done it ----------------------------------------------------------------------------


def may_have_acted(trace: Trace, user_id: str, record: Record) -> bool:
    """Whether a user sent an action before an event that may have caused it.

    True for users of whom the kit sends nothing, since others may act for them.
    """
    index = trace.view(_earliest)
    if user_id not in index.users or record.type not in KNOWN_EVENTS:
        return True
    entity = entity_of(record.type, record.payload)
    named = entity[1] if entity is not None else None
    keys = (
        (user_id, record.type, None),
        (user_id, record.type, named),
        (user_id, ANY_EVENT, None),
    )
    if any(index.first.get(key, record.n) < record.n for key in keys):
        return True
    return may_have_been_read(trace, user_id, record.n)


@dataclass(slots=True)
class _Earliest:
    """When each user first sent an action that may cause an event of a type about an entity."""

    users: set[str] = field(default_factory=set[str])
    first: dict[tuple[str, str, str | None], int] = field(
        default_factory=dict[tuple[str, str, "str | None"], int]
    )


def _earliest(trace: Trace) -> _Earliest:
    found = _Earliest({lifetime.session.user_id for lifetime in lifetimes(trace)})
    for (user_id, _, _), attempt in attempts(trace).items():
        request = attempt.action
        types = EVENTS_OF.get(request.type) if attempt.one_body else None
        if types and request.type in ACTIONS:
            types = types.union(ACTIONS[request.type].reveals)
        # A user's own change shows in what is named otherwise, such as the articles it wrote.
        anything = types is None or request.type in OF_THE_USER
        for type_ in (ANY_EVENT,) if types is None else types:
            key = (user_id, type_, None if anything else attempt.named)
            found.first[key] = min(found.first.get(key, request.n), request.n)
    return found
