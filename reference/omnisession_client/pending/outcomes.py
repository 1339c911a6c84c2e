"""What becomes of pending actions: they stay until the client's place counts them, or a final nack."""

from dataclasses import replace

from omnisession_client import reading, refusing
from omnisession_client.effects import Step
from omnisession_client.pending import carrying, seeing, sending
from omnisession_client.pending.lists import find, no_timer, put, without
from omnisession_client.values import Pending, Refused, State
from omnisession_reference.wire import JsonObject

GAP = 4091


def outcome(state: State, type_: str, data: JsonObject) -> Step:
    """An ack or a nack came: final, or to be tried again."""
    failure = None if type_ == "action.ack" else reading.failure(data)
    one = find(state, data.get("action_id"))
    if one is None or one.number is None:
        final = failure is not None and not failure.retryable
        return (late(state, data, failure.code), ()) if failure and final else (state, ())
    state = carrying.known(state, one.sent_ms)
    if failure is None:
        return acked(state, one, data)
    if not failure.retryable:
        return refused(state, one, failure.code)
    if one.status == "acked":
        return state, ()
    step = sending.later(state, replace(one, gap=failure.code == GAP), failure.retry_after_ms)
    return step[0], (no_timer(one), *step[1])


def acked(state: State, one: Pending, data: JsonObject) -> Step:
    """The action is done; it stays until the client's place counts it."""
    made = seeing.made(one, reading.mapping(data.get("result")) or {})
    return put(state, replace(one, status="acked", made=made)), (no_timer(one),)


def refused(state: State, one: Pending, code: int) -> Step:
    """The action is refused for good: its number is used, and all others stay."""
    state = refusing.told(without(state, one), Refused(one.doing.action_id, code=code))
    return state, (no_timer(one),)


def late(state: State, data: JsonObject, code: int) -> State:
    """A final nack came for an action that is counted already: the user is told all the same."""
    action_id = str(data.get("action_id"))
    if action_id not in state.unheard:
        return state
    unheard = tuple(other for other in state.unheard if other != action_id)
    return refusing.told(replace(state, unheard=unheard), Refused(action_id, code=code))
