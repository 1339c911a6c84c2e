"""The client: a function of what it knows and what comes, to what it knows then and what it wants done."""

from dataclasses import replace
from typing import assert_never

from omnisession_client import acting, answers, asking, bodies, ending, hearing, recovery, renewal
from omnisession_client.effects import CancelTimer, Step, Subscribe, then
from omnisession_client.kinds import KINDS
from omnisession_client.messages import (
    Answered,
    Began,
    Dispatched,
    Heard,
    Lost,
    Message,
    Rang,
    Ready,
    Renewing,
    Stopped,
)
from omnisession_client.values import Config, Raw, Recovery, State


def init(config: Config) -> State:
    """A client before its first session: every slice is empty."""
    return State(config, slices={kind: KINDS[kind].empty for kind in config.kinds})


def update(state: State, message: Message) -> Step:
    """Handle one message."""
    steady_ms = message.at_ms if message.steady_ms is None else message.steady_ms
    state = replace(state, now_ms=message.at_ms, steady_ms=steady_ms)
    match message:
        case Began():
            step = began(state, message.session_id)
        case Ready():
            step = ready(replace(state, max_payload=message.max_payload))
        case Lost():
            step = lost(state)
        case Heard():
            step = hearing.heard(state, Raw(message.subject, message.data))
        case Answered():
            step = answers.answered(state, message)
        case Rang():
            step = rang(state, message.timer)
        case Dispatched():
            step = acting.dispatch(state, message)
        case Renewing():
            step = renewal.renew(state, message.token)
        case Stopped():
            step = ending.stop(state)
        case _:
            assert_never(message)
    return then(then(step, renewal.due), acting.settled)


def began(state: State, session_id: str) -> Step:
    """A session begins: hear of it before it is asked for."""
    if state.phase == "closed":
        return state, ()
    state = replace(
        state,
        session_id=session_id,
        phase="offline" if state.phase == "offline" else "opening",
        opened=None,
        place=None,
        counted=0,
        held=(),
        asked=(),
        recovery=Recovery(failures=state.recovery.failures),
        told=None,
        mismatches=0,
        next_number=1,
    )
    subject = bodies.stream_subject(state)
    return acting.began(state), (Subscribe(subject), CancelTimer(asking.PING))


def ready(state: State) -> Step:
    """The subscription is in force."""
    return (state, ()) if state.phase == "closed" else recovery.connected(state)


def lost(state: State) -> Step:
    """Wait for the next connection; requests on this one have no answer any more."""
    if state.phase == "closed":
        return state, ()
    state, effects = acting.lost(state)
    state = replace(state, phase="offline", asked=(), recovery=Recovery())
    return state, (*effects, CancelTimer(recovery.RETRY), CancelTimer(asking.PING))


def rang(state: State, timer: str) -> Step:
    """A timer's time has come."""
    if state.phase == "closed":
        return state, ()
    if timer == recovery.RETRY:
        return recovery.rang(state)
    if timer == asking.PING:
        told = state.opened is not None and state.phase in ("live", "recovering")
        return asking.ping(state) if told else (state, ())
    if state.phase == "live" and acting.exhausted(state):
        return ending.leave(state)
    return acting.rang(state, timer)
