"""Heads that a client is told, and digests."""

import json
from dataclasses import replace
from hashlib import sha256
from typing import Any

from omnisession_client import recovery
from omnisession_client.effects import Step
from omnisession_client.values import Place, Position, State
from omnisession_client_faults import memory
from omnisession_client_faults.faults import fault
from omnisession_client_faults.places import replacing
from omnisession_reference.wire import JsonObject


@fault("hears-no-heartbeat", breaks="CLI-013", replaces="pushes.heartbeat")
def hears_none(_original: Any, state: State, _at: Position) -> Step:
    """The head that a heartbeat tells is not looked at."""
    return state, ()


@fault("looks-at-the-third-heartbeat", breaks="CLI-013", replaces="pushes.heartbeat")
def looks_at_the_third(original: Any, state: State, at: Position) -> Step:
    """Two heartbeats of three are not looked at."""
    return original(state, at) if memory.count(state, "beats") % 3 == 0 else (state, ())


@fault("forgets-heads", breaks="CLI-013", replaces="pushes.told")
def forgets_heads(_original: Any, state: State, _at: Position) -> State:
    """What was told is not remembered until the next heartbeat."""
    return state


@fault("hears-no-head-of-an-ack", breaks="CLI-013", replaces="pushes.taken")
def no_head_of_an_ack(original: Any, state: State, body: JsonObject) -> Step:
    """The head that an ack or nack tells is not looked at, and what heartbeats told is forgotten there."""
    after, effects = original(state, body)
    is_outcome = str(body.get("type")).startswith("action.")
    return (replace(after, told=None) if is_outcome else after), effects


@replacing("pushes.told")
def _unless_a_pong(original: Any, state: State, at: Position) -> State:
    return state if memory.of(state).pop("pong", False) else original(state, at)


@fault("hears-no-head-of-a-pong", _unless_a_pong, breaks="CLI-013", replaces="answers.pong")
def no_head_of_a_pong(original: Any, state: State, body: Any, data: Any) -> Step:
    """The head that a pong tells is not looked at."""
    memory.of(state)["pong"] = True
    step = original(state, body, data)
    memory.of(state)["pong"] = False
    return step


@fault("compares-heads-as-text", breaks="CLI-013", replaces="pushes.told")
def as_text(original: Any, state: State, at: Position) -> State:
    """A head is compared with the position letter by letter, so 10 is below 9."""
    held = state.place
    behind = held is not None and str(at.place.seq) <= str(held.seq)
    return state if behind else original(state, at)


@fault("compares-heads-in-32-bits", breaks="CLI-013", replaces="pushes.told")
def in_32_bits(original: Any, state: State, at: Position) -> State:
    """Of a head only the lower 32 bits are compared."""
    held, bits = state.place, 0xFFFF_FFFF
    behind = held is not None and at.place.seq & bits <= held.seq & bits
    return state if behind else original(state, at)


@fault("hears-heads-of-its-epoch", breaks="CLI-013", replaces="pushes.told")
def of_its_epoch(original: Any, state: State, at: Position) -> State:
    """A head in a higher epoch is not looked at."""
    higher = state.place is not None and at.place.epoch > state.place.epoch
    return state if higher else original(state, at)


@fault("bears-a-lost-message", breaks="CLI-013", replaces="pushes.told")
def bears_one(original: Any, state: State, at: Position) -> State:
    """A head that is one above the position is taken for the position."""
    held = state.place
    close = held is not None and at.place == Place(held.epoch, held.seq + 1)
    return state if close else original(state, at)


@fault("mends-one-lost-end", breaks="CLI-013", replaces="pushes.heartbeat")
def mends_one(original: Any, state: State, at: Position) -> Step:
    """The first end of the stream that was lost is recovered, and none after it."""
    kept = memory.of(state)
    if kept.get("mended"):
        return state, ()
    after, effects = original(state, at)
    kept["mended"] = after.phase == "recovering"
    return after, effects


@fault("compares-digests-anywhere", breaks="CLI-014", replaces="pushes.compared")
def anywhere(original: Any, state: State, at: Position, data: JsonObject) -> Step:
    """Digests are compared whatever position they are of."""
    here = at.place if state.place is None else state.place
    return original(state, Position(here, at.last_action_seq), data)


@fault("compares-digests-below-the-head", breaks="CLI-014", replaces="pushes.compared")
def below_the_head(original: Any, state: State, at: Position, data: JsonObject) -> Step:
    """Digests of a head that has not come yet are compared."""
    behind = state.place is not None and at.place > state.place
    here = state.place if behind and state.place is not None else at.place
    return original(state, Position(here, at.last_action_seq), data)


@fault("syncs-at-each-digest", breaks="CLI-014", replaces="pushes.compared")
def at_each(original: Any, state: State, at: Position, data: JsonObject) -> Step:
    """Each heartbeat with a wrong digest leads to a sync at once, however many there were."""
    after, effects = original(replace(state, mismatches=0), at, data)
    return replace(after, mismatches=0), effects


@fault("compares-no-digests", breaks="CLI-014", replaces="pushes.asks_for_digests")
def compares_none(*_: Any) -> bool:
    """Digests are not compared."""
    return False


@fault("compares-the-first-digest", breaks="CLI-014", replaces="pushes.compared")
def compares_the_first(original: Any, state: State, at: Position, data: JsonObject) -> Step:
    """Of several kinds only the digest of the first is compared."""
    digests = data.get("digests")
    first = next(iter(state.slices), "")
    if not isinstance(digests, dict) or first not in digests:
        return original(state, at, data)
    return original(state, at, {**data, "digests": {first: digests[first]}})


@fault("mends-one-wrong-digest", breaks="CLI-014", replaces="pushes.compared")
def mends_one_digest(original: Any, state: State, at: Position, data: JsonObject) -> Step:
    """The first wrong digest leads to a sync, and none after it."""
    kept = memory.of(state)
    if kept.get("synced"):
        return state, ()
    after, effects = original(state, at, data)
    kept["synced"] = after.phase == "recovering"
    return after, effects


@replacing("recovery.begin")
def _resumes(original: Any, state: State, want: str, tries: int = 0) -> Step:
    mends = memory.of(state).pop("digest", False)
    return original(state, recovery.RESUME if mends else want, tries)


@fault("resumes-at-a-wrong-digest", _resumes, breaks="CLI-014", replaces="pushes.compared")
def resumes(original: Any, state: State, at: Position, data: JsonObject) -> Step:
    """A wrong digest leads to a resume, which tells that nothing is missing."""
    memory.of(state)["digest"] = True
    step = original(state, at, data)
    memory.of(state)["digest"] = False
    return step


@fault("hashes-escaped-text", breaks="CLI-014", replaces="digests.digest")
def escaped(_original: Any, data: JsonObject) -> str:
    """A digest is made of JSON in which all but ASCII is escaped."""
    written = json.dumps(data, sort_keys=True, separators=(",", ":"))
    return sha256(written.encode()).hexdigest()


@fault("hashes-spaces", breaks="CLI-014", replaces="digests.digest")
def spaces(_original: Any, data: JsonObject) -> str:
    """A digest is made of JSON with spaces in it."""
    return sha256(json.dumps(data, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@fault("hashes-as-it-came", breaks="CLI-014", replaces="digests.digest")
def unsorted(_original: Any, data: JsonObject) -> str:
    """A digest is made of JSON whose members are in the order in which they came."""
    written = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    return sha256(written.encode("utf-8", "surrogatepass")).hexdigest()
