"""What the server pushes on `.control`: where the stream is, outcomes, and that it is about to stop."""

from dataclasses import replace

from omnisession_client import acting, ending, reading, recovery, stream
from omnisession_client.digests import digest
from omnisession_client.effects import Expiring, Step, then
from omnisession_client.values import Position, State
from omnisession_reference.wire import JsonObject

CLOSING = "session.closing"
EXPIRING = "auth.expiring"
OUTCOMES = ("action.ack", "action.nack")


def taken(state: State, body: JsonObject) -> Step:
    """Take a push; requests, which clients publish there, and what is not known are none."""
    type_, data = body.get("type"), reading.mapping(body.get("data"))
    if data is None:
        return state, ()
    at = reading.position(data.get("position"))
    if type_ == "session.heartbeat" and at is not None:
        return then(heartbeat(state, at), lambda after: compared(after, at, data))
    if type_ in OUTCOMES:
        step = acting.outcome(state, str(type_), data)
        return step if at is None else (told(step[0], at), step[1])
    return state, ()


def refused(state: State, body: JsonObject) -> Step:
    """Take a final nack while the client waits for an answer: it holds wherever the client gets to.

    What waits with it is dropped if the answer does not come, and a nack is in no replay (HYB-015).
    """
    data = reading.mapping(body.get("data"))
    failure = None if data is None else reading.failure(data)
    if data is None or body.get("type") != "action.nack" or failure is None or failure.retryable:
        return state, ()
    return acting.outcome(state, "action.nack", data)


def closing(state: State, data: JsonObject) -> Step:
    """The server stops, or ends the session: come back later, or never."""
    if data.get("reconnect") is True:
        return recovery.postponed(state, reading.number(data.get("after_ms")) or 0)
    return ending.over(state) if data.get("reconnect") is False else (state, ())


def expiring(state: State, data: JsonObject) -> Step:
    """The session ends soon with its token: only the user can have another one."""
    ends_at = reading.number(data.get("expires_at"), 1)
    return state, () if ends_at is None else (Expiring(ends_at),)


def heartbeat(state: State, at: Position) -> Step:
    """If what was told before the last heartbeat is not there by this one, it is lost."""
    if state.place is not None and state.told is not None and state.told > state.place:
        return recovery.begin(state, recovery.RESUME)
    return told(state, at), ()


def told(state: State, at: Position) -> State:
    """Note the head: what is behind the client's place is under way, or lost."""
    if state.place is None or at.place > state.place:
        head = at.place if state.told is None else max(state.told, at.place)
        return acting.ahead(replace(state, told=head), at)
    return stream.counted(state, at.last_action_seq)


def compared(state: State, at: Position, data: JsonObject) -> Step:
    """Compare the server's digests with the slices, at the same place and nowhere else."""
    digests = reading.mapping(data.get("digests"))
    if state.phase != "live" or at.place != state.place or digests is None:
        return state, ()
    if not asks_for_digests(state) or all(
        digest(state.slices[kind]) in (digests[kind], None)
        for kind in digests
        if kind in state.slices
    ):
        return replace(state, mismatches=0), ()
    tries = state.mismatches
    return recovery.begin(replace(state, mismatches=tries + 1), recovery.SYNC, tries)


def asks_for_digests(state: State) -> bool:
    """Whether the session has them."""
    return state.opened is not None and "digests" in state.opened.features
