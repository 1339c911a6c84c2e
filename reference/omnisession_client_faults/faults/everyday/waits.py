"""Waits and timers that one thing too many sets, or that nothing sets back."""

from dataclasses import replace
from typing import Any

from omnisession_client import asking, reading, recovery, refusing
from omnisession_client.effects import SetTimer, Step
from omnisession_client.pending.lists import without
from omnisession_client.values import Opened, Pending, Raw, Recovery, Refused, State
from omnisession_client_faults import memory, steps
from omnisession_client_faults.faults import fault
from omnisession_client_faults.places import replacing
from omnisession_reference.wire import JsonObject

SOON_MS, SECOND_MS = 50, 1_000
WAITED_MS = 3_000
MOST_COPIES = 5


# -- recoveries


@replacing("recovery.failed")
def _counts(original: Any, state: State, want: str | None = None, least_ms: int = 0) -> Step:
    memory.count(state, "failures")
    return original(state, want, least_ms)


@fault("never-resets-its-waits", _counts, breaks="CLI-006", replaces="recovery.begin")
def never_resets(original: Any, state: State, want: str, tries: int = 0) -> Step:
    """Whatever has failed once makes the wait before each later recovery longer, for ever."""
    return original(state, want, max(tries, memory.of(state).get("failures", 0)))


@fault("takes-an-answer-for-its-states", breaks="CLI-027", replaces="recovery.answered")
def takes_an_answer(original: Any, state: State, goal: Any) -> State:
    """An answer ends the row of failures, whether the states come that it promised or not."""
    after = original(state, goal)
    return replace(after, recovery=Recovery())


@fault("asks-nothing-while-a-ping-is-under-way", breaks="CLI-006", replaces="recovery.ask")
def one_at_a_time(original: Any, state: State) -> Step:
    """One request at a time: a recovery waits until the ping before it has its answer."""
    waits = any(one.type == "session.ping" for one in state.asked)
    if not waits or state.recovery.want == recovery.RENEW:
        return original(state)
    return state, (SetTimer(recovery.RETRY, SOON_MS, SOON_MS),)


@fault("waits-for-a-second-at-most", breaks="CLI-027", replaces="recovery.failed")
def a_second_at_most(
    original: Any, state: State, want: str | None = None, least_ms: int = 0
) -> Step:
    """A longer retry_after_ms than a second is taken for a second."""
    return original(state, want, min(least_ms, SECOND_MS))


@replacing("pending.sending.later")
def _rests(original: Any, state: State, one: Pending, least_ms: int = 0) -> Step:
    after, effects = original(state, one, least_ms)
    memory.of(state)["rests"] = state.steady_ms + least_ms
    return after, effects


@fault(
    "rests-with-everything-that-an-action-waits-for",
    _rests,
    breaks="CLI-006",
    replaces="recovery.ask",
)
def rests_with_everything(original: Any, state: State) -> Step:
    """The retry_after_ms of an action puts off recoveries as well."""
    left_ms = memory.of(state).get("rests", 0) - state.steady_ms
    if left_ms <= 0:
        return original(state)
    return state, (SetTimer(recovery.RETRY, left_ms, left_ms),)


# -- planned stops


@replacing("hearing.control")
def _notes_the_stamp(original: Any, state: State, raw: Raw) -> Step:
    memory.of(state)["stamp"] = reading.number(steps.body_of(raw).get("timestamp"))
    return original(state, raw)


@fault(
    "counts-after-ms-from-the-stamp",
    _notes_the_stamp,
    breaks="CLI-018",
    replaces="recovery.postponed",
)
def from_the_stamp(original: Any, state: State, after_ms: int) -> Step:
    """The time of `after_ms` is counted from the server's timestamp by the client's own clock."""
    stamp = memory.of(state).get("stamp") or state.now_ms
    return original(state, max(0, stamp + after_ms - state.now_ms))


def _waits_for_a_stop(state: State) -> bool:
    return state.phase in ("recovering", "opening") and state.not_before_ms > state.steady_ms


@fault("heeds-one-stop-at-a-time", breaks="CLI-018", replaces="recovery.postponed")
def one_stop(original: Any, state: State, after_ms: int) -> Step:
    """A second stop that is told within after_ms of the first changes nothing."""
    return (state, ()) if _waits_for_a_stop(state) else original(state, after_ms)


@fault("heeds-no-end-while-it-waits-for-a-stop", breaks="CLI-017", replaces="pushes.closing")
def no_end(original: Any, state: State, data: JsonObject) -> Step:
    """Within after_ms a closing without reconnect is not heeded."""
    ends = data.get("reconnect") is False
    return (state, ()) if ends and _waits_for_a_stop(state) else original(state, data)


# -- signs of life


@fault("pings-by-the-timers-of-its-first-session", breaks="CLI-015", replaces="asking.next_ping")
def first_timers(original: Any, state: State) -> SetTimer:
    """Pings keep the interval that the first session of the client was granted."""
    if state.opened is None:
        return original(state)
    first: Opened = memory.of(state).setdefault("opened", state.opened)
    return original(replace(state, opened=first))


@fault("puts-pings-off-by-what-it-refuses", breaks="CLI-015", replaces="refusing.refused")
def puts_off(original: Any, state: State, action: Any, reason: str) -> Step:
    """Whatever the user does puts the next ping off, also where nothing of it is sent."""
    after, effects = original(state, action, reason)
    return after, (*effects, asking.next_ping(state)) if state.opened else effects


@fault("opens-again-after-a-cut-what-was-refused", breaks="CLI-030", replaces="update.ready")
def opens_what_was_refused(original: Any, state: State) -> Step:
    """An open that was refused for good is repeated on the next connection."""
    if state.phase == "closed" and state.opened is None:
        return steps.recover_again(state, recovery.OPEN)
    return original(state)


@replacing("ending._renewed")
def _keeps_pings(original: Any, state: State) -> Step:
    memory.of(state)["pings"] = tuple(one for one in state.asked if one.type == "session.ping")
    return original(state)


@fault(
    "believes-a-ping-of-the-session-before", _keeps_pings, breaks="CLI-019", replaces="update.began"
)
def of_the_session_before(original: Any, state: State, session_id: str) -> Step:
    """The answer to a ping of the session before tells that the present one is over."""
    after, effects = original(state, session_id)
    return replace(after, asked=memory.of(state).pop("pings", ())), effects


# -- actions


@fault("puts-copies-off-by-what-is-new", breaks="HYB-007", replaces="pending.sending.publish")
def puts_copies_off(original: Any, state: State, one: Pending) -> Step:
    """Each action that is sent puts off the copies of all that wait for their outcome."""
    after, effects = original(state, one)
    return after, (*effects, *steps.copies_put_off(state))


@fault("gives-up-after-five-copies", breaks="HYB-002", replaces="pending.sending.publish")
def gives_up(original: Any, state: State, one: Pending) -> Step:
    """An action that is kept pending is given up when five copies of it had no outcome."""
    if one.copies < MOST_COPIES:
        return original(state, one)
    lost = Refused(one.doing.action_id, reason="given_up")
    return refusing.told(without(state, one), lost), ()


@fault("drops-what-has-waited-for-three-seconds", breaks="HYB-017", replaces="pending.sending.live")
def drops_what_waited(original: Any, state: State) -> Step:
    """What could not be sent within three seconds is dropped, and nobody is told."""
    for one in state.pending if state.phase == "live" else ():
        if one.number is None and not one.left and state.now_ms - one.doing.at_ms > WAITED_MS:
            state = without(state, one)
    return original(state)
