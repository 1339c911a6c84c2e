"""What the user does is taken in any phase but at the end, and has its turn once the session is live."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from omnisession_client import bodies, refusing
from omnisession_client.effects import Step, Taken
from omnisession_client.messages import Dispatched
from omnisession_client.pending import sending
from omnisession_client.values import Doing, Pending, State
from omnisession_client.view import LOCAL

MOST_PENDING = 32


def dispatch(state: State, action: Dispatched) -> Step:
    """Take an action, or refuse it here."""
    if reason := refusal(state, action):
        return refusing.refused(state, action, reason)
    doing = Doing(action.action_id, action.type, action.data, action.expect, state.now_ms)
    state = replace(state, pending=(*state.pending, Pending(doing)))
    state, effects = sending.live(state)
    return state, (*effects, Taken(action.action_id, None))


def not_now(state: State) -> str | None:
    """Why no action at all can be taken, if so."""
    if state.phase == "closed":
        return "closed"
    return "full" if len(state.pending) >= MOST_PENDING else None


def refusal(state: State, action: Dispatched) -> str | None:
    """Why this action cannot be taken, if so; before the session is open only some of it is known."""
    if state.config.mode == "optimistic" and is_local((action.data, action.expect)):
        return "local_id"
    body = bodies.action(state, action.action_id, action.type, action.data, action.expect)
    if state.opened is None:
        return "invalid" if body is None else None
    return refusing.refusal(state, action, body)


def is_local(value: Any) -> bool:
    """Whether something names an id that only the client's own view has."""
    layer: list[Any] = [value]
    while layer:
        item = layer.pop()
        if isinstance(item, Mapping):
            members = cast("Mapping[str, Any]", item)
            if any(names_local(name, member) for name, member in members.items()):
                return True
            layer.extend(members.values())
        elif isinstance(item, list | tuple):
            layer.extend(cast("list[Any]", item))
    return False


def names_local(name: str, member: Any) -> bool:
    """Whether this member is such an id; a text may begin as it likes."""
    is_id = name == "id" or name.endswith("_id")
    return is_id and isinstance(member, str) and member.startswith(LOCAL)
