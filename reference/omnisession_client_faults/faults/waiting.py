"""What comes before the answer to an open or a recovery."""

from dataclasses import replace
from typing import Any

from omnisession_client.effects import Step
from omnisession_client.values import Raw, State
from omnisession_client_faults import steps
from omnisession_client_faults.faults import fault


@fault("drops-before-opened", breaks="CLI-003", replaces="stream.hold")
def drops_before_opened(original: Any, state: State, raw: Raw) -> State:
    """What comes before the answer to the open is dropped."""
    return state if state.phase == "opening" else original(state, raw)


@fault("drops-while-recovering", breaks="CLI-003", replaces="stream.hold")
def drops_while_recovering(original: Any, state: State, raw: Raw) -> State:
    """What comes before the answer to a recovery is dropped."""
    return state if state.phase == "recovering" else original(state, raw)


@fault("drops-before-the-resume-after-a-cut", breaks="CLI-003", replaces="stream.hold")
def drops_offline(original: Any, state: State, raw: Raw) -> State:
    """What comes on a new connection before the answer to the recovery is dropped."""
    return original(state, raw) if state.held or state.phase == "opening" else state


@fault("holds-no-events", breaks="CLI-003", replaces="stream.hold")
def holds_no_events(original: Any, state: State, raw: Raw) -> State:
    """Of what comes before an answer only the states are held."""
    return state if raw.subject.endswith(".events") else original(state, raw)


@fault("holds-the-last", breaks="CLI-003", replaces="stream.hold")
def holds_the_last(original: Any, state: State, raw: Raw) -> State:
    """Of what comes before an answer only the last message is held."""
    return original(replace(state, held=()), raw)


@fault("holds-two", breaks="CLI-003", replaces="stream.MOST_HELD")
def holds_two(_original: int) -> int:
    """Of what comes before an answer only the first two messages are held."""
    return 2


@fault("releases-backwards", breaks="CLI-003", replaces="hearing.release")
def releases_backwards(original: Any, state: State) -> Step:
    """What was held is handled from its end."""
    return original(replace(state, held=state.held[::-1]))


@fault("takes-states-before-opened", breaks="CLI-003", replaces="hearing.heard")
def takes_before_opened(original: Any, state: State, raw: Raw) -> Step:
    """States that come before the answer to the open are applied, and it sets the position back."""
    if state.phase == "opening" and raw.subject.endswith(".state"):
        return steps.anyway(state, steps.body_of(raw)), ()
    return original(state, raw)


@fault("takes-states-while-recovering", breaks="CLI-003", replaces="hearing.heard")
def takes_while_recovering(original: Any, state: State, raw: Raw) -> Step:
    """States that come before the answer to a recovery are applied, and it sets the position back."""
    if state.phase == "recovering" and raw.subject.endswith(".state"):
        return steps.anyway(state, steps.body_of(raw)), ()
    return original(state, raw)
