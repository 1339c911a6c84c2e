"""Faults of how a message is written and sent: white space, escapes, reply subjects and headers."""
# ruff: noqa: D102  an override means what it overrides

from dataclasses import replace
from typing import Any, cast

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action
from omnisession_reference.actions import TOP_LEVEL, Actions
from omnisession_reference.connection import Connection
from omnisession_reference.control import Control
from omnisession_reference.errors import Refusal
from omnisession_reference.out import Out
from omnisession_reference.protocol import Versions
from omnisession_reference.router import Router
from omnisession_reference.session import Session
from omnisession_reference.wire import Incoming, JsonObject, encode, fingerprint

FIRST = 1_000
OFFERS = 8
TRUTHS = {"true": True, "false": False, "1": True, "0": False}


@fault("white-space-in-front-is-no-json", breaks="CTRL-001")
class WhiteSpaceInFrontIsNoJson(Control):
    """A request that does not begin with a brace is dropped."""

    def receive(self, message: Incoming, user_id: str, session_id: str) -> None:
        if not message.data[:1].isspace():
            super().receive(message, user_id, session_id)


@fault("actions-end-with-their-brace", breaks="ACTION-005")
class ActionsEndWithTheirBrace(Actions):
    """An action with white space behind its end is no JSON."""

    def receive(self, message: Incoming, row: str, user_id: str | None) -> None:
        if message.data[-1:].isspace():
            raise Refusal(4000, "Send one JSON object, and nothing behind it.")
        super().receive(message, row, user_id)


@fault("types-found-by-their-bytes", breaks="CTRL-001")
class TypesFoundByTheirBytes(Control):
    """The type of a request is looked for before escapes are read."""

    def receive(self, message: Incoming, user_id: str, session_id: str) -> None:
        if b"\\u002e" in message.data and b'"session.' not in message.data:
            return
        super().receive(message, user_id, session_id)


@fault("reply-subjects-used-once", breaks="CTRL-001")
class ReplySubjectsUsedOnce(Out):
    """A second request with the same reply subject is not answered."""

    def answer(self, reply: str, body: JsonObject) -> None:
        known: set[str] = vars(self).setdefault("known", set())
        if reply not in known:
            known.add(reply)
            super().answer(reply, body)


@fault("requests-by-header", breaks="CTRL-001")
class RequestsByHeader(Connection):
    """A control request with a known `Nats-Msg-Id` is dropped."""

    async def _process_msg(
        self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: Any
    ) -> None:
        named = (headers or b"").lower().partition(b"nats-msg-id:")[2].partition(b"\r")[0].strip()
        known: set[bytes] = vars(self).setdefault("known", set())
        if named and subject.startswith(b"session."):
            if named in known:
                return
            known.add(named)
        await super()._process_msg(sid, subject, reply, data, headers)


@fault("errors-of-actions-name-tokens", breaks="ENV-008")
class ErrorsOfActionsNameTokens(Router):
    """Errors on `user.actions` name the token of the subject, not the id."""

    def tell(
        self, message: Incoming, refusal: Refusal, user_id: str | None, session_id: str | None
    ) -> None:
        first, *tokens = message.subject.split(".")
        name = tokens[-1] if first == "user" and user_id is not None else user_id
        super().tell(message, refusal, name, session_id)


@fault("eight-offers-are-read", breaks="VER-001")
class EightOffersAreRead(Versions):
    """Of the offered versions only the first eight are looked at."""

    def negotiate(self, offers: Any) -> str:
        return super().negotiate(list(offers)[:OFFERS])


# -- bodies of actions ------------------------------------------------------------------------------------


def _changes(data: Any) -> JsonObject:
    """The changes of an update, as they stand in its data; none where there are none."""
    told = cast("JsonObject", data).get("changes") if isinstance(data, dict) else None
    return cast("JsonObject", told) if isinstance(told, dict) else {}


@fault("first-thousand-compared", breaks="ACTION-009")
class FirstThousandCompared(Actions):
    """Of the bodies of one id only the first thousand bytes are compared."""

    def read(self, message: Incoming, row: str, session: Session, body: JsonObject) -> Action:
        action = super().read(message, row, session, body)
        what: JsonObject = {
            "type": body.get("type"),
            "expect": body.get("expect"),
            "data": action.data,
        }
        return replace(action, fingerprint=fingerprint(encode(what)[:FIRST].decode("latin-1")))


@fault("order-within-changes-counts", breaks="ACTION-005")
class OrderWithinChangesCounts(Actions):
    """A copy whose `changes` have their members in another order is another action."""

    def read(self, message: Incoming, row: str, session: Session, body: JsonObject) -> Action:
        action = super().read(message, row, session, body)
        order = list(_changes(body.get("data")))
        return replace(action, fingerprint=fingerprint([action.fingerprint.hex(), order]))


@fault("data-beside-counts", breaks="ACTION-019")
class DataBesideCounts(Actions):
    """A `data` that stands beside the member at top level counts in the comparison of copies."""

    def read(self, message: Incoming, row: str, session: Session, body: JsonObject) -> Action:
        action = super().read(message, row, session, body)
        if row not in TOP_LEVEL or "data" not in body:
            return action
        return replace(action, fingerprint=fingerprint([action.fingerprint.hex(), body["data"]]))


@fault("truths-of-forms", breaks="ACTION-016")
class TruthsOfForms(Actions):
    """A 0, a 1 and the words for truths are taken for `is_active`."""

    def check(self, action: Action) -> None:
        changes = _changes(action.data)
        if "is_active" in changes:
            told = changes["is_active"]
            changes["is_active"] = TRUTHS.get(str(told), told)
        super().check(action)


@fault("top-level-taken-anywhere", breaks="ACTION-016")
class TopLevelTakenAnywhere(Actions):
    """On `user.actions` a content at top level is taken where there is no `data`."""

    def read(self, message: Incoming, row: str, session: Session, body: JsonObject) -> Action:
        if row not in TOP_LEVEL and "data" not in body and "content" in body:
            body = {**body, "data": {"content": body["content"]}}
        return super().read(message, row, session, body)
