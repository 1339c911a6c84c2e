"""Versions, ids, members and types that are read rightly in one place and wrongly in another."""

import re
import unicodedata
from dataclasses import replace
from typing import Any

from omnisession_client import pushes, reading, recovery, stream
from omnisession_client.effects import Step, then
from omnisession_client.kinds import KINDS
from omnisession_client.messages import Answered
from omnisession_client.values import Raw, State
from omnisession_client_faults.faults import fault
from omnisession_client_faults.places import in_force, replacing
from omnisession_reference.wire import JsonObject, WireError, decode

ANY = re.compile(r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)")
NAMES = frozenset(
    {
        "v",
        "type",
        "user_id",
        "session_id",
        "timestamp",
        "epoch",
        "seq",
        "last_action_seq",
        "reason",
        "event_id",
        "actor",
        "cause",
        "data",
        "ext",
    }
)


@replacing("reading._VERSION")
def _any_version(_original: Any) -> Any:
    return ANY


@fault("takes-answers-of-another-major", breaks="CLI-035", replaces="answers.answered")
def answers_of_another(original: Any, state: State, message: Answered) -> Step:
    """An answer is used whatever its version is."""
    with in_force((_any_version,)):
        return original(state, message)


def _decoded(data: bytes) -> JsonObject | None:
    try:
        return reading.mapping(decode(data))
    except WireError:
        return None


@fault(
    "asks-again-behind-an-answer-of-another-major", breaks="CLI-035", replaces="answers.answered"
)
def asks_again_behind(original: Any, state: State, message: Answered) -> Step:
    """The messages of a replay are taken whatever the version of the answer is, and it is asked again."""
    body = None if message.data is None else _decoded(message.data)
    if body is None or ANY.fullmatch(str(body.get("v"))) is None or reading.spoken(body):
        return original(state, message)
    with in_force((_any_version,)):
        taken, _ = original(state, message)
    after, effects = original(state, message)
    return replace(after, slices=taken.slices, place=taken.place), effects


@fault("takes-pushes-of-another-major", breaks="CLI-035", replaces="hearing.control")
def pushes_of_another(original: Any, state: State, raw: Raw) -> Step:
    """A push is used whatever its version is."""
    with in_force((_any_version,)):
        return original(state, raw)


@fault("takes-events-of-another-major", breaks="CLI-035", replaces="stream.heard")
def events_of_another(original: Any, state: State, raw: Raw) -> Step:
    """An event is used whatever its version is, and a state is not."""
    if not raw.subject.endswith(".events"):
        return original(state, raw)
    with in_force((_any_version,)):
        return original(state, raw)


@fault("trusts-the-subject-of-events", breaks="CLI-011", replaces="stream.is_own")
def trusts_events(original: Any, state: State, body: JsonObject) -> bool:
    """The ids of an event are not looked at."""
    return "event_id" in body or original(state, body)


@fault("trusts-the-subject-of-closing", breaks="CLI-011", replaces="stream.is_own")
def trusts_closing(original: Any, state: State, body: JsonObject) -> bool:
    """The ids of a closing are not looked at."""
    return body.get("type") == pushes.CLOSING or original(state, body)


@fault("trusts-the-subject-of-outcomes", breaks="CLI-011", replaces="stream.is_own")
def trusts_outcomes(original: Any, state: State, body: JsonObject) -> bool:
    """The ids of an ack or nack are not looked at."""
    return body.get("type") in pushes.OUTCOMES or original(state, body)


@fault("counts-what-is-of-others", breaks="CLI-011", replaces="stream.taken")
def counts_others(original: Any, state: State, body: JsonObject, raw: Any = None) -> Step:
    """What names another session is not applied, and its seq is counted."""
    place = reading.place(body)
    if stream.is_own(state, body) or state.place is None or place is None:
        return original(state, body, raw)
    return (replace(state, place=place) if place > state.place else state), ()


@fault("compares-ids-composed", breaks="CLI-011", replaces="stream.is_own")
def compares_composed(_original: Any, state: State, body: JsonObject) -> bool:
    """Ids are compared as they are normalised."""
    ids = (body.get("user_id"), body.get("session_id"))
    own = (state.config.user_id, state.session_id)
    return [_plain(one) for one in ids] == [_plain(one) for one in own]


def _plain(value: object) -> object:
    return unicodedata.normalize("NFKC", value).strip() if isinstance(value, str) else value


@fault("cannot-use-unknown-members", breaks="CLI-010", replaces="stream.applied")
def no_unknown_members(original: Any, state: State, body: JsonObject) -> Any:
    """A state or event with a member that is not known cannot be used."""
    return original(state, body) if set(body) <= NAMES else None


def _names(value: Any) -> set[str]:
    members, items = reading.mapping(value), reading.items(value)
    if members is not None:
        return {*members}.union(*(_names(one) for one in members.values()))
    return set[str]().union(*(_names(one) for one in items or ()))


@fault("recovers-at-unknown-pushes", breaks="CLI-010", replaces="pushes.taken")
def recovers_at_pushes(original: Any, state: State, body: JsonObject) -> Step:
    """A push of a type that is not known leads to a sync."""
    known = ("session.heartbeat", *pushes.OUTCOMES)
    step = original(state, body)
    if body.get("type") in known:
        return step
    return then(step, lambda after: recovery.begin(after, recovery.SYNC))


@fault("recovers-from-unknown-kinds", breaks="CLI-010", replaces="stream.next_one")
def recovers_from_kinds(original: Any, state: State, body: JsonObject, place: Any) -> Step:
    """A state of a kind that is not open is counted, and leads to a sync."""
    step = original(state, body, place)
    data = reading.mapping(body.get("data")) or {}
    if body.get("type") != stream.STATE or data.get("type") in KINDS:
        return step
    return then(step, lambda after: recovery.begin(after, recovery.SYNC))


@fault("jumps-with-the-unknown", breaks="CLI-006", replaces="stream.taken")
def jumps_with_the_unknown(original: Any, state: State, body: JsonObject, raw: Any = None) -> Step:
    """An event of a type that is not known is counted at once, wherever it stands."""
    place, prefix = reading.place(body), str(body.get("type")).partition(".")[0]
    known = body.get("type") == stream.STATE or prefix in ("article", "chat", "url", "user")
    if known or place is None or not stream.is_own(state, body) or state.place is None:
        return original(state, body, raw)
    return (replace(state, place=max(place, state.place)), ())


@fault("fills-in-what-a-state-lacks", breaks="CLI-012", replaces="stream.shown")
def fills_in(original: Any, slices: dict[str, JsonObject], data: JsonObject) -> Any:
    """What a state lacks is empty, as a decoder with zero values has it."""
    name = data.get("type")
    empty = KINDS[name].empty if isinstance(name, str) and name in KINDS else {}
    return original(slices, {**empty, **data})


@fault("skips-events-that-lack-an-id", breaks="CLI-012", replaces="stream.applied")
def skips_without_id(original: Any, state: State, body: JsonObject) -> Any:
    """An event that lacks what it names changes nothing, and is counted."""
    slices = original(state, body)
    if slices is None and body.get("type") != stream.STATE and isinstance(body.get("data"), dict):
        return dict(state.slices)
    return slices


@fault("skips-states-that-cannot-be-used", breaks="CLI-012", replaces="stream.applied")
def skips_states(original: Any, state: State, body: JsonObject) -> Any:
    """A state that cannot be used leaves its slice, and is counted."""
    slices = original(state, body)
    return dict(state.slices) if slices is None and body.get("type") == stream.STATE else slices


@fault("skips-what-is-no-json", breaks="CLI-012", replaces="stream.heard")
def skips_what_is_no_json(original: Any, state: State, raw: Raw) -> Step:
    """Of what cannot be decoded the next seq is counted."""
    if reading.body(raw.data) is not None or state.place is None:
        return original(state, raw)
    return replace(state, place=state.place._replace(seq=state.place.seq + 1)), ()
