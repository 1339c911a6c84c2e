"""Traces of actions and their outcomes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from omnisession_conformance.roles.client.puppet import bodies
from vectors.entries import USER, message
from vectors.listed import Setting, trace
from vectors.script import LONGEST_MS, NEW_CODE, refusal

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.puppet.served import Message
    from vectors.script import Done, Script

ACTIONS = Setting(("core", "events", "chat", "actions"))
HYBRID = Setting(("core", "events", "chat", "actions", "hybrid"), mode="hybrid")
PATIENT = replace(HYBRID, outcome_ms=60_000)
"""No copy goes out because an outcome is late."""
SEND = "chat.send"


def effect(t: Script, done: Done, name: str, *, counts: bool = True) -> Message:
    """What the server makes of an own message, not told yet; from here on it counts."""
    if counts:
        t.server.counted = done.number
    made = message(name, t.at_ms, USER, done.data["content"])
    return t.event("chat.message_added", message=made, cause=t.cause(done))


@trace(
    "one-after-the-other", "HYB-001", "HYB-006", "HYB-010", "HYB-013", "HYB-015", setting=ACTIONS
)
def one_after_the_other(t: Script) -> None:
    """Actions have one number after the other, whether they are done or refused for good."""
    t.server.counted = 4
    t.sent = 4
    t.begins()
    x1 = t.dispatches(SEND, content="first")
    t.sends(x1)
    t.tells(effect(t, x1, "m-1"))
    t.acks(x1, result={"message_id": "m-1"})
    t.holds()
    x2 = t.dispatches(SEND, content="second")
    t.sends(x2)
    t.server.counted = x2.number
    t.nacks(x2, refusal(4220))
    t.then(failed=[["x2", 4220]])
    x3 = t.dispatches(SEND, content="third")
    t.sends(x3)
    t.tells(effect(t, x3, "m-3"))
    t.acks(x3, "duplicate")
    t.holds()
    x4 = t.dispatches(SEND, content="fourth")
    t.sends(x4)
    t.then(failed=[["x2", 4220]], requests=[])


@trace("again-the-same-bytes", "HYB-007", "CLI-020", setting=HYBRID)
def again_the_same(t: Script) -> None:
    """What is refused for now, or has no outcome, comes again as the same bytes, and not too early."""
    t.begins()
    x1 = t.dispatches(SEND, content="first")
    t.sends(x1)
    t.nacks(x1, refusal(4290, retry_after_ms=1_500))
    t.passes(1_499)
    t.then(still=["x1"])
    t.passes(LONGEST_MS, "x1")
    t.then(again=["x1"])
    t.nacks(x1, bodies.unknown_error(4_999, retryable=True))
    t.is_later(NEW_CODE)
    t.passes(LONGEST_MS, "x1")
    t.then(again=["x1"])
    t.passes(2_000 + LONGEST_MS, "x1")
    t.then(again=["x1"], actions=[], failed=[])
    t.tells(effect(t, x1, "m-1"))
    t.acks(x1)
    x2 = t.dispatches(SEND, content="second")
    t.sends(x2)


@trace("ack-before-effect", "HYB-001", "HYB-002", "HYB-013", setting=HYBRID)
def ack_before_effect(t: Script) -> None:
    """An ack comes before the effect that it tells; the action is pending until that is there."""
    t.begins()
    x1 = t.dispatches(SEND, content="first")
    t.sends(x1)
    x2 = t.dispatches(SEND, content="second")
    t.sends(x2)
    t.is_pending(x1, x2)
    mark = t.mark()
    told = effect(t, x1, "m-1")
    t.acks(x1, result={"message_id": "m-1"})
    t.holds(mark)
    t.is_pending(x1, x2)
    t.replays(told, may_not_ask=True)
    t.holds()
    t.is_pending(x2)
    t.tells(effect(t, x2, "m-2"))
    t.is_pending()
    t.acks(x2, result={"message_id": "m-2"})
    t.is_pending()
    t.then(requests=[], actions=[])


@trace("tail-by-ack", "CLI-013", "HYB-002", setting=HYBRID)
def tail_by_ack(t: Script) -> None:
    """An ack tells of an effect that is lost: the core recovers by the next heartbeat."""
    t.begins()
    x1 = t.dispatches(SEND, content="first")
    mark = t.mark()
    lost = effect(t, x1, "m-1")
    t.acks(x1, result={"message_id": "m-1"})
    t.beats()
    t.is_pending(x1)
    t.recovers(mark)
    t.replays(lost)
    t.holds()
    t.is_pending()


@trace("nack-of-one", "HYB-006", "HYB-015", "HYB-002", setting=HYBRID)
def nack_of_one(t: Script) -> None:
    """Of three actions the second is refused for good: it goes, and the others stay."""
    t.begins()
    x1, x2, x3 = (t.dispatches(SEND, content=text) for text in ("first", "second", "third"))
    t.sends(x1, x2, x3)
    t.tells(effect(t, x1, "m-1"))
    t.acks(x1, result={"message_id": "m-1"})
    t.is_pending(x2, x3)
    t.server.counted = x2.number
    t.nacks(x2, refusal(4030))
    t.is_pending(x3)
    t.then(failed=[["x2", 4030]])
    t.beats()
    t.is_pending(x3)
    x4 = t.dispatches(SEND, content="fourth")
    t.sends(x4)
    t.is_pending(x3, x4)
    t.tells(effect(t, x3, "m-3"), effect(t, x4, "m-4"))
    t.is_pending()
    t.holds()
    t.then(requests=[], failed=[["x2", 4030]])


@trace("nack-behind-its-count", "HYB-015", "HYB-002", setting=PATIENT)
def nack_behind_its_count(t: Script) -> None:
    """A pong overtakes a final nack, and counts its action: the user is told once the nack is there."""
    t.begins()
    x1 = t.dispatches(SEND, content="first")
    t.sends(x1)
    t.passes(t.timers["resume_window_ms"], "session.ping")
    t.server.counted = x1.number
    t.line("answer", to="session.ping", body=t.body("session.pong", position=t.position))
    t.is_pending()
    t.holds()
    t.nacks(x1, refusal(4030))
    t.is_pending()
    t.then(failed=[["x1", 4030]], requests=[])


@trace("cause-elsewhere", "HYB-004", "HYB-002", setting=HYBRID)
def cause_elsewhere(t: Script) -> None:
    """Another session of the user has done its number 1: the own number 1 is pending all the same."""
    t.begins()
    x1 = t.dispatches(SEND, content="own")
    t.sends(x1)
    other = {"action_id": "of-another-session", "client_seq": 1, "session_id": "another"}
    made = message("m-1", t.at_ms, USER, "of the other")
    t.tells(t.event("chat.message_added", message=made, cause=other))
    t.holds()
    t.is_pending(x1)
    t.tells(effect(t, x1, "m-2"))
    t.is_pending()


@trace("too-large", "HYB-012", "HYB-015", setting=HYBRID)
def too_large(t: Script) -> None:
    """An action that is too large takes no number, and nothing of it is sent."""
    t.begins()
    t.refused(SEND, "too_large", content="x" * t.limits["action"])
    t.then(actions=[])
    t.is_pending()
    x2 = t.dispatches(SEND, content="small")
    t.sends(x2)
    t.is_pending(x2)


@trace("too-large-for-the-session", "HYB-012", "HYB-017", "HYB-015", setting=HYBRID)
def too_large_later(t: Script) -> None:
    """What proves too large when the session is open is refused then, takes no number, and is told."""
    t.connected()
    t.asks_open()
    x1 = t.dispatches(SEND, content="x" * t.limits["action"])
    t.is_pending(x1)
    t.sent = 0
    x2 = t.dispatches(SEND, content="small")
    t.opened()
    t.passes(2_000)
    t.sends(x2)
    t.then(failed=[["x1", "too_large"]])
    t.is_pending(x2)
    t.holds()


@trace("counted-by-anything", "HYB-002", setting=PATIENT)
def counted(t: Script) -> None:
    """An action that shows nothing is done when a position counts it, whatever tells that."""
    t.begins()
    x1 = t.dispatches("session.noop")
    t.is_pending(x1)
    t.server.counted = 1
    t.beats()
    t.is_pending()
    x2 = t.dispatches("session.noop")
    t.server.counted = 2
    t.tells(*t.states("change"))
    t.is_pending()
    x3 = t.dispatches("session.noop")
    t.server.counted = 3
    t.acks(x3)
    t.is_pending()
    x4 = t.dispatches("session.noop")
    t.passes(t.timers["resume_window_ms"], "session.ping")
    t.is_pending(x4)
    t.server.counted = 4
    t.line("answer", to="session.ping", body=t.body("session.pong", position=t.position))
    t.is_pending()
    t.sends(x1, x2, x3, x4)
    t.asks_nothing()


@trace("refused-here", "HYB-016", "CLI-034", "HYB-015", setting=HYBRID)
def refused_here(t: Script) -> None:
    """What the session does not take, or what is no valid body, is refused by the core itself."""
    t.actions = [name for name in t.actions if name != "chat.typing"]
    t.begins()
    t.refused("chat.typing", "unknown_type", active=True, ttl_ms=6_000)
    t.refused(SEND, "invalid", content=7)
    t.then(actions=[])
    x3 = t.dispatches(SEND, content="right")
    t.sends(x3)
    t.is_pending(x3)


@trace("not-live", "HYB-001", "HYB-008", "HYB-017", setting=PATIENT)
def not_live(t: Script) -> None:
    """What is done before the session is open, offline, and while a recovery is under way has its turn."""
    t.connected()
    t.asks_open()
    x1 = t.dispatches(SEND, content="first")
    t.is_pending(x1)
    t.opened()
    t.passes(2_000)
    t.sends(x1)
    mark = t.mark()
    t.lost()
    x2 = t.dispatches(SEND, content="second")
    t.then(actions=[])
    t.is_pending(x1, x2)
    t.connected()
    t.recovers(mark, LONGEST_MS)
    x3 = t.dispatches(SEND, content="third")
    t.is_pending(x1, x2, x3)
    t.is_current()
    t.passes(2_000)
    t.sends(x2, x3)
    t.then(again=["x1"])
    t.is_pending(x1, x2, x3)
    t.tells(effect(t, x1, "m-1"), effect(t, x2, "m-2"), effect(t, x3, "m-3"))
    t.is_pending()


@trace("waiting", "HYB-017", "HYB-007", setting=HYBRID)
def waiting(t: Script) -> None:
    """What is done while the core waits for its next recovery is sent when that is answered."""
    t.begins()
    mark = t.mark()
    lost, seen = t.added("m-1"), t.added("m-2")
    t.tells(seen)
    t.recovers(mark)
    t.refuses("recovery", 5030, retry_after_ms=1_000)
    x1 = t.dispatches(SEND, content="first")
    t.is_pending(x1)
    t.recovers(mark, LONGEST_MS)
    x2 = t.dispatches(SEND, content="second")
    t.replays(lost, seen)
    t.passes(2_000)
    t.sends(x1, x2)
    t.is_pending(x1, x2)


@trace("pending-over-a-cut", "HYB-007", "HYB-008", "HYB-002", setting=PATIENT)
def over_a_cut(t: Script) -> None:
    """What is pending over a lost connection comes again in order, but for what was counted meanwhile."""
    t.begins()
    x1, x2, x3 = (t.dispatches(SEND, content=text) for text in ("first", "second", "third"))
    t.sends(x1, x2, x3)
    mark = t.mark()
    done = effect(t, x1, "m-1")
    t.lost()
    t.passes(5_000)
    t.then(requests=[], actions=[], still=["x1", "x2", "x3"])
    t.connected()
    t.recovers(mark, LONGEST_MS)
    t.replays(done)
    t.passes(2_000)
    t.then(again=["x2", "x3"], actions=[])
    t.is_pending(x2, x3)
    mark = t.mark()
    t.lost()
    t.connected()
    t.recovers(mark, LONGEST_MS)
    t.snapshot()
    t.passes(2_000)
    t.then(again=["x2", "x3"], actions=[])
    t.is_pending(x2, x3)
    t.tells(effect(t, x2, "m-2"), effect(t, x3, "m-3"))
    t.is_pending()
    t.acks(x3, "duplicate")
    t.holds()
