"""The numbers of actions."""

from dataclasses import replace
from itertools import count
from typing import Any

from omnisession_client import reading, stream
from omnisession_client.effects import Step
from omnisession_client.messages import Dispatched
from omnisession_client.values import Place, Position, State
from omnisession_client_faults import memory
from omnisession_client_faults.faults import fault
from omnisession_client_faults.places import replacing
from omnisession_reference.wire import JsonObject

_NUMBERS = count(1)


def _numbered(step: Step, number: int) -> Step:
    return replace(step[0], next_number=number), step[1]


@fault("numbers-from-zero", breaks="HYB-001", replaces="bodies.action")
def from_zero(original: Any, state: State, *rest: Any) -> bytes | None:
    """Numbers are those of the actions that were done, not of the next."""
    return original(replace(state, next_number=max(state.next_number - 1, 1)), *rest)


@fault("numbers-from-one", breaks="HYB-001", replaces="answers.opened")
def from_one(original: Any, state: State, at: Position, data: JsonObject) -> Step:
    """The first action has the number 1, whatever last_action_seq the session was opened with."""
    return _numbered(original(state, at, data), 1)


@fault("numbers-in-32-bits", breaks="HYB-001", replaces="answers.opened")
def in_32_bits(original: Any, state: State, at: Position, data: JsonObject) -> Step:
    """Of the last_action_seq that a session was opened with the lower 32 bits count."""
    return _numbered(original(state, at, data), (at.last_action_seq & 0xFFFF_FFFF) + 1)


@fault("numbers-for-the-process", breaks="HYB-001", replaces="outbox.dispatch")
def for_the_process(original: Any, state: State, action: Dispatched) -> Step:
    """Actions are numbered through all sessions of the process."""
    if state.phase == "live" and state.under_way is None:
        state = replace(state, next_number=next(_NUMBERS))
    return original(state, action)


@fault("numbers-by-type", breaks="HYB-001", replaces="outbox.dispatch")
def by_type(original: Any, state: State, action: Dispatched) -> Step:
    """Actions of each type are numbered by themselves."""
    name = f"{state.session_id} {action.type}"
    number = memory.of(state).get(name, 0) + 1
    after, effects = original(replace(state, next_number=number), action)
    if after.under_way is not None and state.under_way is None:
        memory.of(state)[name] = number
    return after, effects


@fault("leaves-a-number-out", breaks="HYB-001", replaces="outbox.done")
def leaves_out(original: Any, state: State, data: JsonObject) -> Step:
    """After its third action a client leaves a number out."""
    after, effects = original(state, data)
    if memory.count(state, "done") == 3:
        after = replace(after, next_number=after.next_number + 1)
    return after, effects


@fault("numbers-anew-after-a-recovery", breaks="HYB-001", replaces="recovery.answered")
def anew(original: Any, state: State, goal: Place | None) -> State:
    """After a recovery the numbers go on from the position, whatever was sent beyond it."""
    after = original(state, goal)
    return replace(after, next_number=state.counted + 1) if state.opened is not None else after


@replacing("outbox.done")
def _notes_the_next(original: Any, state: State, data: JsonObject) -> Step:
    after, effects = original(state, data)
    memory.of(state)["next"] = after.next_number
    return after, effects


@fault("numbers-on-in-a-new-session", _notes_the_next, breaks="HYB-001", replaces="answers.opened")
def on(original: Any, state: State, at: Position, data: JsonObject) -> Step:
    """A new session goes on with the numbers of the one before."""
    kept = memory.of(state)
    after, effects = original(state, at, data)
    after = replace(after, next_number=max(kept.get("next", 1), after.next_number))
    return after, effects


@fault("counts-the-cause-of-others", breaks="HYB-004", replaces="stream.next_one")
def cause_of_others(original: Any, state: State, body: JsonObject, place: Place) -> Step:
    """The client_seq in the cause of an event is counted, whatever session it is of."""
    after, effects = original(state, body, place)
    cause = reading.mapping(body.get("cause")) or {}
    return stream.counted(after, reading.number(cause.get("client_seq"))), effects


@fault("numbers-on-from-a-cause", breaks="HYB-004", replaces="stream.next_one")
def from_a_cause(original: Any, state: State, body: JsonObject, place: Place) -> Step:
    """The next action has the number behind that of any event's cause, whatever session it is of."""
    after, effects = original(state, body, place)
    cause = reading.mapping(body.get("cause")) or {}
    number = (reading.number(cause.get("client_seq")) or 0) + 1
    return replace(after, next_number=max(after.next_number, number)), effects


@fault("takes-a-cause-for-its-outcome", breaks="HYB-004", replaces="stream.next_one", mode="pure")
def for_its_outcome(original: Any, state: State, body: JsonObject, place: Place) -> Step:
    """An event whose cause has the number of the own action is taken for its ack."""
    after, effects = original(state, body, place)
    cause = reading.mapping(body.get("cause")) or {}
    if after.under_way is None or cause.get("client_seq") != after.under_way.number:
        return after, effects
    return replace(after, under_way=None, next_number=after.under_way.number + 1), effects
