"""The clients of the document that the protocol began with, and others as small."""

from dataclasses import replace
from typing import Any

from omnisession_client import answers, bodies, ending, reading, recovery, stream
from omnisession_client.effects import Step
from omnisession_client.testee import Declared
from omnisession_client.values import Position, Raw, State
from omnisession_client_faults import links, shells
from omnisession_client_faults.places import Replacement, replacing
from omnisession_client_faults.variants import variant
from omnisession_client_faults.variants.connections import each_part
from omnisession_client_faults.variants.recovering import lost_at_a_pong
from omnisession_reference.wire import JsonObject

GONE = (answers.UNKNOWN, answers.CLOSED)
STATES = ("CLI-006", "CLI-013", "CLI-016", "HYB-007")


@replacing("link.Link._listen")
async def _state_alone(original: Any, link: Any, subject: str, take: Any) -> Any:
    if links.is_session(subject):
        subject = f"{subject.removesuffix('*')}state"
    return await original(link, subject, take)


@replacing("testee.Declared.hello")
def _one_kind_and_no_feature(original: Any, declared: Declared) -> JsonObject:
    acting = ["actions"] if declared.actions else []
    return {**original(declared), "profiles": ["states", *declared.kinds, *acting]}


@replacing("testee.Testee._start")
def _no_features(original: Any, testee: Any, request: JsonObject) -> JsonObject:
    return original(testee, {**request, "features": []})


@replacing("stream.gap")
def _takes_any_later_state(original: Any, state: State, raw: Raw | None) -> Step:
    """With one kind a state is the whole truth, whatever was missed before it."""
    body = None if raw is None else reading.body(raw.data)
    place = None if body is None else reading.place(body)
    alone = state.opened is not None and len(state.opened.kinds) == 1
    if body is None or place is None or not alone or body.get("type") != stream.STATE:
        return original(state, raw)
    return stream.next_one(state, body, place)


def _recovering_by(want: str, original: Any, state: State) -> Step:
    """Ask for what is wanted, and for this where a live session is to be recovered."""
    if state.recovery.want in (recovery.RESUME, recovery.SYNC):
        state = replace(state, recovery=replace(state.recovery, want=want))
    return original(state)


@replacing("answers.pong")
def _goes_by_pongs(original: Any, state: State, body: Any, data: Any) -> Step:
    return lost_at_a_pong(original, state, body, data, want=recovery.SYNC)


@replacing("answers.opened")
def _numbers_go_on(original: Any, state: State, at: Position, data: JsonObject) -> Step:
    """The answer to an open of the session that is live renumbers nothing, however low it counts."""
    after, effects = original(state, at, data)
    return replace(after, next_number=max(after.next_number, state.next_number)), effects


@replacing("answers.refused")
def _renews_what_is_gone(original: Any, state: State, asked: str, data: JsonObject) -> Step:
    gone = state.opened is not None and reading.failure(data).code in GONE
    return ending.renew(state) if gone else original(state, asked, data)


@replacing("link.Link.send")
async def _with_reply(
    original: Any, link: Any, subject: str, body: bytes, token: str | None = None
) -> None:
    acts = subject.startswith("user.actions.")
    await original(link, subject, body, "action" if acts else token)


@replacing("shell.Shell.on_answer")
def _outcome_of_reply(original: Any, shell: Any, token: str, data: bytes | None) -> None:
    if token != "action":  # noqa: S105 of an inbox
        original(shell, token, data)
    elif data:
        subject = bodies.stream_subject(shell.state, "control")
        shells.hear(shell, subject, data)


_FOR_STATES = (
    _state_alone,
    _one_kind_and_no_feature,
    _no_features,
    _takes_any_later_state,
    _goes_by_pongs,
    _with_reply,
    _outcome_of_reply,
)


@variant(
    "phase-one",
    *_FOR_STATES,
    _numbers_go_on,
    _renews_what_is_gone,
    of=STATES,
    warns=("CLI-001",),
    mode="pure",
    replaces="recovery.ask",
)
def phase_one(original: Any, state: State) -> Step:
    """It hears states alone, opens again to recover, and has the outcomes of its actions as replies."""
    return _recovering_by(recovery.OPEN, original, state)


@variant(
    "hears-states-alone",
    *_FOR_STATES,
    of=STATES,
    warns=("CLI-001",),
    mode="pure",
    replaces="recovery.ask",
)
def hears_states_alone(original: Any, state: State) -> Step:
    """It hears states alone, syncs to recover, and has the outcomes of its actions as replies."""
    return _recovering_by(recovery.SYNC, original, state)


@replacing("testee.Declared.hello")
def _without_digests(original: Any, declared: Declared) -> JsonObject:
    told = original(declared)
    return {**told, "profiles": [one for one in told["profiles"] if one != "digests"]}


@replacing("testee.Testee._start")
def _events_alone(original: Any, testee: Any, request: JsonObject) -> JsonObject:
    features = [one for one in request["features"] if one == "events"]
    return original(testee, {**request, "features": features})


@variant(
    "approach-one",
    Replacement("link.Link._listen", each_part),
    _without_digests,
    _events_alone,
    of=("CLI-001", "CLI-006", "CLI-016"),
    warns=("CLI-001",),
    mode="pure",
    replaces="recovery.ask",
)
def approach_one(original: Any, state: State) -> Step:
    """It has a subscription for states, events and pushes each, and syncs to recover."""
    return _recovering_by(recovery.SYNC, original, state)


@variant("approach-two", of=("HYB-005", "CLI-016"), replaces="recovery.ask", mode="hybrid")
def approach_two(original: Any, state: State) -> Step:
    """It keeps its pending actions beside what the server said, in no view, and syncs to recover."""
    return _recovering_by(recovery.SYNC, original, state)


@replacing("testee.Declared.hello")
def _one_kind_and_pending_actions(original: Any, declared: Declared) -> JsonObject:
    acting = ["actions", "hybrid"] if declared.actions else []
    return {**original(declared), "profiles": ["states", *declared.kinds, *acting]}


@variant(
    "approach-two-of-states",
    *(part for part in _FOR_STATES if part is not _one_kind_and_no_feature),
    _one_kind_and_pending_actions,
    of=(*STATES, "HYB-002", "HYB-008"),
    warns=("CLI-001",),
    mode="hybrid",
    replaces="recovery.ask",
)
def approach_two_of_states(original: Any, state: State) -> Step:
    """It hears states alone, and keeps its actions pending until one of them counts them."""
    return _recovering_by(recovery.SYNC, original, state)
