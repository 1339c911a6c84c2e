"""Actions, one at a time: the next one is taken when the outcome of the one before is known.

A client that keeps nothing pending shows nothing of its own, so there is nothing to carry into another
session: what has no outcome is given up there, and the user is told.
"""

from dataclasses import replace

from omnisession_client import asking, bodies, reading, refusing
from omnisession_client.effects import CancelTimer, Publish, SetTimer, Step, Taken
from omnisession_client.messages import Dispatched
from omnisession_client.values import Refused, State, UnderWay
from omnisession_reference.wire import JsonObject

OUTCOME, RESEND = "outcome", "resend"
# With outcomes that stay away, the last of them leaves after about two minutes.
MOST_COPIES = 16


def dispatch(state: State, action: Dispatched) -> Step:
    """Send an action, or refuse it here."""
    body = bodies.action(state, action.action_id, action.type, action.data, action.expect)
    if reason := refusing.refusal(state, action, body):
        return refusing.refused(state, action, reason)
    subject = bodies.actions_subject(state)
    under_way = UnderWay(action.action_id, state.next_number, subject, body or b"")
    state, effects = publish(replace(state, under_way=under_way))
    return state, (*effects, Taken(action.action_id, None))


def not_now(state: State) -> str | None:
    """Why no action at all can be taken, if so."""
    if state.phase == "closed":
        return "closed"
    if state.phase != "live":
        return "not_live"
    return "busy" if state.under_way is not None else None


def publish(state: State) -> Step:
    """Send the action under way; each copy has the same bytes."""
    under_way = state.under_way
    if under_way is None:
        return state, ()
    wait_ms = state.config.timings.outcome_ms
    state = replace(state, under_way=replace(under_way, status="sent"))
    sent = Publish(under_way.subject, under_way.body)
    return state, (sent, SetTimer(OUTCOME, wait_ms, wait_ms), asking.next_ping(state))


def outcome(state: State, type_: str, data: JsonObject) -> Step:
    """An ack or a nack came: final, or to be tried again."""
    under_way = state.under_way
    if under_way is None or data.get("action_id") != under_way.action_id:
        return state, ()
    if type_ == "action.ack":
        return done(state, data)
    failure = reading.failure(data)
    if failure.retryable:
        return later(state, failure.retry_after_ms)
    return done(refusing.told(state, Refused(under_way.action_id, code=failure.code)), data)


def done(state: State, data: JsonObject) -> Step:
    """The action has its number, be it refused: the next one gets the next."""
    under_way, at = state.under_way, reading.position(data.get("position"))
    used = max(under_way.number if under_way else 0, at.last_action_seq if at else 0)
    state = replace(state, under_way=None, next_number=used + 1)
    return state, (CancelTimer(OUTCOME), CancelTimer(RESEND))


def later(state: State, least_ms: int = 0) -> Step:
    """Send the action again after a random wait, and not before the server wants it."""
    under_way = state.under_way
    if under_way is None:
        return state, ()
    bound = asking.bound_ms(state, under_way.copies - 1)
    waiting = replace(under_way, copies=under_way.copies + 1, status="waiting")
    timer = SetTimer(RESEND, least_ms, least_ms + bound)
    return replace(state, under_way=waiting), (CancelTimer(OUTCOME), timer)


def rang(state: State, timer: str) -> Step:
    """No outcome came in time, or the wait before the next copy is over."""
    if timer == RESEND:
        return due(state)
    return later(state) if state.phase == "live" else (_due(state), ())


def exhausted(state: State) -> bool:
    """Whether so many copies had no outcome that another session may do better."""
    return state.under_way is not None and state.under_way.copies > MOST_COPIES


def is_above(state: State) -> bool:
    """Whether the broker takes less by now than the action under way has."""
    return state.under_way is not None and len(state.under_way.body) > state.max_payload


def due(state: State) -> Step:
    """Send the next copy as soon as the session is live."""
    return publish(state) if state.phase == "live" else (_due(state), ())


def lost(state: State) -> Step:
    """The connection is gone, and with it perhaps the action or its outcome."""
    sent = state.under_way is not None and state.under_way.status == "sent"
    return _due(state) if sent else state, (CancelTimer(OUTCOME),)


def live(state: State) -> Step:
    """The session is live again: send what is due."""
    is_due = state.under_way is not None and state.under_way.status == "due"
    return publish(state) if is_due and state.phase == "live" else (state, ())


def given_up(state: State) -> Step:
    """Tell the user that nobody knows what became of the action."""
    if state.under_way is None:
        return state, ()
    told = refusing.told(state, Refused(state.under_way.action_id, reason="given_up"))
    return replace(told, under_way=None), (CancelTimer(OUTCOME), CancelTimer(RESEND))


def _due(state: State) -> State:
    if state.under_way is None:
        return state
    return replace(state, under_way=replace(state.under_way, status="due"))
