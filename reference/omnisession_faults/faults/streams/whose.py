"""Faults of what events and counts name: another action, another moment, another change."""
# ruff: noqa: D102  an override means what it overrides

import time
from dataclasses import replace

from omnisession_faults.faults.registry import fault
from omnisession_faults.inside import book_of
from omnisession_reference.action import Action
from omnisession_reference.actions import Actions
from omnisession_reference.change import Change, Listener
from omnisession_reference.fanout import Fanout
from omnisession_reference.session import Session
from omnisession_reference.wire import JsonObject, decode


@fault("events-of-others-count-as-the-last-message", breaks="ORDER-005")
class EventsOfOthersCountAsTheLastMessage(Session):
    """Events of others count what the last state or event counted, not what was acked since."""

    def publish_event(
        self, change: Change, data: JsonObject, actor: str | None, cause: JsonObject | None
    ) -> None:
        count = self.last_action_seq
        last = self.buffer.after(self.seq - 1)
        if last and (cause is None or cause["session_id"] != self.session_id):
            self.last_action_seq = decode(last[0])["last_action_seq"]
        super().publish_event(change, data, actor, cause)
        self.last_action_seq = count


@fault("event-ids-by-the-millisecond", breaks="EVENT-004")
class EventIdsByTheMillisecond(Fanout):
    """The id of a change is its type and the millisecond in which it was made."""

    def named(self, change: Change) -> Change:
        return replace(change, event_id=f"{change.type}-{time.time_ns() // 1_000_000}")


@fault("held-is-caused-by-what-closed-its-gap", breaks="EVENT-005")
class HeldIsCausedByWhatClosedItsGap(Actions):
    """What a held action changes names the action that closed its gap as the cause."""

    def release(self, session: Session) -> None:
        fanout = self.services.fanout
        for number, (outcome, _) in list(book_of(self, session).done.items())[-1:]:
            closing = {"action_id": outcome.action_id, "client_seq": number}

            def cause(
                told: Listener, action: Action | None, closing: JsonObject = closing
            ) -> JsonObject | None:
                named = type(fanout).cause(fanout, told, action)
                return None if named is None else {**named, **closing}

            vars(fanout)["cause"] = cause
        super().release(session)
        vars(fanout).pop("cause", None)
