"""Traces of actions and their outcomes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vectors.entries import message
from vectors.listed import Setting, trace

if TYPE_CHECKING:
    from vectors.script import Script

HYBRID = Setting(("core", "events", "chat", "actions", "hybrid"), mode="hybrid")


@trace("ack-before-effect", "HYB-001", "HYB-002", "HYB-013", setting=HYBRID)
def ack_before_effect(t: Script) -> None:
    """An ack comes before the effect that it tells; the action is pending until that is there."""
    t.begins()
    x1 = t.dispatches("chat.send", content="first")
    t.sends(x1)
    x2 = t.dispatches("chat.send", content="second")
    t.sends(x2)
    t.is_pending(x1, x2)
    before = t.mark()
    t.server.counted = 1
    made = message("m-1", t.at_ms, "ann", "first")
    effect = t.event("chat.message_added", message=made, cause=t.cause(x1))
    t.acks(x1, result={"message_id": "m-1"})
    t.holds(before)
    t.is_pending(x1, x2)
    t.tells(effect)
    t.holds()
    t.is_pending(x2)
    t.then(requests=[], actions=[])
