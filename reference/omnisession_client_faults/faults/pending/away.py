"""What becomes of pending actions when the client was away for long."""

from dataclasses import replace
from typing import Any

from omnisession_client.effects import Step
from omnisession_client.values import USUAL_RESUME_WINDOW_MS, Pending, State
from omnisession_client_faults import memory
from omnisession_client_faults.faults import fault
from omnisession_client_faults.places import replacing
from omnisession_reference.wire import JsonObject


def _lost(before: State, after: State) -> tuple[Pending, ...]:
    """What was given up in between."""
    left = {one.doing.action_id for one in after.pending}
    return tuple(one for one in before.pending if one.doing.action_id not in left)


@fault("takes-all-along-however-late", breaks="HYB-019", replaces="pending.carrying.opened")
def however_late(_original: Any, state: State) -> State:
    """What was pending comes along into a new session, however long the client was away."""
    return state


@fault("gives-up-the-oldest", breaks="HYB-019", replaces="pending.carrying.opened")
def the_oldest(original: Any, state: State) -> State:
    """Of what nobody may remember only the first is given up, and the others come along."""
    after: State = original(state)
    return replace(after, pending=(*_lost(state, after)[1:], *after.pending))


@fault("does-again-under-new-ids", breaks="HYB-019", replaces="pending.carrying.opened")
def under_new_ids(original: Any, state: State) -> State:
    """What nobody may remember is told as given up, and sent all the same under new ids."""
    after: State = original(state)
    lost = (
        replace(one, doing=replace(one.doing, action_id=f"{one.doing.action_id}-2"))
        for one in _lost(state, after)
    )
    return replace(after, pending=(*lost, *after.pending))


@fault("takes-creates-for-harmless", breaks="HYB-019", replaces="pending.carrying.is_harmless")
def for_harmless(original: Any, one: Pending) -> bool:
    """What makes something is taken for what may be done twice."""
    return original(one) or one.doing.type.endswith((".create", ".send"))


def _known_for(original: Any, state: State, sent_ms: int, factor: int, more_ms: int = 0) -> State:
    after: State = original(state, sent_ms)
    if after.known_ms is None or after.known_ms == state.known_ms:
        return after
    return replace(after, known_ms=sent_ms + (after.known_ms - sent_ms) * factor + more_ms)


@fault("reckons-twice-the-time", breaks="HYB-019", replaces="pending.carrying.known")
def twice(original: Any, state: State, sent_ms: int) -> State:
    """What is pending is given up after twice the time for which outcomes are known."""
    return _known_for(original, state, sent_ms, 2)


@fault("reckons-with-the-usual-window", breaks="HYB-019", replaces="pending.carrying.known")
def the_usual_window(original: Any, state: State, sent_ms: int) -> State:
    """The time for which outcomes are known is reckoned with the usual window, not the server's."""
    return _known_for(original, state, sent_ms, 1, USUAL_RESUME_WINDOW_MS)


@fault("reckons-from-its-new-connection", breaks="HYB-019", replaces="update.ready")
def from_its_new_connection(original: Any, state: State) -> Step:
    """A new connection is taken for a message that was answered."""
    if state.known_ms is not None:
        state = replace(state, known_ms=state.known_ms + state.steady_ms)
    return original(state)


@fault("reckons-from-outcomes-alone", breaks="HYB-019", replaces="acting.answered")
def from_outcomes(_original: Any, state: State) -> State:
    """Only with an outcome the client begins to reckon for how long outcomes are known."""
    return state


@fault("says-nothing-of-what-it-gave-up", breaks="HYB-015", replaces="pending.carrying.opened")
def says_nothing(original: Any, state: State) -> State:
    """What nobody may remember is dropped without a word."""
    return replace(original(state), refused=state.refused)


@replacing("pending.carrying.opened")
def _keeps_what_it_gave_up(original: Any, state: State) -> State:
    after: State = original(state)
    kept = memory.of(state)
    kept["lost"] = (*kept.get("lost", ()), *_lost(state, after))
    return after


@fault("shows-what-it-gave-up", _keeps_what_it_gave_up, breaks="HYB-011", replaces="view.view")
def shows(original: Any, state: State) -> dict[str, JsonObject]:
    """What nobody may remember is told as given up, and shown for ever."""
    return original(replace(state, pending=(*memory.of(state).get("lost", ()), *state.pending)))


@fault("lists-what-it-gave-up", _keeps_what_it_gave_up, breaks="HYB-019", replaces="report.report")
def lists(original: Any, state: State) -> JsonObject:
    """What nobody may remember is told as given up, and stays on the list of what is pending."""
    told: JsonObject = original(state)
    lost: tuple[Pending, ...] = memory.of(state).get("lost", ())
    named = [{"action_id": one.doing.action_id, "client_seq": None} for one in lost]
    return {**told, "pending": [*named, *(told["pending"] or ())]}
