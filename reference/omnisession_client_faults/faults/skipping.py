"""What a client does not know, and what is not meant for it."""

from dataclasses import replace
from typing import Any

from omnisession_client import bodies, pushes, reading, recovery, stream
from omnisession_client.effects import Step
from omnisession_client.kinds import BY_PREFIX, KINDS
from omnisession_client.values import Place, Raw, State
from omnisession_client_faults.faults import fault
from omnisession_reference.wire import JsonObject

Slices = dict[str, JsonObject]


def _is_known(type_: Any) -> bool:
    kind = BY_PREFIX.get(str(type_).partition(".")[0])
    return type_ == stream.STATE or (kind is not None and str(type_) in kind.reducers)


def _kind(body: JsonObject) -> Any:
    return (reading.mapping(body.get("data")) or {}).get("type")


@fault("counts-no-unknown-events", breaks="CLI-010", replaces="stream.taken")
def counts_no_unknown(original: Any, state: State, body: JsonObject, raw: Any = None) -> Step:
    """An event of a type that is not known is dropped, and its seq is missing."""
    return original(state, body, raw) if _is_known(body.get("type")) else (state, ())


@fault("counts-no-unknown-kinds", breaks="CLI-010", replaces="stream.taken")
def counts_no_kinds(original: Any, state: State, body: JsonObject, raw: Any = None) -> Step:
    """A state of a kind that is not known is dropped, and its seq is missing."""
    unknown = body.get("type") == stream.STATE and _kind(body) not in KINDS
    return (state, ()) if unknown else original(state, body, raw)


@fault("cannot-use-unknown-events", breaks="CLI-010", replaces="stream.applied")
def cannot_use_events(original: Any, state: State, body: JsonObject) -> Slices | None:
    """An event of a type that is not known is taken for one that cannot be used."""
    return original(state, body) if _is_known(body.get("type")) else None


@fault("cannot-use-unknown-events-of-its-kinds", breaks="CLI-010", replaces="stream.applied")
def cannot_use_its_own(original: Any, state: State, body: JsonObject) -> Slices | None:
    """An unknown event of a kind that is known is taken for one that cannot be used."""
    prefix = str(body.get("type")).partition(".")[0]
    ours = prefix in BY_PREFIX and not _is_known(body.get("type"))
    return None if ours else original(state, body)


@fault("cannot-use-unknown-kinds", breaks="CLI-010", replaces="stream.shown")
def cannot_use_kinds(original: Any, slices: Slices, data: JsonObject) -> Slices | None:
    """A state of a kind that is not known is taken for one that cannot be used."""
    return None if data.get("type") not in KINDS else original(slices, data)


@fault("recovers-from-the-unknown", breaks="CLI-010", replaces="stream.next_one")
def recovers(original: Any, state: State, body: JsonObject, place: Place) -> Step:
    """An unknown event is counted, and the client asks for states, which may show what it was."""
    after, effects = original(state, body, place)
    if _is_known(body.get("type")):
        return after, effects
    asked = recovery.begin(after, recovery.SYNC)
    return asked[0], (*effects, *asked[1])


@fault("trusts-the-subject", breaks="CLI-011", replaces="stream.is_own")
def trusts_the_subject(*_: Any) -> bool:
    """The ids of a body are not looked at."""
    return True


@fault("looks-at-no-session-id", breaks="CLI-011", replaces="stream.is_own")
def looks_at_no_session(_original: Any, state: State, body: JsonObject) -> bool:
    """The session_id of a body is not looked at."""
    return body.get("user_id") == state.config.user_id


@fault("looks-at-no-user-id", breaks="CLI-011", replaces="stream.is_own")
def looks_at_no_user(_original: Any, state: State, body: JsonObject) -> bool:
    """The user_id of a body is not looked at."""
    return body.get("session_id") == state.session_id


@fault("compares-ids-whatever-case", breaks="CLI-011", replaces="stream.is_own")
def whatever_case(_original: Any, state: State, body: JsonObject) -> bool:
    """Ids are compared whatever case their letters have."""
    theirs = [str(body.get(name)).casefold() for name in ("user_id", "session_id")]
    return theirs == [state.config.user_id.casefold(), state.session_id.casefold()]


@fault("compares-the-start-of-ids", breaks="CLI-011", replaces="stream.is_own")
def by_the_start(_original: Any, state: State, body: JsonObject) -> bool:
    """Of a session_id the first 16 characters are compared."""
    mine = str(body.get("session_id"))[:16] == state.session_id[:16]
    return mine and body.get("user_id") == state.config.user_id


@fault("trusts-pushes", breaks="CLI-011", replaces="hearing.control")
def trusts_pushes(original: Any, state: State, raw: Raw) -> Step:
    """The ids of a push are not looked at."""
    body = reading.body(raw.data)
    data = None if body is None else reading.mapping(body.get("data"))
    if body is None or data is None or state.phase != "live":
        return original(state, raw)
    if body.get("type") == pushes.CLOSING:
        return pushes.closing(state, data)
    return pushes.taken(state, body)


@fault("hears-every-part", breaks="CLI-011", replaces="hearing.heard")
def hears_every_part(original: Any, state: State, raw: Raw) -> Step:
    """A body on another subject below the session's is taken for one of its stream."""
    stem = bodies.stream_subject(state, "")
    part = raw.subject.removeprefix(stem)
    if part not in ("state", "events", "control") and raw.subject.startswith(stem):
        raw = replace(raw, subject=f"{stem}events")
    return original(state, raw)
