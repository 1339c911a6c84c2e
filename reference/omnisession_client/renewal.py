"""A session that ends with its token goes on by another one: the client opens it again, as a recovery."""

from dataclasses import replace

from omnisession_client import recovery
from omnisession_client.effects import Renewed, Step
from omnisession_client.values import Recovery, State


def renew(state: State, token: str) -> Step:
    """Take another token, for the session that lives and for those that come."""
    if state.phase == "closed":
        return state, (Renewed(moved=False),)
    return replace(state, config=replace(state.config, token=token), renewal="due"), ()


def due(state: State) -> Step:
    """Open again as soon as nothing else is asked."""
    rests = state.phase == "live" and state.recovery.goal is None
    return recovery.begin(state, recovery.OPEN) if rests and state.renewal == "due" else (state, ())


def settled(state: State) -> Step:
    """The session has taken the token that was sent last, if one was."""
    if state.renewal != "sent":
        return state, ()
    ends_at = None if state.opened is None else state.opened.expires_at
    return replace(state, renewal=None), (Renewed(moved=True, expires_at=ends_at),)


def refused(state: State, code: int) -> Step:
    """The token is of no use here: the session lives until the end that it had."""
    state = replace(state, renewal=None, recovery=Recovery(recovery.RESUME))
    state, effects = recovery.ask(state)
    return state, (Renewed(moved=False, code=code), *effects)
