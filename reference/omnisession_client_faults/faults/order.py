"""Which messages of the stream count."""

from dataclasses import replace
from typing import Any

from omnisession_client import reading
from omnisession_client.effects import Step
from omnisession_client.values import Place, State
from omnisession_client_faults import memory, steps
from omnisession_client_faults.faults import fault
from omnisession_client_faults.places import replacing
from omnisession_reference.wire import JsonObject

BITS = 0xFFFF_FFFF


@replacing("stream.connects")
def _the_same_again(original: Any, held: Place, place: Place, body: JsonObject) -> bool:
    return place == held or original(held, place, body)


@fault("applies-the-last-again", _the_same_again, breaks="CLI-005", replaces="stream.is_old")
def applies_the_last_again(_original: Any, state: State, place: Place) -> bool:
    """Another message at the very position of the client is applied."""
    return state.place is not None and place < state.place


@fault("applies-old-states", breaks="CLI-005", replaces="stream.taken")
def applies_old_states(original: Any, state: State, body: JsonObject, raw: Any = None) -> Step:
    """A state below the position is shown, since it is whole."""
    place = reading.place(body)
    old = place is not None and state.place is not None and place < state.place
    if old and body.get("type") == "session.state" and body.get("session_id") == state.session_id:
        return replace(steps.anyway(state, body), place=state.place), ()
    return original(state, body, raw)


@fault("goes-back-by-old-states", breaks="CLI-005", replaces="stream.taken")
def goes_back(original: Any, state: State, body: JsonObject, raw: Any = None) -> Step:
    """A state below the position is shown, and its place taken."""
    place = reading.place(body)
    old = place is not None and state.place is not None and place < state.place
    if old and body.get("type") == "session.state" and body.get("session_id") == state.session_id:
        return steps.anyway(state, body), ()
    return original(state, body, raw)


@replacing("stream.connects")
def _any_other_epoch(original: Any, held: Place, place: Place, body: JsonObject) -> bool:
    return place.epoch < held.epoch or original(held, place, body)


@fault("takes-any-other-epoch", _any_other_epoch, breaks="CLI-005", replaces="stream.is_old")
def takes_any_other_epoch(original: Any, state: State, place: Place) -> bool:
    """A message of an older epoch is taken for one of a new epoch."""
    older = state.place is not None and place.epoch < state.place.epoch
    return False if older else original(state, place)


@replacing("stream.connects")
def _next_of_an_older(original: Any, held: Place, place: Place, body: JsonObject) -> bool:
    return place.seq == held.seq + 1 or original(held, place, body)


@fault(
    "takes-the-next-of-an-old-epoch", _next_of_an_older, breaks="CLI-005", replaces="stream.is_old"
)
def takes_the_next(original: Any, state: State, place: Place) -> bool:
    """A message of an older epoch is applied where its seq is the next one."""
    held = state.place
    is_next = held is not None and place.epoch < held.epoch and place.seq == held.seq + 1
    return False if is_next else original(state, place)


@fault("orders-in-32-bits", breaks="CLI-005", replaces="reading.place")
def orders_in_32_bits(original: Any, members: Any) -> Place | None:
    """Of a seq only the lower 32 bits are looked at."""
    place = original(members)
    return None if place is None else Place(place.epoch, place.seq & BITS)


@fault("cuts-epochs-to-32-bits", breaks="CLI-005", replaces="reading.place")
def cuts_epochs(original: Any, members: Any) -> Place | None:
    """Of an epoch only the lower 32 bits are looked at."""
    place = original(members)
    return None if place is None else Place(place.epoch & BITS, place.seq)


@replacing("stream.connects")
def _always(*_: Any) -> bool:
    return True


@fault("applies-as-it-comes", _always, breaks="CLI-024", replaces="stream.is_old")
def applies_as_it_comes(*_: Any) -> bool:
    """Messages are applied in the order in which they come, copies and late ones, too."""
    return False


@replacing("stream.next_one")
def _notes(original: Any, state: State, body: JsonObject, place: Place) -> Step:
    memory.of(state).setdefault("seen", set()).add(place)
    held = state.place
    after, effects = original(state, body, place)
    behind = held is not None and place < held and after.place is not None
    return (replace(after, place=held) if behind else after), effects


@fault("applies-what-it-has-not-seen", _notes, _always, breaks="CLI-024", replaces="stream.is_old")
def applies_unseen(_original: Any, state: State, place: Place) -> bool:
    """Each message is applied once, in the order in which they come."""
    return place in memory.of(state).setdefault("seen", set())


@replacing("stream.connects")
def _one_late(original: Any, held: Place, place: Place, body: JsonObject) -> bool:
    return place == (held.epoch, held.seq - 1) or original(held, place, body)


@replacing("stream.next_one")
def _stays_there(original: Any, state: State, body: JsonObject, place: Place) -> Step:
    held = state.place
    after, effects = original(state, body, place)
    late = held is not None and place < held
    return (replace(after, place=held) if late else after), effects


@fault(
    "takes-one-that-is-late", _one_late, _stays_there, breaks="CLI-024", replaces="stream.is_old"
)
def takes_one_late(original: Any, state: State, place: Place) -> bool:
    """The message just below the position is applied, whether it was there or not."""
    held = state.place
    just_below = held is not None and place == (held.epoch, held.seq - 1)
    return False if just_below else original(state, place)


@fault("drops-what-follows-a-copy", breaks="CLI-024", replaces="stream.taken")
def drops_after_a_copy(original: Any, state: State, body: JsonObject, raw: Any = None) -> Step:
    """After a copy of the last message the next one counts and is not applied."""
    place, kept = reading.place(body), memory.of(state)
    if place is None or raw is None:
        return original(state, body, raw)
    skips, kept["copy"] = kept.get("copy", False), place == state.place
    step = original(state, body, raw)
    return (replace(step[0], slices=state.slices), step[1]) if skips else step
