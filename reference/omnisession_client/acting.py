"""The user's actions: one at a time, or kept pending until the client's place counts them."""

from omnisession_client import outbox, refusing
from omnisession_client.effects import Step
from omnisession_client.messages import Dispatched
from omnisession_client.pending import carrying, outcomes, seeing, sending, settling, taking
from omnisession_client.values import Position, State
from omnisession_reference.wire import JsonObject


def keeps(state: State) -> bool:
    """Whether actions are kept pending."""
    return state.config.mode != "pure"


def dispatch(state: State, action: Dispatched) -> Step:
    """The user does something, which is taken or refused here; then nothing of it is numbered."""
    if reason := not_now(state):
        return refusing.refused(state, action, reason)
    return taking.dispatch(state, action) if keeps(state) else outbox.dispatch(state, action)


def not_now(state: State) -> str | None:
    """Why no action at all can be taken, if so."""
    return taking.not_now(state) if keeps(state) else outbox.not_now(state)


def live(state: State) -> Step:
    """The session is live: send what is due."""
    return sending.live(state) if keeps(state) else outbox.live(state)


def outcome(state: State, type_: str, data: JsonObject) -> Step:
    """An ack or a nack came."""
    if keeps(state):
        return outcomes.outcome(state, type_, data)
    return outbox.outcome(state, type_, data)


def settled(state: State) -> Step:
    """Something was handled: what the client's place counts is done."""
    return settling.settled(state) if keeps(state) else (state, ())


def seen(state: State, body: JsonObject) -> State:
    """A message of the stream was applied."""
    return seeing.seen(state, body) if keeps(state) else state


def rang(state: State, timer: str) -> Step:
    """A timer of the actions rang."""
    return sending.rang(state, timer) if keeps(state) else outbox.rang(state, timer)


def exhausted(state: State) -> bool:
    """Whether another session may do better for the actions."""
    return sending.exhausted(state) if keeps(state) else outbox.exhausted(state)


def is_above(state: State) -> bool:
    """Whether an action that has its number cannot be sent here any more: only a new session goes on."""
    return sending.is_above(state) if keeps(state) else outbox.is_above(state)


def lost(state: State) -> Step:
    """The connection is gone."""
    return sending.lost(state) if keeps(state) else outbox.lost(state)


def ended(state: State) -> Step:
    """The session is gone: what is pending comes along into the next one, all else is given up."""
    return sending.ended(state) if keeps(state) else outbox.given_up(state)


def began(state: State) -> State:
    """The next session begins."""
    return carrying.began(state) if keeps(state) else state


def opened(state: State) -> State:
    """The server has made the session."""
    return carrying.opened(state) if keeps(state) else state


def answered(state: State) -> State:
    """A request was answered by a session that lives."""
    return carrying.known(state, state.asked_ms) if keeps(state) else state


def ahead(state: State, at: Position) -> State:
    """A position was told that the client has yet to reach."""
    return settling.ahead(state, at) if keeps(state) else state
