"""A new epoch: the server begins anew."""

from dataclasses import replace
from typing import Any

from omnisession_client import reading
from omnisession_client.effects import Step
from omnisession_client.values import Place, Raw, State
from omnisession_client_faults import memory
from omnisession_client_faults.faults import fault
from omnisession_reference.wire import JsonObject


def _is_higher(state: State, place: Place) -> bool:
    return state.place is not None and place.epoch > state.place.epoch


@fault("ignores-new-epochs", breaks="CLI-009", replaces="stream.is_old")
def ignores_epochs(original: Any, state: State, place: Place) -> bool:
    """What comes in a higher epoch is dropped."""
    return _is_higher(state, place) or original(state, place)


@fault("takes-one-new-epoch", breaks="CLI-009", replaces="stream.is_old")
def takes_one_epoch(original: Any, state: State, place: Place) -> bool:
    """The first takeover of a session is followed, and no later one."""
    begun = memory.of(state).setdefault(state.session_id, state.place.epoch if state.place else 0)
    return place.epoch > begun + 1 or original(state, place)


@fault("begins-an-epoch-anywhere", breaks="CLI-009", replaces="stream.connects")
def begins_anywhere(original: Any, held: Place, place: Place, body: JsonObject) -> bool:
    """The first message that comes of a higher epoch is applied, whatever was before it."""
    return place.epoch > held.epoch or original(held, place, body)


@fault("begins-an-epoch-by-an-event", breaks="CLI-009", replaces="stream.connects")
def begins_by_an_event(original: Any, held: Place, place: Place, body: JsonObject) -> bool:
    """An event at the begin of a higher epoch is reduced into the slices of the old one."""
    begins = place.epoch > held.epoch and place.seq == 1
    return begins or original(held, place, body)


@fault("waits-in-a-new-epoch", breaks="CLI-009", replaces="stream.gap")
def waits_in_an_epoch(original: Any, state: State, raw: Raw | None) -> Step:
    """A higher epoch whose first state was missed is waited for, and not asked for."""
    body = None if raw is None else reading.body(raw.data)
    place = None if body is None else reading.place(body)
    if place is not None and _is_higher(state, place):
        return state, ()
    return original(state, raw)


@fault("counts-on-in-a-new-epoch", breaks="CLI-009", replaces="stream.next_one")
def counts_on(original: Any, state: State, body: JsonObject, place: Place) -> Step:
    """In a higher epoch only the first state is shown: the seqs of the others are behind the old ones."""
    held = state.place
    after, effects = original(state, body, place)
    if held is not None and _is_higher(state, place):
        after = replace(after, place=Place(place.epoch, max(held.seq, place.seq)))
    return after, effects
