"""Replays, and what was held while they were on their way."""

from dataclasses import replace
from typing import Any

from omnisession_client import hearing, reading, recovery, stream
from omnisession_client.effects import Step, then
from omnisession_client.values import Asked, Position, Recovery, State
from omnisession_client_faults import steps
from omnisession_client_faults.faults import fault

Messages = list[object]


def _events(messages: Messages) -> Messages:
    return [m for m in messages if (reading.mapping(m) or {}).get("type") != stream.STATE]


@fault("forgets-what-was-held", breaks="CLI-007", replaces="hearing.release")
def forgets_the_held(_original: Any, state: State) -> Step:
    """After an answer nothing is done with what was held."""
    return replace(state, held=()), ()


@fault("releases-the-first-alone", breaks="CLI-007", replaces="hearing.release")
def releases_one(original: Any, state: State) -> Step:
    """Of what was held only one message that connects is handled."""
    near = [raw for raw in state.held if not _is_old(state, raw) and not stream.is_far(state, raw)]
    return original(replace(state, held=tuple(near[:1])))


def _is_old(state: State, raw: Any) -> bool:
    place = reading.place(steps.body_of(raw))
    return place is not None and stream.is_old(state, place)


@fault("applies-all-that-was-held", breaks="CLI-007", replaces="hearing.release")
def applies_all(_original: Any, state: State) -> Step:
    """After an answer all that was held is applied, what does not connect, too."""
    held, state = state.held, replace(state, held=())
    for raw in held:
        if not _is_old(state, raw):
            state = steps.anyway(state, steps.body_of(raw))
    return state, ()


@fault("applies-the-overlap-twice", breaks="CLI-007", replaces="hearing.release")
def applies_the_overlap(_original: Any, state: State) -> Step:
    """What was held is applied after a replay, though the replay has brought it."""
    held, state = state.held, replace(state, held=())
    for raw in held:
        if not stream.is_far(state, raw):
            state = steps.anyway(state, steps.body_of(raw))
    return state, ()


@fault("stalls-on-what-is-far", breaks="CLI-007", replaces="hearing.release")
def stalls_on_the_far(original: Any, state: State) -> Step:
    """What was held and does not connect is waited for: it and all that comes later stays held."""
    far = tuple(raw for raw in state.held if stream.is_far(state, raw))
    step = original(state)
    if not far:
        return step
    return replace(step[0], phase="recovering", recovery=Recovery(), held=far), step[1]


@fault("drops-the-end-of-a-replay", breaks="CLI-007", replaces="answers.replayed")
def drops_the_end(original: Any, state: State, at: Position, messages: Messages) -> Step:
    """The last message of a replay of several is not applied, though counted."""
    if len(messages) < 2:
        return original(state, at, messages)
    return then(original(state, at, messages[:-1]), lambda s: _at_the_head(s, at))


@fault("skips-states-of-a-replay", breaks="CLI-007", replaces="answers.replayed")
def skips_states(_original: Any, state: State, at: Position, messages: Messages) -> Step:
    """States in a replay are counted and not shown."""
    for message in _events(messages):
        state = steps.anyway(state, reading.mapping(message) or {})
    return _at_the_head(state, at)


@fault("skips-events-of-a-replay", breaks="CLI-007", replaces="answers.replayed")
def skips_events(_original: Any, state: State, at: Position, messages: Messages) -> Step:
    """Events in a replay are counted and not reduced."""
    for message in messages:
        if message not in _events(messages):
            state = steps.anyway(state, reading.mapping(message) or {})
    return _at_the_head(state, at)


@fault("takes-the-head-of-a-replay", breaks="CLI-007", replaces="answers.replayed")
def takes_the_head(_original: Any, state: State, at: Position, _messages: Messages) -> Step:
    """Of a replay only the position is taken."""
    return _at_the_head(state, at)


@fault("takes-replays-of-one", breaks="CLI-007", replaces="answers.replayed")
def takes_one(original: Any, state: State, at: Position, messages: Messages) -> Step:
    """Of a replay only the first message is applied, and the head is taken for reached."""
    return then(original(state, at, messages[:1]), lambda s: _at_the_head(s, at))


def _at_the_head(state: State, at: Position) -> Step:
    place = at.place if state.place is None else max(at.place, state.place)
    return replace(recovery.answered(state, None), place=place), ()


@fault("releases-before-the-replay", breaks="CLI-007", replaces="answers.resumed")
def releases_first(original: Any, state: State, at: Position, data: Any) -> Step:
    """What was held is handled before the replay, and so dropped."""
    state, effects = hearing.release(replace(state, phase="live"))
    step = original(replace(state, phase="recovering"), at, data)
    return step[0], (*effects, *step[1])


@fault("keeps-its-place-at-a-snapshot", breaks="CLI-008", replaces="answers.resumed")
def keeps_at_a_snapshot(original: Any, state: State, at: Position, data: Any) -> Step:
    """The position of a snapshot is not taken, where it is lower."""
    held = state.place
    if data.get("mode") == "snapshot" and held is not None and at.place < held:
        at = Position(held, at.last_action_seq)
    return original(state, at, data)


@fault("takes-no-place-of-a-snapshot", breaks="CLI-008", replaces="answers.resumed")
def takes_no_place(original: Any, state: State, at: Position, data: Any) -> Step:
    """A snapshot leaves the position as it is, whatever it names."""
    if data.get("mode") == "snapshot" and state.place is not None:
        at = Position(state.place, at.last_action_seq)
    return original(state, at, data)


@fault("keeps-the-higher-place", breaks="CLI-008", replaces="answers.states_follow")
def keeps_the_higher(original: Any, state: State, at: Position, kinds: int) -> State:
    """Of its own position and that of an answer a client takes the higher one."""
    place = at.place if state.place is None else max(at.place, state.place)
    return original(state, Position(place, at.last_action_seq), kinds)


@fault("keeps-its-epoch-at-an-answer", breaks="CLI-008", replaces="answers.states_follow")
def keeps_its_epoch(original: Any, state: State, at: Position, kinds: int) -> State:
    """Of the position of an answer only the seq is taken."""
    place = at.place if state.place is None else at.place._replace(epoch=state.place.epoch)
    return original(state, Position(place, at.last_action_seq), kinds)


@fault("keeps-its-place-at-syncing", breaks="CLI-008", replaces="answers.by_type")
def keeps_at_syncing(original: Any, state: State, asked: Asked, body: Any, data: Any) -> Step:
    """The position of an answer to a sync is not taken, where it is lower."""
    before = state.place
    state, effects = original(state, asked, body, data)
    lower = before is not None and state.place is not None and state.place < before
    if asked.type == recovery.SYNC and state.phase == "live" and lower:
        state = replace(state, place=before)
    return state, effects
