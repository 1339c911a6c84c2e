"""Outcomes of actions: acks, nacks, copies that are sent again."""

import json
from dataclasses import replace
from typing import Any

from omnisession_client import ending, outbox, reading
from omnisession_client.effects import SetTimer, Step
from omnisession_client.values import Refused, State
from omnisession_client_faults import memory
from omnisession_client_faults.faults import fault
from omnisession_reference.wire import JsonObject


def _number(state: State, data: JsonObject) -> int | None:
    """The number of the own action that an outcome is of; None where it is of none."""
    named = {one.doing.action_id: one.number for one in state.pending}
    if state.under_way is not None:
        named[state.under_way.action_id] = state.under_way.number
    return named.get(str(data.get("action_id")))


def _is_final_nack(state: State, type_: str, data: JsonObject) -> bool:
    ours = _number(state, data) is not None
    return ours and type_ == "action.nack" and not reading.failure(data).retryable


def _is_retryable(state: State, type_: str, data: JsonObject) -> bool:
    ours = _number(state, data) is not None
    return ours and type_ == "action.nack" and reading.failure(data).retryable


@fault("leaves-at-a-nack", breaks="HYB-006", replaces="acting.outcome")
def leaves(original: Any, state: State, type_: str, data: JsonObject) -> Step:
    """An action that is refused for good ends its session, and another one is opened."""
    after, effects = original(state, type_, data)
    if not _is_final_nack(state, type_, data):
        return after, effects
    left = ending.leave(after)
    return left[0], (*effects, *left[1])


@fault("gives-no-number-to-a-nack", breaks="HYB-006", replaces="acting.outcome")
def no_number(original: Any, state: State, type_: str, data: JsonObject) -> Step:
    """The number of an action that was refused for good is used again."""
    after, effects = original(state, type_, data)
    number = _number(state, data)
    if _is_final_nack(state, type_, data) and number is not None:
        after = replace(after, next_number=number)
    return after, effects


@fault("gives-no-number-to-the-second-nack", breaks="HYB-006", replaces="outbox.outcome")
def no_second_number(original: Any, state: State, type_: str, data: JsonObject) -> Step:
    """After two nacks in a row the number of the last is used again."""
    after, effects = original(state, type_, data)
    kept = memory.of(state)
    if state.under_way is not None and after.under_way is None:
        in_row = kept.get("nacks", 0) + 1 if _is_final_nack(state, type_, data) else 0
        kept["nacks"] = in_row
        if in_row == 2:
            after = replace(after, next_number=state.under_way.number)
    return after, effects


@fault("sends-again-what-was-refused", breaks="HYB-006", replaces="outbox.outcome")
def again(original: Any, state: State, type_: str, data: JsonObject) -> Step:
    """An action that was refused for good is sent again."""
    if _is_final_nack(state, type_, data):
        return outbox.later(state)
    return original(state, type_, data)


@fault("stops-at-a-nack", breaks="HYB-006", replaces="outbox.outcome")
def stops(original: Any, state: State, type_: str, data: JsonObject) -> Step:
    """An action that was refused for good stays under way, and no other one is sent."""
    return (state, ()) if _is_final_nack(state, type_, data) else original(state, type_, data)


@fault("leaves-two-numbers-to-a-nack", breaks="HYB-006", replaces="acting.outcome")
def two_numbers(original: Any, state: State, type_: str, data: JsonObject) -> Step:
    """The number behind that of an action that was refused for good is left out."""
    after, effects = original(state, type_, data)
    if _is_final_nack(state, type_, data):
        after = replace(after, next_number=after.next_number + 1)
    return after, effects


@fault("numbers-what-is-tried-again", breaks="HYB-006", replaces="outbox.outcome")
def numbers_again(original: Any, state: State, type_: str, data: JsonObject) -> Step:
    """An action whose nack takes no number is sent under the next one."""
    after, effects = original(state, type_, data)
    under_way = after.under_way
    if not _is_retryable(state, type_, data) or under_way is None:
        return after, effects
    number = under_way.number + 1
    body = json.dumps({**json.loads(under_way.body), "client_seq": number}).encode()
    return replace(after, under_way=replace(under_way, number=number, body=body)), effects


def _rewritten(original: Any, state: State, **members: Any) -> Step:
    """Publish, and change some members where it is a copy."""
    under_way = state.under_way
    if under_way is not None and memory.of(state).get("sent") == under_way.action_id:
        body = json.dumps({**json.loads(under_way.body), **members}).encode()
        state = replace(state, under_way=replace(under_way, body=body))
    memory.of(state)["sent"] = None if under_way is None else under_way.action_id
    return original(state)


@fault("writes-copies-anew", breaks="HYB-007", replaces="outbox.publish")
def writes_anew(original: Any, state: State) -> Step:
    """A copy of an action has the time of the copy."""
    return _rewritten(original, state, timestamp=state.now_ms + 1)


@fault("marks-its-copies", breaks="HYB-007", replaces="outbox.publish")
def marks(original: Any, state: State) -> Step:
    """A copy of an action says that it is one."""
    return _rewritten(original, state, retry=True)


@fault("never-repeats-the-silent", breaks="HYB-007", replaces="outbox.rang")
def never_the_silent(original: Any, state: State, timer: str) -> Step:
    """An action without an outcome is not sent again: only a nack is."""
    return (state, ()) if timer == outbox.OUTCOME else original(state, timer)


@fault("repeats-the-silent-once", breaks="HYB-007", replaces="outbox.rang")
def once(original: Any, state: State, timer: str) -> Step:
    """An action without an outcome is sent again once, and then waited for."""
    if timer == outbox.OUTCOME and state.under_way is not None and state.under_way.copies > 1:
        return state, ()
    return original(state, timer)


@fault("never-repeats-the-nacked", breaks="HYB-007", replaces="acting.outcome")
def never_the_nacked(original: Any, state: State, type_: str, data: JsonObject) -> Step:
    """A retryable nack is noted, and nothing follows."""
    if not _is_retryable(state, type_, data):
        return original(state, type_, data)
    after, effects = original(state, type_, data)
    return after, tuple(effect for effect in effects if not isinstance(effect, SetTimer))


@fault("repeats-at-once-what-was-nacked", breaks="HYB-007", replaces="outbox.later")
def at_once(_original: Any, state: State, _least_ms: int = 0) -> Step:
    """An action is sent again without a wait."""
    return outbox.publish(state)


@fault("repeats-before-it-may", breaks="HYB-007", replaces="outbox.later")
def before(original: Any, state: State, _least_ms: int = 0) -> Step:
    """An action is sent again before its retry_after_ms is over."""
    return original(state, 0)


@fault("repeats-within-retry-after", breaks="HYB-007", replaces="outbox.later")
def within(original: Any, state: State, least_ms: int = 0) -> Step:
    """An action is sent again at a random time before its retry_after_ms is over."""
    after, effects = original(state, least_ms)
    if not least_ms:
        return after, effects
    drawn = SetTimer(outbox.RESEND, 0, least_ms)
    return after, tuple(drawn if isinstance(e, SetTimer) else e for e in effects)


@fault("repeats-by-a-new-connection", breaks="HYB-007", replaces="outbox.lost")
def by_a_new_connection(original: Any, state: State) -> Step:
    """A new connection is taken for a sign that retry_after_ms is over."""
    after, effects = original(state)
    under_way = after.under_way
    if under_way is not None:
        after = replace(after, under_way=replace(under_way, status="due"))
    return after, effects


@fault("forgets-actions-over-a-cut", breaks="HYB-007", replaces="outbox.lost")
def forgets(original: Any, state: State) -> Step:
    """An action that was under way when the connection was lost is not sent again, nor told."""
    after, effects = original(state)
    number = after.under_way.number + 1 if after.under_way else after.next_number
    return replace(after, under_way=None, next_number=number), effects


@fault("forgets-actions-in-a-recovery", breaks="HYB-007", replaces="outbox.due")
def forgets_in_a_recovery(original: Any, state: State) -> Step:
    """A copy whose time comes during a recovery is not sent."""
    return original(state) if state.phase == "live" else (state, ())


@fault("gives-up-without-a-word", breaks="HYB-007", replaces="outbox.rang")
def gives_up(original: Any, state: State, timer: str) -> Step:
    """An action without an outcome is given up, and the next one has its number."""
    if timer == outbox.OUTCOME and state.under_way is not None:
        return replace(state, under_way=None, next_number=state.under_way.number), ()
    return original(state, timer)


@fault("takes-duplicate-for-a-nack", breaks="HYB-010", replaces="acting.outcome")
def for_a_nack(original: Any, state: State, type_: str, data: JsonObject) -> Step:
    """An ack with the status `duplicate` is told as a failure."""
    after, effects = original(state, type_, data)
    if _number(state, data) is not None and data.get("status") == "duplicate":
        told = Refused(str(data["action_id"]), code=4092)
        after = replace(after, refused=(*after.refused, told))
    return after, effects


@fault("takes-duplicate-for-nothing", breaks="HYB-010", replaces="outbox.outcome")
def for_nothing(original: Any, state: State, type_: str, data: JsonObject) -> Step:
    """An ack with the status `duplicate` is no outcome, and the action is sent again."""
    return (state, ()) if data.get("status") == "duplicate" else original(state, type_, data)


@fault("takes-duplicate-for-a-number-in-use", breaks="HYB-010", replaces="outbox.outcome")
def for_a_number(original: Any, state: State, type_: str, data: JsonObject) -> Step:
    """After an ack with the status `duplicate` the next action has the same number."""
    after, effects = original(state, type_, data)
    number = _number(state, data)
    if data.get("status") == "duplicate" and number is not None:
        after = replace(after, next_number=number)
    return after, effects


@fault("is-stuck-after-a-duplicate", breaks="HYB-010", replaces="outbox.outcome")
def stuck(original: Any, state: State, type_: str, data: JsonObject) -> Step:
    """After an ack with the status `duplicate` no action is taken any more."""
    duplicate = data.get("status") == "duplicate" and state.under_way is not None
    if not duplicate:
        return original(state, type_, data)
    _, effects = original(state, type_, data)
    return state, effects
