"""How long an action is pending: too short, or too long."""

from dataclasses import replace
from typing import Any

from omnisession_client import reading, stream
from omnisession_client.effects import Step
from omnisession_client.pending.lists import find, put, without
from omnisession_client.pushes import OUTCOMES
from omnisession_client.values import Pending, Place, Position, State
from omnisession_client_faults import memory
from omnisession_client_faults.faults import fault
from omnisession_client_faults.places import replacing
from omnisession_reference.wire import JsonObject

UNKNOWN = 5040


def _counted_up_to(state: State, number: int) -> State:
    """Drop what has a number up to this one."""
    rest = (one for one in state.pending if one.number is None or one.number > number)
    return replace(state, pending=tuple(rest))


@fault("drops-at-the-ack", breaks="HYB-002", replaces="pending.outcomes.acked")
def at_the_ack(original: Any, state: State, one: Pending, data: JsonObject) -> Step:
    """An action is no longer pending once its ack is there, wherever the client is."""
    after, effects = original(state, one, data)
    return without(after, one), effects


@fault("drops-what-is-older-than-an-ack", breaks="HYB-002", replaces="pending.outcomes.acked")
def older_than_an_ack(original: Any, state: State, one: Pending, data: JsonObject) -> Step:
    """An ack ends all actions with a lower number, wherever the client is."""
    after, effects = original(state, one, data)
    return _counted_up_to(after, (one.number or 1) - 1), effects


@fault("drops-by-any-head", breaks="HYB-002", replaces="pending.settling.ahead")
def by_any_head(original: Any, state: State, at: Position) -> State:
    """An action is no longer pending once any head counts it, though the client is not there yet."""
    return _counted_up_to(original(state, at), at.last_action_seq)


@fault("drops-at-its-event", breaks="HYB-002", replaces="pending.seeing.seen")
def at_its_event(original: Any, state: State, body: JsonObject) -> State:
    """An action is no longer pending once an event names it as its cause, though that does not count it."""
    after = original(state, body)
    cause = reading.mapping(body.get("cause")) or {}
    one = find(after, cause.get("action_id"))
    return after if one is None else without(after, one)


@fault("drops-when-it-sends", breaks="HYB-002", replaces="pending.sending.waits_on")
def when_it_sends(original: Any, state: State) -> Step:
    """An action that was sent is no longer pending once its session is live without a wait."""
    after, effects = original(state)
    rest = tuple(one for one in after.pending if one.status in ("due", "waiting"))
    return replace(after, pending=rest), effects


@fault("waits-for-each-ack", breaks="HYB-002", replaces="pending.settling.is_counted")
def waits_for_each_ack(original: Any, state: State, one: Pending) -> bool:
    """An action that the position counts stays pending until its ack comes."""
    return original(state, one) and one.status == "acked"


@fault("drops-the-one-that-is-named", breaks="HYB-002", replaces="pending.settling.is_counted")
def the_one_that_is_named(original: Any, state: State, one: Pending) -> bool:
    """Of several actions that a position counts at once only the last is no longer pending."""
    return original(state, one) and one.number == state.counted


@fault("keeps-what-was-refused", breaks="HYB-002", replaces="pending.outcomes.refused")
def keeps_what_was_refused(original: Any, state: State, one: Pending, code: int) -> Step:
    """An action that got a final nack is told, and stays pending until the position counts it."""
    after, effects = original(state, one, code)
    kept = put(state, replace(one, status="acked"))
    return replace(after, pending=kept.pending), effects


@fault("hears-no-nack-of-what-is-counted", breaks="HYB-015", replaces="pending.outcomes.late")
def of_what_is_counted(_original: Any, state: State, _data: JsonObject, _code: int) -> State:
    """A final nack for an action that the position has counted is not told."""
    return state


@fault("forgets-all-at-a-nack", breaks="HYB-002", replaces="pending.outcomes.refused")
def all_at_a_nack(original: Any, state: State, one: Pending, code: int) -> Step:
    """A final nack for one action ends all that are pending."""
    after, effects = original(state, one, code)
    return replace(after, pending=()), effects


@fault("forgets-what-was-told-ahead", breaks="HYB-002", replaces="pending.settling.ahead")
def told_ahead(_original: Any, state: State, _at: Position) -> State:
    """A position that was told before the client came there does not count when it does."""
    return state


@fault("hears-no-count-of-outcomes", breaks="HYB-002", replaces="pushes.taken")
def of_outcomes(original: Any, state: State, body: JsonObject) -> Step:
    """The position of an outcome counts nothing."""
    data = reading.mapping(body.get("data"))
    if data is not None and body.get("type") in OUTCOMES:
        body = {**body, "data": {**data, "position": None}}
    return original(state, body)


@fault("hears-no-count-of-states", breaks="HYB-002", replaces="stream.next_one")
def of_states(original: Any, state: State, body: JsonObject, place: Place) -> Step:
    """The last_action_seq of a state counts nothing: only that of an event does."""
    if body.get("type") == stream.STATE:
        body = {**body, "last_action_seq": None}
    return original(state, body, place)


@fault("hears-no-count-of-events", breaks="HYB-002", replaces="stream.next_one")
def of_events(original: Any, state: State, body: JsonObject, place: Place) -> Step:
    """The last_action_seq of an event counts nothing: only that of a state does."""
    if body.get("type") != stream.STATE:
        body = {**body, "last_action_seq": None}
    return original(state, body, place)


@fault("hears-no-count-of-answers", breaks="HYB-002", replaces="answers.resumed")
def of_answers(original: Any, state: State, at: Position, data: JsonObject) -> Step:
    """The last_action_seq of an answer to a resume counts nothing."""
    return original(state, at._replace(last_action_seq=state.counted), data)


@fault("hears-no-count-of-replays", breaks="HYB-002", replaces="answers.replayed")
def of_replays(original: Any, state: State, at: Position, messages: list[object]) -> Step:
    """The last_action_seq of an answer with messages counts nothing: only those of its messages do."""
    return original(state, at._replace(last_action_seq=0), messages)


@fault("hears-no-count-of-heads", breaks="HYB-002", replaces="pushes.heartbeat")
def of_heads(original: Any, state: State, at: Position) -> Step:
    """The last_action_seq of a heartbeat counts nothing."""
    return original(state, at._replace(last_action_seq=state.counted))


@replacing("pending.settling.settled")
def _keeps_what_is_done(original: Any, state: State) -> Step:
    after, effects = original(state)
    kept = memory.of(state)
    left = {one.doing.action_id for one in after.pending}
    gone = tuple(one for one in state.pending if one.doing.action_id not in left)
    kept["done"] = (*kept.get("done", ()), *gone)
    return after, effects


@fault(
    "takes-done-ones-along",
    _keeps_what_is_done,
    breaks="HYB-002",
    replaces="pending.carrying.began",
)
def takes_done_ones_along(original: Any, state: State) -> State:
    """In each new session everything that was ever done is pending again."""
    done = memory.of(state).pop("done", ())
    return original(replace(state, pending=(*done, *state.pending)))


@fault("rolls-back-what-is-unknown", breaks="HYB-002", replaces="pending.outcomes.outcome")
def rolls_back(original: Any, state: State, type_: str, data: JsonObject) -> Step:
    """An action that got 5040 is no longer pending, and shown no longer."""
    after, effects = original(state, type_, data)
    one = find(after, data.get("action_id"))
    is_unknown = type_ == "action.nack" and reading.failure(data).code == UNKNOWN
    return (without(after, one) if one is not None and is_unknown else after), effects
