"""Answers and pushes that are right and not usual, and what is taken for one thing that may be another."""

from dataclasses import replace
from typing import Any

from omnisession_client import answers, asking, ending, pushes, reading, recovery, stream
from omnisession_client.effects import CancelTimer, SetTimer, Step
from omnisession_client.messages import Answered
from omnisession_client.values import Position, Raw, Recovery, State
from omnisession_client_faults.faults import fault
from omnisession_reference.wire import JsonObject

TOO_MANY, LATER_MS, STOPS = 4291, 100, 5030
MOST_OF_31_BITS = 2**31 - 1
SOME_TIME_MS = 30_000
MODES = ("current", "replay", "snapshot")
MEMBERS = {
    "session.opened": (
        "protocol position kinds features profiles actions server limits timers expires_at"
    ),
    "session.resumed": "mode position messages",
    "session.syncing": "position kinds",
    "session.pong": "position",
}
LIMITS = (
    "action event state article_content article_rest chat_content target_url articles revisions "
    "editors urls chat_messages participants sessions outcomes_ms"
)
TIMERS = "heartbeat_ms resume_window_ms coalesce_ms gap_ms"


# -- what an answer may lack, or have beside what is known


def _has_others(members: JsonObject | None, known: str) -> bool:
    return members is not None and not set(members) <= set(known.split())


@fault("cannot-read-answers-with-unknown-members", breaks="CLI-010", replaces="answers.answered")
def unknown_members(original: Any, state: State, message: Answered) -> Step:
    """An answer whose data has a member that is not known is taken for none."""
    body = (None if message.data is None else reading.body(message.data)) or {}
    known = MEMBERS.get(str(body.get("type")))
    if known is not None and _has_others(reading.mapping(body.get("data")), known):
        message = replace(message, data=None)
    return original(state, message)


@fault("cannot-read-limits-that-it-does-not-know", breaks="CLI-010", replaces="reading.opened")
def unknown_limits(original: Any, data: JsonObject) -> Any:
    """An answer to the open with a limit or a timer that is not known is taken for none."""
    limits, timers = reading.mapping(data.get("limits")), reading.mapping(data.get("timers"))
    return None if _has_others(limits, LIMITS) or _has_others(timers, TIMERS) else original(data)


@fault("cannot-read-positions-with-unknown-members", breaks="CLI-010", replaces="reading.position")
def unknown_of_positions(original: Any, value: Any) -> Any:
    """A position with a member that is not known is taken for none."""
    known = "epoch seq last_action_seq"
    return None if _has_others(reading.mapping(value), known) else original(value)


@fault("cannot-be-opened-until-a-time", breaks="CLI-004", replaces="reading.opened")
def until_a_time(original: Any, data: JsonObject) -> Any:
    """An answer to the open whose `expires_at` is a time is taken for none."""
    return original(data) if data.get("expires_at") is None else None


@fault("takes-unknown-modes-for-current", breaks="CLI-027", replaces="answers.resumed")
def unknown_modes(original: Any, state: State, at: Position, data: JsonObject) -> Step:
    """An answer to a resume of a mode that is not known is taken for one that all is there."""
    if data.get("mode") in MODES:
        return original(state, at, data)
    return answers.back(recovery.answered(state, None))


@fault("takes-the-head-at-a-copy-in-a-replay", breaks="CLI-007", replaces="answers.replayed")
def a_copy_in_a_replay(original: Any, state: State, at: Position, messages: list[Any]) -> Step:
    """A replay ends where it repeats what is there, and the head is taken for reached."""
    last = state.place
    for count, message in enumerate(messages):
        body = reading.mapping(message)
        place = None if body is None else reading.place(body)
        if place is not None and last is not None and place <= last:
            after, effects = original(state, Position(last, 0), messages[:count])
            return stream.counted(replace(after, place=at.place), at.last_action_seq), effects
        last = place or last
    return original(state, at, messages)


@fault("cannot-use-the-unknown-in-a-replay", breaks="CLI-010", replaces="answers.replayed")
def the_unknown(original: Any, state: State, at: Position, messages: list[Any]) -> Step:
    """An event of a type that is not known cannot be used where a replay brings it."""
    known = {name for kind in answers.KINDS.values() for name in (*kind.reducers, stream.STATE)}
    types = [(reading.mapping(one) or {}).get("type") for one in messages]
    some = [
        one if type_ is None or type_ in known else None
        for one, type_ in zip(messages, types, strict=True)
    ]
    return original(state, at, some)


# -- what is asked


@fault("syncs-the-kinds-that-it-asked-for", breaks="CLI-012", replaces="recovery._data")
def asked_for(original: Any, state: State) -> dict[str, object]:
    """A sync names all kinds that the open asked for, also those that the session has not."""
    if state.recovery.want == recovery.SYNC:
        return {"kinds": list(state.config.kinds)}
    return original(state)


@fault("asks-again-when-all-has-come", breaks="CLI-026", replaces="stream.hold")
def all_has_come(original: Any, state: State, raw: Raw) -> State:
    """What was missing comes while a recovery is under way: it is forgotten, and the next gap asks."""
    after = original(state, raw)
    at, body = state.place, reading.body(raw.data)
    place = None if body is None else reading.place(body)
    resumes = state.recovery.want == recovery.RESUME and state.recovery.number is not None
    if state.phase != "recovering" or not resumes or at is None or place is None:
        return after
    if place != (at.epoch, at.seq + 1):
        return after
    held = sorted(after.held, key=_place)
    live = replace(after, held=(), phase="live", recovery=Recovery())
    for one in held:
        live, _ = stream.heard(live, one)
        if live.phase != "live":
            return after
    return live


def _place(raw: Raw) -> Any:
    body = reading.body(raw.data)
    return (body is None, (reading.place(body) if body else None) or (0, 0))


@fault("opens-again-where-there-are-too-many", breaks="CLI-030", replaces="answers.refused")
def too_many(original: Any, state: State, asked: str, data: JsonObject) -> Step:
    """An open that got 4291 is repeated, since another session may have ended."""
    if asked == recovery.OPEN and reading.failure(data).code == TOO_MANY:
        return recovery.failed(state, least_ms=LATER_MS)
    return original(state, asked, data)


@fault("pings-no-more-after-an-error", breaks="CLI-015", replaces="answers.pong")
def no_more_pings(original: Any, state: State, body: JsonObject | None, data: Any) -> Step:
    """A ping that is refused for now is the last."""
    after, effects = original(state, body, data)
    if body is None or body.get("type") != "error":
        return after, effects
    kept = (one for one in effects if not (isinstance(one, SetTimer) and one.timer == asking.PING))
    return after, (*kept, CancelTimer(asking.PING))


# -- pushes


@fault("goes-by-the-code-of-closing", breaks="CLI-017", replaces="pushes.closing")
def by_the_code(_original: Any, state: State, data: JsonObject) -> Step:
    """Whether a server that stops comes back is told by the code, and `reconnect` is not looked at."""
    if data.get("code") == STOPS:
        return recovery.postponed(state, reading.number(data.get("after_ms")) or 0)
    return ending.over(state)


@fault("knows-one-code-of-closing", breaks="CLI-018", replaces="pushes.closing")
def one_code(original: Any, state: State, data: JsonObject) -> Step:
    """A closing of another code than 5030 ends the client, whatever it says of coming back."""
    return original(state, data) if data.get("code") == STOPS else ending.over(state)


@fault("takes-an-after-ms-of-0-for-none", breaks="CLI-018", replaces="recovery.postponed")
def after_0(original: Any, state: State, after_ms: int) -> Step:
    """A server that says to come back at once is left alone for half a minute: an `or` too much."""
    return original(state, after_ms or SOME_TIME_MS)


# -- waits that a timer of 31 bits does not hold


def _of_31_bits(wait_ms: int) -> int:
    return wait_ms if wait_ms <= MOST_OF_31_BITS else 0


@fault("waits-31-bits-for-a-recovery", breaks="CLI-027", replaces="recovery.failed")
def waits_31_bits(original: Any, state: State, want: str | None = None, least_ms: int = 0) -> Step:
    """A retry_after_ms above 2^31 is none: timers of JavaScript ring at once then."""
    return original(state, want, _of_31_bits(least_ms))


@fault("waits-31-bits-for-a-stop", breaks="CLI-018", replaces="recovery.postponed")
def stops_31_bits(original: Any, state: State, after_ms: int) -> Step:
    """An after_ms above 2^31 is none: timers of JavaScript ring at once then."""
    return original(state, _of_31_bits(after_ms))


@fault("waits-31-bits-for-a-copy", breaks="HYB-007", replaces="pending.sending.later")
def copies_31_bits(original: Any, state: State, one: Any, least_ms: int = 0) -> Step:
    """A retry_after_ms of a nack above 2^31 is none: timers of JavaScript ring at once then."""
    return original(state, one, _of_31_bits(least_ms))


# -- digests


@fault("misses-digests-that-it-was-not-granted", breaks="CLI-014", replaces="pushes.compared")
def misses_digests(original: Any, state: State, at: Position, data: JsonObject) -> Step:
    """A heartbeat without digests is one with wrong ones, also where the session has none."""
    wants = "digests" in state.config.features
    if wants and not pushes.asks_for_digests(state) and state.phase == "live":
        tries = state.mismatches
        return recovery.begin(replace(state, mismatches=tries + 1), recovery.SYNC, tries)
    return original(state, at, data)


@fault("compares-digests-of-kinds-that-it-has-not", breaks="CLI-014", replaces="pushes.compared")
def of_kinds(original: Any, state: State, at: Position, data: JsonObject) -> Step:
    """A digest of a kind that is not held is a wrong one."""
    digests = reading.mapping(data.get("digests")) or {}
    here = state.phase == "live" and at.place == state.place
    if here and any(kind not in state.slices for kind in digests):
        tries = state.mismatches
        return recovery.begin(replace(state, mismatches=tries + 1), recovery.SYNC, tries)
    return original(state, at, data)
