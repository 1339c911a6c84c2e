"""Faults of which messages are let in, whose they are and what names a change."""
# ruff: noqa: D102  an override means what it overrides

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action
from omnisession_reference.change import Change, Listener
from omnisession_reference.control import Control
from omnisession_reference.fanout import Fanout
from omnisession_reference.router import IMPORT, INBOX, Router
from omnisession_reference.session import Session
from omnisession_reference.wire import Incoming, JsonObject, WireError, decode, encode, untok

# -- reply subjects ------------------------------------------------------------------------------------


@fault("inboxes-in-any-case", breaks="SEC-001")
class InboxesInAnyCase(Router):
    """A reply subject that begins with `_inbox.` is an inbox."""

    def may_answer(self, reply: str) -> bool:
        return not reply or reply.upper().startswith((INBOX, IMPORT))


@fault("imports-without-their-dot", breaks="SEC-001")
class ImportsWithoutTheirDot(Router):
    """Whatever begins with `_R_` is taken for a service import."""

    def may_answer(self, reply: str) -> bool:
        return super().may_answer(reply) or reply.startswith("_R_")


def _named(router: Router, message: Incoming) -> Session | None:
    with suppress(WireError, KeyError, TypeError):
        tokens = message.subject.split(".")
        if tokens[0] == "session":
            return router.services.sessions.live(untok(tokens[1], 96), untok(tokens[2], 64))
        body = decode(message.data)
        return router.services.sessions.live(body["user_id"], body["session_id"])
    return None


@fault("forged-replies-are-life-signs", breaks="CTRL-016")
class ForgedRepliesAreLifeSigns(Router):
    """A message with a forged reply subject keeps its session alive."""

    def takes(self, message: Incoming) -> bool:
        if (session := _named(self, message)) is not None:
            session.timers.touch()
        return super().takes(message)


@fault("forged-replies-take-numbers", breaks="SEC-002")
class ForgedRepliesTakeNumbers(Router):
    """An action with a forged reply subject takes its number, and has no effect."""

    def takes(self, message: Incoming) -> bool:
        if super().takes(message):
            return True
        session = _named(self, message)
        if session is not None and not message.subject.startswith("session."):
            number = decode(message.data).get("client_seq")
            if number == session.last_action_seq + 1:
                session.count(session.last_action_seq + 1)
        return False


# -- identity ------------------------------------------------------------------------------------------


@fault("session-ids-not-compared", breaks="SEC-003")
class SessionIdsNotCompared(Control):
    """Of the ids of a request the user's alone is compared with that of the subject."""

    def check_identity(self, body: JsonObject, user_id: str, session_id: str) -> None:
        body["session_id"] = session_id
        super().check_identity(body, user_id, session_id)


@fault("user-ids-not-compared", breaks="SEC-003")
class UserIdsNotCompared(Control):
    """Of the ids of a request the session's alone is compared with that of the subject."""

    def check_identity(self, body: JsonObject, user_id: str, session_id: str) -> None:
        body["user_id"] = user_id
        super().check_identity(body, user_id, session_id)


@fault("pings-of-anybody", breaks="SEC-003")
class PingsOfAnybody(Control):
    """The ids of a ping are not compared with those of its subject."""

    def check_identity(self, body: JsonObject, user_id: str, session_id: str) -> None:
        if body["type"] == "session.ping":
            body["user_id"], body["session_id"] = user_id, session_id
        super().check_identity(body, user_id, session_id)


# -- versions ------------------------------------------------------------------------------------------


@fault("versions-end-with-their-line", breaks="VER-004")
class VersionsEndWithTheirLine(Control):
    """A line feed behind the version of a request is not seen."""

    def receive(self, message: Incoming, user_id: str, session_id: str) -> None:
        super().receive(_read(message, _line), user_id, session_id)


@fault("versions-in-digits-of-any-script", breaks="VER-004")
class VersionsInDigitsOfAnyScript(Control):
    """The version of a request may be written in the digits of any script."""

    def receive(self, message: Incoming, user_id: str, session_id: str) -> None:
        super().receive(_read(message, _digits), user_id, session_id)


def _line(version: str) -> str:
    return version.removesuffix("\n")


def _digits(version: str) -> str:
    return "".join(str(int(c)) if c.isdecimal() else c for c in version)


def _read(message: Incoming, fold: Any) -> Incoming:
    with suppress(WireError):
        body = decode(message.data)
        if isinstance(body.get("v"), str):
            return replace(message, data=encode({**body, "v": fold(body["v"])}))
    return message


# -- names of changes ----------------------------------------------------------------------------------


@fault("causes-by-session-id", breaks="EVENT-005")
class CausesBySessionId(Fanout):
    """The cause is told in sessions of other users that have the id of the acting one."""

    def cause(self, session: Listener, action: Action | None) -> JsonObject | None:
        if action is not None and session.session_id == action.session.session_id:
            return super().cause(action.session, action)
        return super().cause(session, action)


@fault("event-ids-of-actions", breaks="EVENT-004")
class EventIdsOfActions(Fanout):
    """The id of a change is that of its action with a number: two users may use the same."""

    def apply(self, changes: Iterable[Change], action: Action | None = None) -> None:
        named = list(changes)
        if action is not None:
            named = [
                replace(change, event_id=f"{action.action_id}-{place}")
                for place, change in enumerate(named)
            ]
        super().apply(named, action)


@fault("event-ids-of-messages", breaks="EVENT-004")
class EventIdsOfMessages(Fanout):
    """Two edits of one message have one `event_id`."""

    def named(self, change: Change) -> Change:
        if change.type == "chat.message_edited":
            return replace(change, event_id=f"edited-{change.data['message']['id']}")
        return super().named(change)


@fault("event-ids-of-typing", breaks="EVENT-004")
class EventIdsOfTyping(Fanout):
    """Whenever a user begins to type that has the `event_id` of the first time."""

    def named(self, change: Change) -> Change:
        if change.type == "chat.typing_changed":
            told: dict[str, str] = vars(self).setdefault("_told", {})
            key = f"{change.data['user_id']} {change.data['active']}"
            return replace(change, event_id=told.setdefault(key, self.ids.new()))
        return super().named(change)
