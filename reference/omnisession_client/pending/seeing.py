"""Creates whose effect is seen: what they made is in a slice, so that the view shows it once."""

from dataclasses import replace

from omnisession_client import reading
from omnisession_client.kinds import KINDS
from omnisession_client.kinds.kind import Kind
from omnisession_client.pending.lists import find, put
from omnisession_client.values import Pending, State
from omnisession_reference.wire import JsonObject

CREATES: dict[str, Kind] = {kind.creates.action: kind for kind in KINDS.values() if kind.creates}


def seen(state: State, body: JsonObject) -> State:
    """A message was taken: where an event was reduced, what it names as its cause has had an effect.

    An event of a type that is not known may name it as well, and shows nothing.
    """
    cause = reading.mapping(body.get("cause")) or {}
    one = find(state, cause.get("action_id"))
    if one is None or one.seen:
        return state
    kind = CREATES.get(one.doing.type)
    reduced = kind is not None and body.get("type") in kind.reducers
    return put(state, replace(one, seen=True)) if reduced else state


def made(one: Pending, result: JsonObject) -> str | None:
    """The id that the result of an action names, if it creates something."""
    kind = CREATES.get(one.doing.type)
    if kind is None or kind.creates is None:
        return None
    found = result.get(kind.creates.result)
    return found if isinstance(found, str) else one.made


def shown(state: State) -> State:
    """Look for what was made in the slices."""
    for one in state.pending:
        if one.made is not None and not one.seen and is_there(state, one):
            state = put(state, replace(one, seen=True))
    return state


def is_there(state: State, one: Pending) -> bool:
    """Whether the slice holds what an action has made."""
    kind = CREATES.get(one.doing.type)
    if kind is None or kind.creates is None or kind.name not in state.slices:
        return False
    entries = state.slices[kind.name][kind.creates.entries]
    return any(entry["id"] == one.made for entry in entries)
