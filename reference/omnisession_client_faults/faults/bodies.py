"""What a client writes, and which versions it reads."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from omnisession_client import reading, recovery
from omnisession_client.effects import Effect, Publish, Request, Step
from omnisession_client.values import Place, State
from omnisession_client_faults import memory
from omnisession_client_faults.faults import fault
from omnisession_reference.wire import JsonObject, tok


def _with(original: Any, state: State, type_: str, **members: Any) -> JsonObject:
    return {**original(state, type_), **members}


@fault("writes-timestamps-with-a-point", breaks="CLI-034", replaces="bodies._envelope")
def with_a_point(original: Any, state: State, type_: str) -> JsonObject:
    """Timestamps are no integers."""
    return _with(original, state, type_, timestamp=state.now_ms + 0.5)


@fault("writes-timestamps-as-text", breaks="CLI-034", replaces="bodies._envelope")
def as_text(original: Any, state: State, type_: str) -> JsonObject:
    """Timestamps of requests are text."""
    return _with(original, state, type_, timestamp=str(state.now_ms))


@fault("writes-no-timestamps", breaks="CLI-034", replaces="bodies._envelope")
def no_timestamps(original: Any, state: State, type_: str) -> JsonObject:
    """Bodies have no timestamp."""
    envelope = original(state, type_)
    del envelope["timestamp"]
    return envelope


@fault("writes-versions-as-numbers", breaks="CLI-034", replaces="bodies._envelope")
def versions(original: Any, state: State, type_: str) -> JsonObject:
    """The version of a body is a number."""
    return _with(original, state, type_, v=1.0)


@fault("writes-no-session-id", breaks="CLI-034", replaces="bodies._envelope")
def no_session_id(original: Any, state: State, type_: str) -> JsonObject:
    """Bodies have no session_id, since the subject has it."""
    envelope = original(state, type_)
    del envelope["session_id"]
    return envelope


@fault("writes-tokens-for-ids", breaks="CLI-034", replaces="bodies._envelope")
def tokens(original: Any, state: State, type_: str) -> JsonObject:
    """A body has the user's id encoded, as a subject has it."""
    return _with(original, state, type_, user_id=tok(state.config.user_id))


@fault("offers-its-version-alone", breaks="CLI-034", replaces="bodies.open_data")
def one_version(original: Any, state: State) -> JsonObject:
    """An open offers one version, and no list of them."""
    return {**original(state), "protocol": "1.0"}


@fault("opens-without-auth", breaks="CLI-034", replaces="bodies.open_data")
def without_auth(original: Any, state: State) -> JsonObject:
    """An open without a token has no member for it."""
    data = original(state)
    return {name: value for name, value in data.items() if value is not None}


@fault("opens-kinds-twice", breaks="CLI-034", replaces="bodies.open_data")
def kinds_twice(original: Any, state: State) -> JsonObject:
    """An open names each kind twice."""
    data = original(state)
    return {**data, "kinds": data["kinds"] * 2}


def _rewritten(effects: tuple[Effect, ...], change: Callable[[bytes], bytes]) -> tuple[Effect, ...]:
    return tuple(
        replace(effect, body=change(effect.body))
        if isinstance(effect, Publish | Request)
        else effect
        for effect in effects
    )


@fault("pings-without-data", breaks="CLI-034", replaces="asking.ping")
def without_data(original: Any, state: State) -> Step:
    """A ping has null for its data."""

    def empty(body: bytes) -> bytes:
        return json.dumps({**json.loads(body), "data": None}).encode()

    after, effects = original(state)
    return after, _rewritten(effects, empty)


@fault("writes-latin-1", breaks="CLI-034", replaces="bodies.encode")
def latin_1(original: Any, body: Any) -> bytes:
    """What is beyond ASCII is written in Latin-1."""
    return original(body).decode().encode("latin-1", "replace")


@fault("writes-a-bom", breaks="CLI-034", replaces="bodies.encode")
def bom(original: Any, body: Any) -> bytes:
    """Bodies begin with a byte order mark."""
    return b"\xef\xbb\xbf" + original(body)


@fault("resumes-with-text", breaks="CLI-034", replaces="recovery._data")
def with_text(original: Any, state: State) -> dict[str, object]:
    """A resume names its place as text."""
    data: dict[str, object] = original(state)
    if state.recovery.want == recovery.OPEN:
        return data
    return {name: str(value) for name, value in data.items()}


@fault("writes-one-wrong-body-in-four", breaks="CLI-034", replaces="bodies.request")
def one_in_four(original: Any, state: State, type_: str, data: Any) -> bytes:
    """Every fourth request has a timestamp that is no integer."""
    body = original(state, type_, data)
    if memory.count(state, "written") % 4:
        return body
    return json.dumps({**json.loads(body), "timestamp": None}).encode()


@fault("reads-its-minor-alone", breaks="CLI-035", replaces="reading.spoken")
def its_minor(original: Any, value: Any) -> JsonObject | None:
    """A body of a higher MINOR cannot be used."""
    found = original(value)
    return found if found is None or found["v"] == "1.0" else None


@fault("reads-minors-of-one-digit", breaks="CLI-035", replaces="reading.spoken")
def one_digit(original: Any, value: Any) -> JsonObject | None:
    """A body of a MINOR above 9 cannot be used."""
    found = original(value)
    return found if found is None or len(found["v"]) == 3 else None


@fault("reads-every-major", breaks="CLI-035", replaces="reading.spoken")
def every_major(original: Any, value: Any) -> JsonObject | None:
    """A body of another MAJOR is used."""
    body = reading.mapping(value)
    has = body is not None and isinstance(body.get("v"), str)
    return body if has else original(value)


@fault("reads-versions-by-their-start", breaks="CLI-035", replaces="reading.spoken")
def by_the_start(original: Any, value: Any) -> JsonObject | None:
    """A MAJOR of several digits is read by the first."""
    body = reading.mapping(value)
    has = body is not None and str(body.get("v")).startswith("1")
    return body if has else original(value)


@fault("counts-another-major", breaks="CLI-035", replaces="stream.heard")
def counts_another(original: Any, state: State, raw: Any) -> Step:
    """A body of another MAJOR is skipped, as if it said something of no use here."""
    try:
        version = json.loads(raw.data).get("v")
    except (ValueError, RecursionError, AttributeError):
        version = None
    foreign = isinstance(version, str) and not version.startswith("1.")
    if not foreign or state.place is None:
        return original(state, raw)
    return replace(state, place=Place(state.place.epoch, state.place.seq + 1)), ()
