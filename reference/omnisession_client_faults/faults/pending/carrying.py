"""What comes along into a new session."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from omnisession_client import refusing
from omnisession_client.values import Pending, Refused, State
from omnisession_client_faults import memory
from omnisession_client_faults.faults import fault
from omnisession_client_faults.places import replacing
from omnisession_reference.wire import encode


def _only(original: Any, state: State, some: Iterable[Pending]) -> State:
    """Begin a session with some of what was pending."""
    return original(replace(state, pending=tuple(some)))


def _changed(original: Any, state: State, change: Callable[[Pending], dict[str, Any]]) -> State:
    """Begin a session with other members of what the user did."""
    changed = (replace(one, doing=replace(one.doing, **change(one))) for one in state.pending)
    return _only(original, state, changed)


@fault("takes-nothing-along", breaks="HYB-009", replaces="pending.carrying.began")
def nothing(original: Any, state: State) -> State:
    """What was pending ends with its session, and nobody is told."""
    return _only(original, state, ())


@fault("gives-up-with-its-session", breaks="HYB-009", replaces="pending.carrying.began")
def gives_up(original: Any, state: State) -> State:
    """What was pending is given up with its session, and told."""
    for one in state.pending:
        state = refusing.told(state, Refused(one.doing.action_id, reason="given_up"))
    return _only(original, state, ())


@fault("takes-the-oldest-along", breaks="HYB-009", replaces="pending.carrying.began")
def the_oldest(original: Any, state: State) -> State:
    """Only the first of the pending actions comes along into a new session."""
    return _only(original, state, state.pending[:1])


@fault("takes-the-newest-along", breaks="HYB-009", replaces="pending.carrying.began")
def the_newest(original: Any, state: State) -> State:
    """Only the last of the pending actions comes along into a new session."""
    return _only(original, state, state.pending[-1:])


@fault("takes-along-from-the-last", breaks="HYB-009", replaces="pending.carrying.began")
def from_the_last(original: Any, state: State) -> State:
    """What comes along into a new session is numbered from the last to the first."""
    return _only(original, state, reversed(state.pending))


@fault("takes-along-what-had-no-ack", breaks="HYB-009", replaces="pending.carrying.began")
def no_ack(original: Any, state: State) -> State:
    """What was acked, and is not counted yet, does not come along into a new session."""
    return _only(original, state, (one for one in state.pending if one.status != "acked"))


@fault("takes-along-what-was-sent", breaks="HYB-009", replaces="pending.carrying.began")
def what_was_sent(original: Any, state: State) -> State:
    """What was never sent in the old session does not come along into a new one."""
    return _only(original, state, (one for one in state.pending if one.left))


@fault("takes-along-what-was-never-sent", breaks="HYB-009", replaces="pending.carrying.began")
def never_sent(original: Any, state: State) -> State:
    """What was sent in the old session does not come along into a new one, for fear to do it twice."""
    return _only(original, state, (one for one in state.pending if not one.left))


@fault("takes-along-once", breaks="HYB-009", replaces="pending.carrying.began")
def once(original: Any, state: State) -> State:
    """What came along into a new session does not come along into the next one."""
    sent = memory.of(state).setdefault("along", set[str]())
    rest = [one for one in state.pending if one.doing.action_id not in sent]
    sent.update(one.doing.action_id for one in rest)
    return _only(original, state, rest)


@fault("takes-along-without-expect", breaks="HYB-009", replaces="pending.carrying.began")
def without_expect(original: Any, state: State) -> State:
    """What comes along into a new session has no `expect` there."""
    return _changed(original, state, lambda _: {"expect": None})


@fault("takes-along-under-new-ids", breaks="HYB-009", replaces="pending.carrying.began")
def under_new_ids(original: Any, state: State) -> State:
    """What comes along into a new session has an action_id of its own there."""
    return _changed(original, state, lambda one: {"action_id": f"{one.doing.action_id}-2"})


@fault("marks-what-comes-along", breaks="HYB-009", replaces="pending.carrying.began")
def marks(original: Any, state: State) -> State:
    """The data of what comes along into a new session says so."""
    return _changed(original, state, lambda one: {"data": {**one.doing.data, "again": True}})


@fault("takes-its-numbers-along", breaks="HYB-009", replaces="pending.carrying.began")
def old_numbers(original: Any, state: State) -> State:
    """What comes along into a new session keeps its old number."""
    before = state.pending
    after = original(state)
    kept = (
        replace(
            one,
            number=old.number,
            body=encode({**json.loads(old.body), "session_id": state.session_id}),
        )
        if old.body
        else one
        for old, one in zip(before, after.pending, strict=True)
    )
    return replace(after, pending=tuple(kept))


@fault("takes-its-bodies-along", breaks="HYB-009", replaces="pending.carrying.began")
def old_bodies(original: Any, state: State) -> State:
    """What comes along into a new session is sent there as the bytes that the old one had."""
    before = state.pending
    after = original(state)
    kept = (
        replace(one, number=old.number, body=old.body)
        for old, one in zip(before, after.pending, strict=True)
    )
    return replace(after, pending=tuple(kept))


@replacing("pending.carrying.began")
def _notes_where_it_was(original: Any, state: State) -> State:
    before = {json.loads(one.body)["session_id"] for one in state.pending if one.body}
    memory.of(state).update(before=next(iter(before), None))
    return original(state)


@fault(
    "names-the-old-session",
    _notes_where_it_was,
    breaks="HYB-009",
    replaces="pending.sending._numbered",
)
def the_old_session(original: Any, state: State, one: Pending) -> State:
    """What comes along into a new session has its new number, and names the old session."""
    after: State = original(state, one)
    before = memory.of(state).get("before")
    if not one.left or before is None:
        return after
    named = (
        replace(other, body=encode({**json.loads(other.body), "session_id": before}))
        if other.doing is one.doing and other.body
        else other
        for other in after.pending
    )
    return replace(after, pending=tuple(named))


@fault("reckons-with-the-window-alone", breaks="HYB-009", replaces="pending.carrying.known")
def window_alone(original: Any, state: State, sent_ms: int) -> State:
    """What is pending is given up once resume_window_ms are over, though outcomes are known for longer."""
    after: State = original(state, sent_ms)
    window_ms = USUAL_MS if state.opened is None else state.opened.resume_window_ms
    return replace(after, known_ms=sent_ms + window_ms)


USUAL_MS = 120_000
