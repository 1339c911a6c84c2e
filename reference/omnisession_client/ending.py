"""The end of a session: another one, or none."""

from dataclasses import replace

from omnisession_client import acting, asking, bodies, outbox, recovery
from omnisession_client.effects import (
    CancelTimer,
    Disconnect,
    Publish,
    Renewed,
    Request,
    Step,
    then,
)
from omnisession_client.values import Asked, Recovery, State

CLOSE = "session.close"
# Nobody waits longer for a client that leaves.
CLOSE_MS = 1_000
TIMERS = (asking.PING, recovery.RETRY, outbox.OUTCOME, outbox.RESEND)


def renew(state: State) -> Step:
    """The session is gone: go on in a new one, at once the first time."""
    return then(acting.ended(state), _renewed)


def _renewed(state: State) -> Step:
    failures = state.recovery.failures
    wanted = Recovery(recovery.RENEW, failures=failures + 1)
    state = replace(state, phase="opening", asked=(), held=(), recovery=wanted)
    if failures == 0:
        return recovery.ask(state)
    return recovery.wait(state, failures)


def leave(state: State) -> Step:
    """Leave a session that is live for one in which actions get through."""
    closing = Publish(bodies.stream_subject(state, "control"), bodies.request(state, CLOSE, {}))
    step = renew(state)
    return step[0], (closing, *step[1])


def over(state: State) -> Step:
    """The session has ended for good: nothing more is sent."""
    state, effects = acting.ended(state)
    told = () if state.renewal is None else (Renewed(moved=False),)
    state = replace(state, phase="closed", asked=(), held=(), renewal=None)
    return state, (*effects, *told, *(CancelTimer(timer) for timer in TIMERS))


def stop(state: State) -> Step:
    """The user leaves: tell the server where there is one to tell, then close the connection."""
    tells = state.opened is not None and state.phase in ("live", "recovering")
    # Nobody has answered the open, but a server may have got it.
    asks = state.phase == "opening" and state.recovery.number is not None
    subject, body = bodies.stream_subject(state, "control"), bodies.request(state, CLOSE, {})
    state, effects = over(state)
    if not tells:
        told = (Publish(subject, body),) if asks else ()
        return state, (*effects, *told, Disconnect())
    number = state.numbers + 1
    state = replace(state, numbers=number, asked=(Asked(number, CLOSE),))
    return state, (*effects, Request(number, subject, body, CLOSE_MS))
