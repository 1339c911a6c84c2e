"""A client that waits with local ids: what names one has no number until the server's id is known."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from omnisession_client import bodies, reading, refusing
from omnisession_client.effects import Step, then
from omnisession_client.kinds.kind import LOCAL
from omnisession_client.messages import Dispatched
from omnisession_client.pending import sending, taking
from omnisession_client.pending.lists import find, put, without
from omnisession_client.values import Pending, Refused, State
from omnisession_client_faults import memory
from omnisession_client_faults.places import replacing
from omnisession_client_faults.views import View
from omnisession_reference.wire import JsonObject

IDS = ("article_id", "message_id", "url_id")


def _made(state: State) -> dict[str, str]:
    """The server's ids of local ones, as far as they are known."""
    return memory.of(state).setdefault("made", {})


def named(value: Any) -> set[str]:
    """The local ids that an action names."""
    found: set[str] = set()
    if isinstance(value, Mapping):
        for name, member in cast("Mapping[str, Any]", value).items():
            found |= {member} if taking.names_local(name, member) else named(member)
    elif isinstance(value, list | tuple):
        for member in cast("list[Any]", value):
            found |= named(member)
    return found


def _put_in(value: Any, made: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        members = cast("Mapping[str, Any]", value)
        return {
            name: made.get(member, member)
            if taking.names_local(name, member)
            else _put_in(member, made)
            for name, member in members.items()
        }
    if isinstance(value, list):
        return [_put_in(member, made) for member in cast("list[Any]", value)]
    return value


def _is_known(state: State, local_id: str) -> bool:
    is_pending = find(state, local_id.removeprefix(LOCAL)) is not None
    return is_pending or local_id in _made(state)


@replacing("pending.taking.refusal")
def _takes_them(original: Any, state: State, action: Dispatched) -> str | None:
    reason = original(state, action)
    if reason != "local_id" or not all(_is_known(state, one) for one in named(action.data)):
        return reason
    body = bodies.action(state, action.action_id, action.type, action.data, action.expect)
    if state.opened is None:
        return "invalid" if body is None else None
    return refusing.refusal(state, action, body)


@replacing("pending.outcomes.outcome")
def _learns_by_results(original: Any, state: State, type_: str, data: JsonObject) -> Step:
    result = reading.mapping(data.get("result")) or {}
    for name in IDS:
        if type_ == "action.ack" and isinstance(result.get(name), str):
            _made(state).setdefault(f"{LOCAL}{data.get('action_id')}", result[name])
    return original(state, type_, data)


@replacing("pending.seeing.seen")
def _learns_by_events(original: Any, state: State, body: JsonObject) -> State:
    cause = reading.mapping(body.get("cause")) or {}
    data = reading.mapping(body.get("data")) or {}
    creates = str(body.get("type")).endswith((".created", ".message_added"))
    for name in ("article", "message", "url"):
        entity = reading.mapping(data.get(name)) or {}
        if creates and isinstance(entity.get("id"), str):
            _made(state).setdefault(f"{LOCAL}{cause.get('action_id')}", entity["id"])
    return original(state, body)


@replacing("acting.settled")
def _goes_on(original: Any, state: State) -> Step:
    step = original(state)
    waits = any(one.number is None for one in step[0].pending)
    return then(step, sending.live) if waits else step


@replacing("pending.sending.send")
def _sends_in_order(original: Any, state: State, some: Any) -> Step:
    ready = [one for one in some if one.number is not None]
    return original(state, sorted(ready, key=lambda one: one.number))


@replacing("pending.sending.waits_on")
def _has_no_timer_for_them(original: Any, state: State) -> Step:
    ready = tuple(one for one in state.pending if one.number is not None)
    after, effects = original(replace(state, pending=ready))
    return replace(after, pending=state.pending), effects


@replacing("view.view")
def _shows_them_last(original: Any, state: State) -> View:
    far = state.next_number
    ordered = sorted(state.pending, key=lambda one: far if one.number is None else one.number)
    return original(replace(state, pending=tuple(ordered)))


WAITING = (
    _takes_them,
    _learns_by_results,
    _learns_by_events,
    _goes_on,
    _sends_in_order,
    _has_no_timer_for_them,
    _shows_them_last,
)


def waits(state: State, one: Pending) -> bool:
    """Whether an action names an entry whose create is pending, with an id that nobody has told yet."""
    made = _made(state)
    return any(
        name not in made and find(state, name.removeprefix(LOCAL)) is not None
        for name in named(one.doing.data)
    )


def is_lost(state: State, one: Pending) -> bool:
    """Whether an action names an entry that nobody will make."""
    return any(not _is_known(state, name) for name in named(one.doing.data))


def known(state: State, one: Pending) -> tuple[State, Pending]:
    """Put the server's ids into an action, as far as they are known."""
    data = _put_in(one.doing.data, _made(state))
    changed = replace(one, doing=replace(one.doing, data=data))
    return put(state, changed), changed


def refused(state: State, one: Pending) -> State:
    """Refuse an action, and tell."""
    lost = Refused(one.doing.action_id, reason="local_id")
    return refusing.told(without(state, one), lost)
