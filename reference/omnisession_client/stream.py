"""States and events: each has its place, and only the next one counts."""

from dataclasses import replace

from omnisession_client import acting, reading, recovery
from omnisession_client.effects import Step
from omnisession_client.kinds import BY_PREFIX, KINDS
from omnisession_client.values import Place, Raw, State
from omnisession_reference.wire import JsonObject

STATE = "session.state"
# So many are kept while the client waits for an answer; beyond that they are lost, and found to be.
MOST_HELD = 1_024


def heard(state: State, raw: Raw) -> Step:
    """A message came on `.state` or `.events`."""
    body = reading.body(raw.data)
    return unusable(state) if body is None else taken(state, body, raw)


def hold(state: State, raw: Raw) -> State:
    """Keep a message until the answer is there."""
    return replace(state, held=(*state.held, raw)[:MOST_HELD])


def unusable(state: State) -> Step:
    """Only states close the gap of a message that cannot be used."""
    return recovery.begin(state, recovery.SYNC)


def taken(state: State, body: JsonObject, raw: Raw | None = None) -> Step:
    """Take a state or event, of the stream or of a replay."""
    if not is_own(state, body):
        return state, ()
    place, held = reading.place(body), state.place
    if place is None or held is None:
        return unusable(state)
    if is_old(state, place):
        return state, ()
    return next_one(state, body, place) if connects(held, place, body) else gap(state, raw)


def is_own(state: State, body: JsonObject) -> bool:
    """Whether a body names this user and session."""
    return (body.get("user_id"), body.get("session_id")) == (
        state.config.user_id,
        state.session_id,
    )


def is_old(state: State, place: Place) -> bool:
    """Whether the client has been at this place already."""
    return state.place is not None and place <= state.place


def connects(held: Place, place: Place, body: JsonObject) -> bool:
    """Whether nothing is missing before a message: it is the next one, or begins a new epoch."""
    if place.epoch > held.epoch:
        return place.seq == 1 and body.get("type") == STATE
    return place == (held.epoch, held.seq + 1)


def is_far(state: State, raw: Raw) -> bool:
    """Whether something is missing before a message of the stream."""
    body = reading.body(raw.data)
    place = None if body is None else reading.place(body)
    if body is None or place is None or state.place is None:
        return False
    return place > state.place and not connects(state.place, place, body)


def gap(state: State, raw: Raw | None) -> Step:
    """Something before this message is missing."""
    state, effects = recovery.begin(state, recovery.RESUME)
    return state if raw is None else hold(state, raw), effects


def next_one(state: State, body: JsonObject, place: Place) -> Step:
    """Apply the next message, and go on to its place."""
    slices = applied(state, body)
    if slices is None:
        return unusable(state)
    state = acting.seen(replace(state, slices=slices, place=place), body)
    return recovery.reached(counted(state, reading.number(body.get("last_action_seq")))), ()


def counted(state: State, last_action_seq: int | None) -> State:
    """Note which actions are done, as of a place that the client has reached."""
    return replace(state, counted=max(state.counted, last_action_seq or 0))


def applied(state: State, body: JsonObject) -> dict[str, JsonObject] | None:
    """The slices after a message; as they are for one of no use here, None for one that has none."""
    type_, data = body.get("type"), reading.mapping(body.get("data"))
    if not isinstance(type_, str) or data is None:
        return None
    slices = dict(state.slices)
    if type_ == STATE:
        return shown(slices, data)
    kind = BY_PREFIX.get(type_.partition(".")[0])
    if kind is None or kind.name not in slices or state.opened is None:
        return slices
    after = kind.reduce(slices[kind.name], type_, data, state.opened.limits)
    return None if after is None else {**slices, kind.name: after}


def shown(slices: dict[str, JsonObject], data: JsonObject) -> dict[str, JsonObject] | None:
    """Put the slice of a state in the place of the one of its kind, whole."""
    name = data.get("type")
    if not isinstance(name, str):
        return None
    if name not in slices:
        return slices
    return {**slices, name: data} if KINDS[name].usable(data) else None
