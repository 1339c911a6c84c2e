"""Messages of the session's own stream that cannot be used."""

from dataclasses import replace
from typing import Any

from omnisession_client import reading, recovery
from omnisession_client.effects import Step
from omnisession_client.values import Place, Position, State
from omnisession_client_faults import memory, steps
from omnisession_client_faults.faults import fault
from omnisession_client_faults.places import replacing


@replacing("recovery.begin")
def _resumes(original: Any, state: State, _want: str, tries: int = 0) -> Step:
    return original(
        replace(state, recovery=replace(state.recovery, want="")), recovery.RESUME, tries
    )


@fault("resumes-for-ever", _resumes, breaks="CLI-012", replaces="recovery.failed")
def resumes_for_ever(
    original: Any, state: State, want: str | None = None, least_ms: int = 0
) -> Step:
    """What cannot be used leads to a resume, which brings it again, and so on."""
    wants = recovery.RESUME if want == recovery.SYNC else want
    return original(state, wants, least_ms=least_ms)


@fault("counts-the-unusable", breaks="CLI-012", replaces="stream.unusable")
def counts(_original: Any, state: State) -> Step:
    """What cannot be used is counted as if it had been."""
    place = state.place
    if state.phase != "live" or place is None:
        return state, ()
    return replace(state, place=Place(place.epoch, place.seq + 1)), ()


@fault("ends-at-the-unusable", breaks="CLI-012", replaces="stream.unusable")
def ends(_original: Any, state: State) -> Step:
    """What cannot be used ends the client."""
    return replace(state, phase="closed"), ()


@fault("counts-the-unusable-of-a-replay", breaks="CLI-012", replaces="answers.replayed")
def counts_in_a_replay(original: Any, state: State, at: Position, messages: list[object]) -> Step:
    """What cannot be used in a replay is left out, and the head taken for reached."""
    usable = [message for message in messages if reading.spoken(message)]
    if len(usable) == len(messages):
        return original(state, at, messages)
    state = recovery.answered(state, None)
    for message in usable:
        state = steps.anyway(state, reading.spoken(message) or {})
    return replace(state, place=at.place), ()


@fault("counts-the-second-unusable", breaks="CLI-012", replaces="stream.unusable")
def counts_the_second(original: Any, state: State) -> Step:
    """The first message that cannot be used leads to a sync, and each later one is only counted."""
    if state.phase == "live" and memory.count(state, "unusable") > 1:
        return counts(original, state)
    return original(state)


@fault("syncs-its-first-kind", breaks="CLI-012", replaces="recovery._data")
def syncs_its_first_kind(original: Any, state: State) -> dict[str, object]:
    """A sync asks for the first kind alone, whatever kind the message was of that cannot be used."""
    if state.recovery.want != recovery.SYNC or state.opened is None:
        return original(state)
    return {"kinds": list(state.opened.kinds[:1])}
