"""Steps that several wrong or unusual clients take."""

from dataclasses import replace
from typing import Any

from omnisession_client import asking, bodies, reading, recovery, stream
from omnisession_client.effects import Publish, Request, SetTimer, Step
from omnisession_client.pending.lists import OUTCOME
from omnisession_client.values import Raw, Recovery, State
from omnisession_reference.wire import JsonObject


def nothing(_original: Any, state: State, *_: Any, **__: Any) -> Step:
    """Do nothing in place of this step."""
    return state, ()


def anyway(state: State, body: JsonObject) -> State:
    """Apply a message wherever it stands in the stream, and go to its place."""
    place, slices = reading.place(body), stream.applied(state, body)
    return state if place is None or slices is None else replace(state, slices=slices, place=place)


def body_of(raw: Raw) -> JsonObject:
    """The body of a message, empty where it cannot be read."""
    return reading.body(raw.data) or {}


def recover_again(state: State, want: str = recovery.RESUME) -> Step:
    """Ask for a recovery, whatever is under way."""
    return recovery.ask(replace(state, phase="recovering", recovery=Recovery(want)))


def request(state: State, type_: str, data: dict[str, Any] | None = None) -> Step:
    """Make a request whatever the phase; nobody waits for its answer."""
    step = asking.ask(state, type_, data or {})
    return replace(step[0], asked=state.asked), step[1]


def copies_put_off(state: State) -> tuple[SetTimer, ...]:
    """Begin the wait for the outcome of each action that was sent anew."""
    wait_ms = state.config.timings.outcome_ms
    waits = [one for one in state.pending if one.status == "sent"]
    return tuple(SetTimer(OUTCOME + one.doing.action_id, wait_ms, wait_ms) for one in waits)


def published(state: State, type_: str) -> Publish:
    """A request without a reply subject."""
    return Publish(bodies.stream_subject(state, "control"), bodies.request(state, type_, {}))


def sends(step: Step) -> bool:
    """Whether a step publishes anything."""
    return any(isinstance(effect, Publish | Request) for effect in step[1])
