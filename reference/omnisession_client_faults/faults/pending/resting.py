"""What stays pending, or in the view, when all is done."""

from dataclasses import replace
from typing import Any

from omnisession_client.effects import Step
from omnisession_client.pending.lists import find
from omnisession_client.values import Pending, State
from omnisession_client_faults import memory
from omnisession_client_faults.faults import fault
from omnisession_client_faults.parts import notes_duplicates, was_a_duplicate
from omnisession_client_faults.places import replacing
from omnisession_reference.wire import JsonObject


@replacing("pending.sending.rang")
def _sends_no_counted_one(original: Any, state: State, timer: str) -> Step:
    one = find(state, timer.removeprefix("outcome "))
    done = one is not None and one.number is not None and one.number <= state.counted
    return (state, ()) if done else original(state, timer)


@replacing("pending.sending.unanswered")
def _knows_that_they_are_done(original: Any, state: State) -> tuple[Pending, ...]:
    return tuple(one for one in original(state) if (one.number or 0) > state.counted)


@fault(
    "keeps-what-has-no-ack",
    _sends_no_counted_one,
    _knows_that_they_are_done,
    breaks="HYB-011",
    replaces="pending.settling.is_counted",
)
def no_ack(original: Any, state: State, one: Pending) -> bool:
    """An action whose ack was lost stays pending for ever, though the position counts it."""
    return original(state, one) and one.status == "acked"


@fault(
    "keeps-what-was-a-duplicate",
    notes_duplicates,
    breaks="HYB-011",
    replaces="pending.settling.is_counted",
)
def duplicates(original: Any, state: State, one: Pending) -> bool:
    """An action whose ack says `duplicate` stays pending for ever."""
    return original(state, one) and not was_a_duplicate(state, one)


@fault("waits-for-its-event", breaks="HYB-011", replaces="pending.settling.is_counted")
def waits_for_its_event(original: Any, state: State, one: Pending) -> bool:
    """An action stays pending until an event names it as its cause, though there may be none."""
    return original(state, one) and one.seen


@replacing("pending.settling.settled")
def _forgets_none(original: Any, state: State) -> Step:
    memory.of(state).setdefault("ever", {}).update(
        (one.doing.action_id, one) for one in state.pending
    )
    return original(state)


@fault("keeps-local-entries", _forgets_none, breaks="HYB-011", replaces="view.view")
def local_entries(original: Any, state: State) -> dict[str, JsonObject]:
    """What was created stays in the view as a local entry, beside the one that the server made."""
    refused = {one.action_id for one in state.refused}
    ever: dict[str, Pending] = memory.of(state).get("ever", {})
    kept = [one for one in ever.values() if one.doing.type.endswith((".create", ".send"))]
    there = {one.doing.action_id for one in state.pending} | refused
    gone = (replace(one, seen=False) for one in kept if one.doing.action_id not in there)
    return original(replace(state, pending=(*gone, *state.pending)))


@fault("draws-anew-for-its-own-actions", breaks="HYB-005", replaces="view.view")
def draws_anew(original: Any, state: State) -> dict[str, JsonObject]:
    """Once something was pending, the view is made anew when that changes, and not for others."""
    kept = memory.of(state)
    has = tuple(one.doing.action_id for one in state.pending)
    if kept.get("has", ()) != has:
        kept["has"], kept["shown"] = has, original(state)
    return kept.get("shown") or original(state)


@replacing("pending.outcomes.refused")
def _keeps_what_was_refused(original: Any, state: State, one: Pending, code: int) -> Step:
    memory.of(state).setdefault("refused", []).append(one)
    return original(state, one, code)


@fault("shows-what-was-refused", _keeps_what_was_refused, breaks="HYB-011", replaces="view.view")
def what_was_refused(original: Any, state: State) -> dict[str, JsonObject]:
    """What got a final nack is told, and shown for ever."""
    refused: list[Pending] = memory.of(state).get("refused", [])
    return original(replace(state, pending=(*refused, *state.pending)))
