"""Actions that the client refuses by itself, and what the user is told to have failed."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from omnisession_client.effects import Step, Taken
from omnisession_client.values import Refused, State


class Action(Protocol):
    """What a user does, as far as it matters here."""

    @property
    def action_id(self) -> str:
        """The client's own id of it."""
        ...

    @property
    def type(self) -> str:
        """Its type."""
        ...

    @property
    def data(self) -> Mapping[str, object]:
        """Its data."""
        ...


def refused(state: State, action: Action, reason: str) -> Step:
    """Refuse an action here, and say why."""
    after = told(state, Refused(action.action_id, reason=reason))
    return after, (Taken(action.action_id, reason),)


def refusal(state: State, action: Action, body: bytes | None) -> str | None:
    """Why this action cannot be sent, if so: the server would refuse it, or not hear it."""
    if state.opened is None or action.type not in state.opened.actions:
        return "unknown_type"
    if body is None:
        return "invalid"
    most = min(state.opened.limits.get("action", state.max_payload), state.max_payload)
    return "too_large" if len(body) > most else None


def told(state: State, one: Refused) -> State:
    """Tell the user that an action has failed."""
    return replace(state, refused=(*state.refused, one))
