"""What a state does to the slices."""

from typing import Any, cast

from omnisession_client.values import Config, State
from omnisession_client_faults.faults import fault
from omnisession_client_faults.places import replacing
from omnisession_reference.wire import JsonObject

Slices = dict[str, JsonObject]
_LAST: dict[str, JsonObject] = {}
_CACHE: dict[str, JsonObject] = {}


def _held(slices: Slices, data: JsonObject) -> JsonObject:
    return slices.get(str(data.get("type")), {})


def _lists(slice_: JsonObject) -> dict[str, list[Any]]:
    return {
        name: cast("list[Any]", value) for name, value in slice_.items() if isinstance(value, list)
    }


@fault("merges-states", breaks="CLI-004", replaces="stream.shown")
def merges(original: Any, slices: Slices, data: JsonObject) -> Slices | None:
    """The lists of a state are added to those that are held, entry by entry."""
    held = _lists(_held(slices, data))
    lists = {
        name: [*value, *(old for old in held.get(name, []) if old not in value)]
        for name, value in _lists(data).items()
    }
    return original(slices, {**data, **lists})


@fault("keeps-what-is-null", breaks="CLI-004", replaces="stream.shown")
def keeps_what_is_null(original: Any, slices: Slices, data: JsonObject) -> Slices | None:
    """A member that is null in a state leaves the one that is held."""
    there = {name: value for name, value in data.items() if value is not None}
    return original(slices, {**data, **_held(slices, data), **there})


@fault("keeps-what-is-empty", breaks="CLI-004", replaces="stream.shown")
def keeps_what_is_empty(original: Any, slices: Slices, data: JsonObject) -> Slices | None:
    """A list that is empty in a state leaves the one that is held."""
    there = {name: value for name, value in data.items() if value != []}
    return original(slices, {**data, **_held(slices, data), **there})


@fault("clears-other-slices", breaks="CLI-004", replaces="stream.shown")
def clears_others(original: Any, slices: Slices, data: JsonObject) -> Slices | None:
    """A state of one kind empties the slices of the others."""
    emptied: Slices = {}
    for kind, held in slices.items():
        none: dict[str, list[Any]] = {name: [] for name in _lists(held)}
        emptied[kind] = {**held, **none}
    return original(emptied, data)


@fault("shows-its-first-kind", breaks="CLI-004", replaces="stream.shown")
def shows_its_first_kind(original: Any, slices: Slices, data: JsonObject) -> Slices | None:
    """Of several kinds only the states of the first are shown."""
    first = next(iter(slices), None)
    return original(slices, data) if data.get("type") == first else slices


@fault("keeps-its-first-state", breaks="CLI-004", replaces="stream.shown")
def keeps_its_first_state(original: Any, slices: Slices, data: JsonObject) -> Slices | None:
    """Once a slice has an entry, further states of its kind are counted and not shown."""
    has = any(_lists(_held(slices, data)).values())
    return slices if has else original(slices, data)


@fault("adds-no-entry-by-a-state", breaks="CLI-004", replaces="stream.shown")
def adds_no_entry(original: Any, slices: Slices, data: JsonObject) -> Slices | None:
    """A list of a state is cut to as many entries as are held, if any are."""
    held = _lists(_held(slices, data))
    cut = {name: value[: len(held[name])] for name, value in _lists(data).items() if held.get(name)}
    return original(slices, {**data, **cut})


@replacing("stream.applied")
def _keeps_the_last(original: Any, state: State, body: JsonObject) -> Slices | None:
    slices = original(state, body)
    if body.get("type") == "session.state" and slices is not None:
        _LAST.update(slices)
    return slices


@fault("shares-slices", _keeps_the_last, breaks="CLI-004", replaces="report.report")
def shares_slices(original: Any, state: State) -> JsonObject:
    """All sessions of the process show the last states that any of them has got."""
    told = original(state)
    shared = {kind: _LAST.get(kind, held) for kind, held in told["slices"].items()}
    return {**told, "slices": shared}


@replacing("stream.applied")
def _keeps_for_the_next(original: Any, state: State, body: JsonObject) -> Slices | None:
    slices = original(state, body)
    _CACHE.update(slices or {})
    return slices


@fault("begins-with-a-cache", _keeps_for_the_next, breaks="CLI-022", replaces="update.init")
def begins_with_a_cache(original: Any, config: Config) -> State:
    """Before its first state a client shows what another session of the process held last."""
    slices: Slices = original(config).slices
    shown = {kind: _CACHE.get(kind, held) for kind, held in slices.items()}
    return State(config, slices=shown)


@fault("begins-with-placeholders", breaks="CLI-022", replaces="update.init")
def begins_with_placeholders(original: Any, config: Config) -> State:
    """Before its first state a client shows an entry in the lists that says so."""
    entry = {"id": "loading", "user_id": config.user_id, "content": "", "sent_at": 1}
    shown = {
        kind: {
            name: [entry] if name in ("articles", "messages", "urls", "sessions") else value
            for name, value in held.items()
        }
        for kind, held in original(config).slices.items()
    }
    return State(config, slices=shown)


@fault("begins-with-itself", breaks="CLI-022", replaces="update.init")
def begins_with_itself(original: Any, config: Config) -> State:
    """Before its first state a client shows its own user as somebody who is there."""
    me = {"id": config.user_id, "name": config.user_id}
    alone: Slices = {"user": {"user": me}, "chat": {"participants": [me]}}
    slices: Slices = original(config).slices
    shown = {kind: {**held, **alone.get(kind, {})} for kind, held in slices.items()}
    return State(config, slices=shown)
