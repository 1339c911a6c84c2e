"""Answers to requests, and what nobody answered."""

from dataclasses import replace

from omnisession_client import (
    acting,
    asking,
    ending,
    hearing,
    pushes,
    reading,
    recovery,
    renewal,
    stream,
)
from omnisession_client.effects import Disconnect, Effects, Step, then
from omnisession_client.kinds import KINDS
from omnisession_client.messages import Answered
from omnisession_client.values import Asked, Place, Position, State
from omnisession_reference.wire import JsonObject

UNKNOWN, CLOSED = 4041, 4101
ANSWERS = {
    recovery.OPEN: "session.opened",
    recovery.RESUME: "session.resumed",
    recovery.SYNC: "session.syncing",
}
# What to ask where the answer to a request is of no use.
OTHERWISE = {
    recovery.OPEN: recovery.OPEN,
    recovery.RESUME: recovery.SYNC,
    recovery.SYNC: recovery.SYNC,
}


def answered(state: State, message: Answered) -> Step:
    """Handle an answer; one to a request that was given up changes nothing."""
    asked = next((asked for asked in state.asked if asked.number == message.number), None)
    if asked is None:
        return state, ()
    others = tuple(other for other in state.asked if other is not asked)
    state = replace(state, asked=others, asked_ms=asked.steady_ms)
    if asked.type == ending.CLOSE:
        return state, (Disconnect(),)
    body = None if message.data is None else reading.body(message.data)
    data = None if body is None else reading.mapping(body.get("data"))
    if asked.type == "session.ping":
        return pong(state, body, data)
    if asked.number != state.recovery.number:
        return state, ()
    if body is None or data is None:
        # An answer that cannot be read may hold one message that cannot: states do without it.
        return recovery.failed(state, None if message.data is None else OTHERWISE[asked.type])
    return by_type(state, asked, body, data)


def by_type(state: State, asked: Asked, body: JsonObject, data: JsonObject) -> Step:
    """Handle the answer to an open or a recovery."""
    if body.get("type") == "error":
        return refused(state, asked.type, data)
    at = reading.position(data.get("position"))
    fits = body.get("type") == ANSWERS[asked.type] and stream.is_own(state, body)
    if at is None or not fits:
        return recovery.failed(state, OTHERWISE[asked.type])
    if asked.type == recovery.OPEN:
        renews = state.renewal == "sent" and state.opened is not None
        return reopened(state, at, data) if renews else opened(state, at, data)
    state = acting.answered(state)
    if asked.type == recovery.RESUME:
        return resumed(state, at, data)
    return back(states_follow(state, at, len(reading.names(data.get("kinds")))))


def opened(state: State, at: Position, data: JsonObject) -> Step:
    """The session is live: its states follow. Until they do, what an earlier one showed stays."""
    session = reading.opened(data)
    if session is None:
        return recovery.failed(state)
    kinds = [kind for kind in session.kinds if kind in KINDS]
    state = replace(
        recovery.answered(acting.opened(state), None),
        opened=session,
        place=at.place,
        counted=at.last_action_seq,
        next_number=at.last_action_seq + 1,
        slices={kind: state.slices.get(kind, KINDS[kind].empty) for kind in kinds},
    )
    step = then(renewal.settled(state), lambda after: back(acting.answered(after)))
    return step[0], (*step[1], asking.next_ping(state))


def reopened(state: State, at: Position, data: JsonObject) -> Step:
    """The session goes on by another token: its end may be another, and all else is as it was."""
    session = reading.opened(data)
    if session is None or state.opened is None:
        return recovery.failed(state)
    state = replace(state, opened=replace(state.opened, expires_at=session.expires_at))
    followed = states_follow(acting.answered(state), at, len(session.kinds))
    return then(renewal.settled(followed), back)


def resumed(state: State, at: Position, data: JsonObject) -> Step:
    """Go on by the messages that were missed, or by new states."""
    mode, messages = data.get("mode"), reading.items(data.get("messages"))
    if mode == "snapshot" and state.opened is not None:
        return back(states_follow(state, at, len(state.opened.kinds)))
    if mode == "current" and at.place == state.place:
        return back(stream.counted(recovery.answered(state, None), at.last_action_seq))
    if mode == "replay" and messages is not None:
        return then(replayed(state, at, messages), back)
    return recovery.failed(state, recovery.SYNC)


def states_follow(state: State, at: Position, kinds: int) -> State:
    """Take the place of an answer, be it a lower one, and go on with the states behind it."""
    goal = Place(at.place.epoch, at.place.seq + kinds) if kinds else None
    state = replace(state, place=at.place, counted=at.last_action_seq, ahead=())
    return recovery.answered(state, goal)


def replayed(state: State, at: Position, messages: list[object]) -> Step:
    """Take the messages one by one: what cannot be used spoils none of those before it."""
    state = recovery.answered(state, at.place)
    effects: Effects = ()
    for message in messages:
        body = reading.spoken(message)
        state, more = stream.unusable(state) if body is None else stream.taken(state, body)
        effects += more
        if state.phase != "live":
            return state, effects
    if (state := recovery.reached(state)).recovery.goal is None:
        # The answer may count more than its last message did.
        return stream.counted(state, at.last_action_seq), effects
    return then((state, effects), lambda after: recovery.begin(after, recovery.SYNC))


def back(state: State) -> Step:
    """Handle what was held while the client waited, then send what is due."""
    if state.phase != "live":
        return state, ()
    return then(then(hearing.release(state), acting.settled), send)


def send(state: State) -> Step:
    """Send what is due; where the broker takes less than before, its number would be missing for ever."""
    if state.phase == "live" and acting.is_above(state):
        return ending.leave(state)
    return acting.live(state)


def refused(state: State, asked: str, data: JsonObject) -> Step:
    """The server refuses a request: later, or not in this session, or not at all."""
    failure = reading.failure(data)
    if failure.code == CLOSED or (failure.code == UNKNOWN and asked != recovery.OPEN):
        return ending.renew(state)
    if failure.retryable:
        return recovery.failed(state, least_ms=failure.retry_after_ms)
    if asked == recovery.OPEN:
        renews = state.renewal == "sent" and state.opened is not None
        return renewal.refused(state, failure.code) if renews else ending.over(state)
    if asked == recovery.RESUME:
        return recovery.failed(state, recovery.SYNC)
    return ending.renew(replace(state, recovery=replace(state.recovery, failures=1)))


def pong(state: State, body: JsonObject | None, data: JsonObject | None) -> Step:
    """A ping was answered, or not: then it is asked again."""
    if body is None or data is None:
        return asking.unanswered_ping(state)
    if body.get("type") == "error":
        failure = reading.failure(data)
        if failure.code in (UNKNOWN, CLOSED):
            return ending.renew(state)
        return asking.unanswered_ping(state, failure.retry_after_ms)
    at = reading.position(data.get("position"))
    if at is None or body.get("type") != "session.pong" or not stream.is_own(state, body):
        return asking.unanswered_ping(state)
    return pushes.told(replace(acting.answered(state), unanswered=0), at), ()
