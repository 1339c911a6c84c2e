"""What is missing in the stream."""

from dataclasses import replace
from typing import Any

from omnisession_client import reading, recovery, stream
from omnisession_client.effects import SetTimer, Step
from omnisession_client.values import Place, Raw, Recovery, State
from omnisession_client_faults import memory
from omnisession_client_faults.faults import fault
from omnisession_client_faults.places import replacing
from omnisession_reference.wire import JsonObject

BITS = 0xFFFF_FFFF


@fault("applies-behind-a-gap", breaks="CLI-006", replaces="stream.connects")
def applies_behind(original: Any, held: Place, place: Place, body: JsonObject) -> bool:
    """Whatever is above the position is applied, be there a gap or not."""
    return place.epoch == held.epoch or original(held, place, body)


@fault("applies-states-behind-a-gap", breaks="CLI-006", replaces="stream.connects")
def applies_states_behind(original: Any, held: Place, place: Place, body: JsonObject) -> bool:
    """A state is applied behind a gap, whatever other kinds have missed there."""
    jumps = place.epoch == held.epoch and body.get("type") == stream.STATE
    return jumps or original(held, place, body)


@fault("bears-a-gap-of-one", breaks="CLI-006", replaces="stream.connects")
def bears_one(original: Any, held: Place, place: Place, body: JsonObject) -> bool:
    """A single message that is missing is not missed."""
    return place == (held.epoch, held.seq + 2) or original(held, place, body)


@replacing("stream.next_one")
def _notes_kind(original: Any, state: State, body: JsonObject, place: Place) -> Step:
    memory.of(state)["kind"] = _kind(body)
    return original(state, body, place)


@fault("has-a-seq-for-each-kind", _notes_kind, breaks="CLI-006", replaces="stream.gap")
def seq_by_kind(original: Any, state: State, raw: Raw | None) -> Step:
    """Behind a message of another kind a gap is no gap."""
    body = None if raw is None else reading.body(raw.data)
    place = None if body is None else reading.place(body)
    if body is None or place is None or memory.of(state).get("kind") in (None, _kind(body)):
        return original(state, raw)
    return stream.next_one(state, body, place)


def _kind(body: JsonObject) -> str:
    if body.get("type") == stream.STATE:
        return str((reading.mapping(body.get("data")) or {}).get("type"))
    return {"article": "articles"}.get(prefix := str(body["type"]).partition(".")[0], prefix)


@fault("ignores-gaps", breaks="CLI-006", replaces="stream.gap")
def ignores_gaps(_original: Any, state: State, _raw: Raw | None) -> Step:
    """What comes behind a gap is dropped; only a heartbeat leads to a recovery."""
    return state, ()


@fault("asks-at-the-third", breaks="CLI-006", replaces="stream.gap")
def asks_at_the_third(original: Any, state: State, raw: Raw | None) -> Step:
    """Only three messages behind gaps lead to a recovery."""
    return original(state, raw) if memory.count(state, "gaps") % 3 == 0 else (state, ())


@fault("asks-at-the-first-gap-alone", breaks="CLI-006", replaces="stream.gap")
def asks_once(original: Any, state: State, raw: Raw | None) -> Step:
    """The first gap leads to a recovery, and none after it."""
    return original(state, raw) if memory.count(state, "gaps") == 1 else (state, ())


@fault("asks-after-three-seconds", breaks="CLI-006", replaces="stream.gap")
def asks_late(_original: Any, state: State, raw: Raw | None) -> Step:
    """A recovery follows three seconds after its gap."""
    state = replace(state, phase="recovering", recovery=Recovery(recovery.RESUME))
    return stream.hold(state, raw) if raw else state, (SetTimer(recovery.RETRY, 3_000, 3_100),)


@fault("asks-for-events-alone", breaks="CLI-006", replaces="stream.gap")
def asks_for_events(original: Any, state: State, raw: Raw | None) -> Step:
    """A gap before a state leads to no recovery."""
    is_state = raw is not None and raw.subject.endswith(".state")
    return (state, ()) if is_state else original(state, raw)


def _names(state: State, epoch: int, seq: int) -> dict[str, object]:
    wants = state.recovery.want == recovery.RESUME and state.place is not None
    return {"epoch": epoch, "seq": seq} if wants else {}


@fault("resumes-from-the-start", breaks="CLI-006", replaces="recovery._data")
def resumes_from_the_start(original: Any, state: State) -> dict[str, object]:
    """A resume names the begin of the epoch, wherever the client is."""
    return original(state) | _names(state, state.place.epoch if state.place else 1, 0)


@fault("resumes-from-the-next", breaks="CLI-006", replaces="recovery._data")
def resumes_from_the_next(original: Any, state: State) -> dict[str, object]:
    """A resume names the number that is expected instead of the one that was had."""
    place = state.place or Place(1, 0)
    return original(state) | _names(state, place.epoch, place.seq + 1)


@fault("resumes-from-32-bits", breaks="CLI-006", replaces="recovery._data")
def resumes_from_32_bits(original: Any, state: State) -> dict[str, object]:
    """A resume names the lower 32 bits of its seq."""
    place = state.place or Place(1, 0)
    return original(state) | _names(state, place.epoch, place.seq & BITS)


@replacing("recovery._data")
def _from_there(original: Any, state: State) -> dict[str, object]:
    far = memory.of(state).pop("far", None)
    return original(state) | (_names(state, *far) if far else {})


@fault("resumes-from-what-came", _from_there, breaks="CLI-006", replaces="stream.gap")
def resumes_from_what_came(original: Any, state: State, raw: Raw | None) -> Step:
    """A resume names the place of the message that showed the gap."""
    body = None if raw is None else reading.body(raw.data)
    memory.of(state)["far"] = None if body is None else reading.place(body)
    return original(state, raw)
