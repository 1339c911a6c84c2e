"""Signs of life, connections that end, servers that stop."""

from dataclasses import replace
from typing import Any

from omnisession_client import asking, ending, pushes, reading, recovery, stream
from omnisession_client.effects import CancelTimer, SetTimer, Step
from omnisession_client.values import USUAL_HEARTBEAT_MS, Raw, Recovery, State
from omnisession_client_faults import memory, steps
from omnisession_client_faults.faults import fault
from omnisession_client_faults.places import replacing
from omnisession_reference.wire import JsonObject

NEVER_MS = 10**9


@fault("never-pings", breaks="CLI-015", replaces="asking.next_ping")
def never_pings(*_: Any) -> SetTimer:
    """Nothing is sent as long as nothing is to be said."""
    return SetTimer(asking.PING, NEVER_MS, NEVER_MS)


@fault("pings-by-the-usual-heartbeat", breaks="CLI-015", replaces="asking.next_ping")
def usual_pings(_original: Any, _state: State) -> SetTimer:
    """Pings keep the usual interval, whatever the server has granted."""
    return SetTimer(asking.PING, USUAL_HEARTBEAT_MS, USUAL_HEARTBEAT_MS)


@fault("pings-three-times", breaks="CLI-015", replaces="asking.ping")
def pings_thrice(original: Any, state: State) -> Step:
    """After three pings there is none any more."""
    return original(state) if memory.count(state, "pings") <= 3 else (state, ())


@fault("puts-pings-off", breaks="CLI-015", replaces="pushes.heartbeat")
def puts_off(original: Any, state: State, at: Any) -> Step:
    """Each heartbeat of the server puts the next ping off, though that says nothing of the client."""
    after, effects = original(state, at)
    interval = after.opened.heartbeat_ms if after.opened else USUAL_HEARTBEAT_MS
    return after, (*effects, SetTimer(asking.PING, interval * 5 // 4, interval * 5 // 4))


@replacing("asking.next_ping")
def _not_after_a_cut(original: Any, state: State) -> SetTimer:
    return never_pings(original) if memory.of(state).get("cut") else original(state)


@fault("never-pings-after-a-cut", _not_after_a_cut, breaks="CLI-015", replaces="update.lost")
def no_pings_after_a_cut(original: Any, state: State) -> Step:
    """After a connection was lost there are no pings any more."""
    memory.of(state)["cut"] = True
    return original(state)


@fault("pings-every-third-heartbeat", breaks="CLI-036", replaces="asking.next_ping")
def pings_late(original: Any, state: State) -> SetTimer:
    """A ping is sent every three heartbeats, which the resume window allows."""
    usual = original(state).at_most_ms * 15 // 4
    return SetTimer(asking.PING, usual, usual)


@fault("does-not-recover-after-a-cut", breaks="CLI-016", replaces="recovery.connected")
def does_not_recover(original: Any, state: State) -> Step:
    """On a new connection a client goes on as if nothing had been missed."""
    if state.phase != "offline" or state.opened is None:
        return original(state)
    state = replace(state, phase="live", recovery=Recovery())
    return state, (asking.next_ping(state),)


@fault("recovers-after-one-cut", breaks="CLI-016", replaces="recovery.connected")
def recovers_after_one(original: Any, state: State) -> Step:
    """After the second lost connection nothing is asked on the new one."""
    back = state.phase == "offline" and state.opened is not None
    return (state, ()) if back and memory.count(state, "cuts") > 1 else original(state)


@fault("starts-over-after-a-cut", breaks="CLI-016", replaces="recovery.connected")
def starts_over(original: Any, state: State) -> Step:
    """After a lost connection a client begins a new session, and leaves the one that it has."""
    back = state.phase == "offline" and state.opened is not None
    return ending.renew(replace(state, recovery=Recovery())) if back else original(state)


@fault("forgets-a-recovery-that-was-cut", breaks="CLI-016", replaces="update.lost")
def forgets_a_recovery(original: Any, state: State) -> Step:
    """A connection that is lost during a recovery is followed by no other recovery."""
    after, effects = original(state)
    if state.phase == "recovering" and state.opened is not None:
        after = replace(after, phase="recovering", recovery=Recovery())
    return after, effects


@fault("opens-again-after-a-cut", breaks="CLI-037", replaces="recovery.connected")
def opens_again(original: Any, state: State) -> Step:
    """After a lost connection a session that is live is opened again, with the credential of then."""
    if state.phase != "offline" or state.opened is None:
        return original(state)
    return steps.recover_again(replace(state, told=None), recovery.OPEN)


def _has_ended(before: State, after: State) -> bool:
    return after.phase == "closed" and before.phase != "closed"


@fault("pings-on-after-closing", breaks="CLI-017", replaces="pushes.closing")
def pings_on(original: Any, state: State, data: JsonObject) -> Step:
    """After the server has ended the session the pings go on."""
    after, effects = original(state, data)
    if not _has_ended(state, after):
        return after, effects
    kept = tuple(effect for effect in effects if effect != CancelTimer(asking.PING))
    return replace(after, phase="live"), kept


@fault("opens-again-after-closing", breaks="CLI-017", replaces="pushes.closing")
def opens_after_closing(original: Any, state: State, data: JsonObject) -> Step:
    """After the server has ended the session it is opened again."""
    after, effects = original(state, data)
    if not _has_ended(state, after):
        return after, effects
    asked = recovery.ask(replace(after, phase="opening", recovery=Recovery()))
    return asked[0], (*effects, *asked[1])


@fault("comes-back-whatever-closing-says", breaks="CLI-017", replaces="pushes.closing")
def comes_back(original: Any, state: State, data: JsonObject) -> Step:
    """A closing without reconnect is taken for one with it."""
    return original(state, {"after_ms": 0, **data, "reconnect": True})


@fault("says-good-bye", breaks="CLI-017", replaces="pushes.closing")
def says_good_bye(original: Any, state: State, data: JsonObject) -> Step:
    """A closing without reconnect is answered by a close."""
    after, effects = original(state, data)
    if _has_ended(state, after):
        effects = (*effects, steps.published(state, ending.CLOSE))
    return after, effects


@fault("puts-closing-off", breaks="CLI-017", replaces="hearing.control")
def puts_closing_off(original: Any, state: State, raw: Raw) -> Step:
    """While a client recovers it heeds no closing, and asks on."""
    if state.phase != "recovering":
        return original(state, raw)
    body = reading.body(raw.data)
    closing = body is not None and body.get("type") == pushes.CLOSING
    return (state, ()) if closing else (stream.hold(state, raw), ())


@fault("acts-after-closing", breaks="CLI-017", replaces="outbox.not_now")
def acts_after_closing(original: Any, state: State) -> str | None:
    """Actions are still sent after the server has ended the session."""
    return None if state.phase == "closed" else original(state)


@fault("recovers-after-closing", breaks="CLI-017", replaces="update.ready")
def recovers_after_closing(original: Any, state: State) -> Step:
    """On a new connection a client resumes though the server has ended its session."""
    if state.phase == "closed" and state.opened is not None:
        return steps.recover_again(state)
    return original(state)


@fault("comes-back-at-once", breaks="CLI-018", replaces="recovery.postponed")
def at_once(original: Any, state: State, _after_ms: int) -> Step:
    """A client comes back before the server is there, whatever after_ms says."""
    return original(state, 0)


@fault("comes-back-within-after-ms", breaks="CLI-018", replaces="recovery.postponed")
def within(original: Any, state: State, after_ms: int) -> Step:
    """A client comes back at a random time before after_ms is over."""
    after, effects = original(state, after_ms)
    drawn = SetTimer(recovery.RETRY, 0, after_ms)
    return after, tuple(drawn if isinstance(e, SetTimer) else e for e in effects)


@fault("comes-back-by-a-new-connection", breaks="CLI-018", replaces="recovery.connected")
def by_a_new_connection(original: Any, state: State) -> Step:
    """A new connection is taken for a sign that after_ms is over."""
    return original(replace(state, not_before_ms=0))


@fault("takes-after-ms-for-seconds", breaks="CLI-018", replaces="recovery.postponed")
def for_seconds(original: Any, state: State, after_ms: int) -> Step:
    """A client comes back after as many seconds as it was told milliseconds."""
    return original(state, after_ms * 1_000)


@fault("never-comes-back", breaks="CLI-018", replaces="recovery.postponed")
def never_back(_original: Any, state: State, _after_ms: int) -> Step:
    """A server that stops for a while is taken for one that is gone for good."""
    return ending.over(state)


@fault("ignores-closing", breaks="CLI-018", replaces="recovery.postponed")
def ignores_closing(_original: Any, state: State, _after_ms: int) -> Step:
    """That a server stops for a while is not heeded."""
    return state, ()


@fault("comes-back-once", breaks="CLI-018", replaces="recovery.postponed")
def comes_back_once(original: Any, state: State, after_ms: int) -> Step:
    """Only the first time that a server stops its after_ms is kept."""
    return original(state, after_ms if memory.count(state, "stops") == 1 else 0)


@fault("leaves-without-a-word", breaks="CLI-031", replaces="ending.stop")
def leaves(original: Any, state: State) -> Step:
    """A client that is done leaves its session to its time."""
    return original(replace(state, opened=None, recovery=Recovery()))


@fault("says-that-it-leaves-to-nobody", breaks="CLI-031", replaces="ending.stop")
def to_nobody(original: Any, state: State) -> Step:
    """The close of a client that is done names a session that nobody has."""
    return original(replace(state, session_id=state.session_id[::-1]))
