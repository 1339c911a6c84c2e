"""Faults of streams that do a part of what is asked: one kind of several, one place of two."""
# ruff: noqa: D102  an override means what it overrides

import hashlib
import re
from collections.abc import Iterable
from dataclasses import replace

import rfc8785

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action
from omnisession_reference.change import Change, Listener
from omnisession_reference.fanout import Fanout
from omnisession_reference.session import Session
from omnisession_reference.timers import Clockwork
from omnisession_reference.wire import JsonObject


def _digested(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


def _shows_an_edit(change: Change, action: Action | None) -> bool:
    is_publish = action is not None and action.body["type"] == "article.publish"
    return is_publish and change.type == "article.edit_started"


@fault("heartbeats-count-as-the-last-message", breaks="CTRL-008")
class HeartbeatsCountAsTheLastMessage(Session):
    """Heartbeats count the actions that the last state or event counted."""

    def publish(self, suffix: str, body: JsonObject) -> None:
        self._told = body["last_action_seq"]
        super().publish(suffix, body)

    def push(self, type_name: str, data: JsonObject) -> JsonObject:
        if type_name == "session.heartbeat":
            data = {**data, "position": {**data["position"], "last_action_seq": self._told}}
        return super().push(type_name, data)


@fault("answers-count-as-the-last-message", breaks="ORDER-005")
class AnswersCountAsTheLastMessage(Session):
    """The answers of sync and resume count the actions that the last state or event counted."""

    def publish(self, suffix: str, body: JsonObject) -> None:
        self._told = body["last_action_seq"]
        super().publish(suffix, body)

    def body(self, type_name: str, data: JsonObject) -> JsonObject:
        if type_name in ("session.syncing", "session.resumed"):
            data = {**data, "position": {**data["position"], "last_action_seq": self._told}}
        return super().body(type_name, data)


@fault("wait-ends-for-one-kind", breaks="STATE-014")
class WaitEndsForOneKind(Clockwork):
    """Of several kinds that are held back one is told when the wait is over, and the others when asked."""

    def _on_coalesce(self) -> None:
        self._coalesce = None
        for kind in list(self.session.held_back)[:1]:
            self.session.publish_state(kind, "change")


@fault("digests-with-controls-by-number", breaks="STATE-011")
class DigestsWithControlsByNumber(Session):
    """Digests are of a text in which a backspace and a form feed are escaped by their numbers."""

    def digest(self, kind: str, data: JsonObject) -> str:
        text = rfc8785.dumps(data)
        escapes = {b"\\b": b"\\u0008", b"\\f": b"\\u000c"}
        told = re.sub(rb"\\.", lambda m: escapes.get(m[0], m[0]), text)
        return super().digest(kind, data) if told == text else _digested(told)


@fault("heartbeat-digests-of-every-kind", breaks="CTRL-009")
class HeartbeatDigestsOfEveryKind(Session):
    """The digests of heartbeats have the kinds that are not open, too."""

    def digests_now(self) -> JsonObject:
        none = {
            k: _digested(rfc8785.dumps({"type": k})) for k in ("articles", "chat", "url", "user")
        }
        return {**none, **super().digests_now()}


@fault("running-edits-told-by-nobody", breaks="EVENT-006")
class RunningEditsToldByNobody(Fanout):
    """The edits that a publish shows to new readers are told without the user who published."""

    def tell(
        self, session: Listener, change: Change, data: JsonObject, action: Action | None
    ) -> None:
        super().tell(session, change, data, None if _shows_an_edit(change, action) else action)


@fault("new-readers-are-strangers", breaks="EVENT-005")
class NewReadersAreStrangers(Fanout):
    """The edits that a publish shows to new readers are told without a cause to the acting user, too."""

    def tell(
        self, session: Listener, change: Change, data: JsonObject, action: Action | None
    ) -> None:
        if action is not None and session.events and _shows_an_edit(change, action):
            session.publish_event(change, data, action.user_id, None)
        else:
            super().tell(session, change, data, action)


@fault("one-id-for-all-changes-of-an-action", breaks="EVENT-004")
class OneIdForAllChanges(Fanout):
    """The changes of one action have one `event_id`."""

    def apply(self, changes: Iterable[Change], action: Action | None = None) -> None:
        event_id = self.ids.new()
        super().apply([replace(c, event_id=event_id) for c in changes], action)


@fault("replay-forgets-what-was-passed", breaks="RESUME-003")
class ReplayForgetsWhatWasPassed(Session):
    """What a client was past at one resume is missing in the replay of the next."""

    def missed(self, seq: int) -> list[bytes] | None:
        passed: int = vars(self).get("_passed", 0)
        self._passed = max(passed, min(seq, self.seq))
        return super().missed(max(seq, passed))


@fault("replay-lacks-the-one-just-gone", breaks="RESUME-003")
class ReplayLacksTheOneJustGone(Session):
    """A replay from just before the oldest message that is kept lacks the first."""

    def missed(self, seq: int) -> list[bytes] | None:
        found = super().missed(seq)
        return super().missed(seq + 1) if found is None and seq < self.seq else found
