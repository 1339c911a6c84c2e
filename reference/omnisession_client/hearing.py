"""What the session's subscription brings, and what waits there for an answer."""

from dataclasses import replace

from omnisession_client import bodies, pushes, reading, stream
from omnisession_client.effects import Effects, Step
from omnisession_client.values import Raw, State


def heard(state: State, raw: Raw) -> Step:
    """Handle a message of the subscription; what is not the session's own is dropped."""
    part = raw.subject.removeprefix(bodies.stream_subject(state, ""))
    if state.phase == "closed" or part not in ("state", "events", "control"):
        return state, ()
    if part == "control":
        return control(state, raw)
    return stream.heard(state, raw) if state.phase == "live" else (stream.hold(state, raw), ())


def control(state: State, raw: Raw) -> Step:
    """Handle a push; that the server stops is never put off, nor that an action is refused for good."""
    body = reading.body(raw.data)
    if body is None or not stream.is_own(state, body):
        return state, ()
    data = reading.mapping(body.get("data"))
    if body.get("type") == pushes.CLOSING and data is not None:
        return pushes.closing(state, data)
    if body.get("type") == pushes.EXPIRING and data is not None:
        return pushes.expiring(state, data)
    if state.phase == "live":
        return pushes.taken(state, body)
    step = pushes.refused(state, body)
    return stream.hold(step[0], raw), step[1]


def release(state: State) -> Step:
    """Handle what was held and connects; what does not may be of a future that is gone."""
    held, state = state.held, replace(state, held=())
    effects: Effects = ()
    for raw in held:
        if not stream.is_far(state, raw):
            state, more = heard(state, raw)
            effects += more
    return state, effects
