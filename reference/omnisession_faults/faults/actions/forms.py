"""Faults of what actions are taken: whose, of what form, of what type."""
# ruff: noqa: ARG002, D102  an override means what it overrides

import contextlib
from dataclasses import replace

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action, Outcome
from omnisession_reference.actions import MAX_INTEGER, Actions
from omnisession_reference.change import Change
from omnisession_reference.errors import Refusal
from omnisession_reference.router import Router
from omnisession_reference.wire import Incoming, JsonObject, decode, encode, tok


@fault("acts-for-the-body", breaks="ACTION-013")
class ActsForTheBody(Actions):
    """The user of the body acts, whoever's subject the action came on."""

    def receive(self, message: Incoming, row: str, user_id: str | None) -> None:
        super().receive(message, row, None)


@fault("acts-for-the-subject", breaks="ACTION-013")
class ActsForTheSubject(Actions):
    """The user of the subject acts, whoever the body names."""

    def receive(self, message: Incoming, row: str, user_id: str | None) -> None:
        if user_id is not None:
            body = {**decode(message.data), "user_id": user_id}
            message = replace(message, data=encode(body))
        super().receive(message, row, user_id)


@fault("applied-without-session", breaks="ACTION-014")
class AppliedWithoutSession(Actions):
    """An action for a session that is not live has its effects for its user all the same."""

    def receive(self, message: Incoming, row: str, user_id: str | None) -> None:
        try:
            super().receive(message, row, user_id)
        except Refusal as refusal:
            body = decode(message.data)
            live = list(self.services.sessions.of_user(body["user_id"]).values())
            if refusal.code in (4041, 4101) and live:
                action = self.read(message, row, live[0], body)
                with contextlib.suppress(Refusal):
                    self.check(action)
                    self.services.fanout.apply(self.handlers[body["type"]](action).changes)
            raise


@fault("nack-without-session", breaks="ACTION-014")
class NackWithoutSession(Actions):
    """The refusal of an action for a session that is not live is pushed on its `.control`."""

    def receive(self, message: Incoming, row: str, user_id: str | None) -> None:
        try:
            super().receive(message, row, user_id)
        except Refusal as refusal:
            if refusal.code in (4041, 4101):
                body = decode(message.data)
                user, session = body["user_id"], body["session_id"]
                nack = self.services.out.envelope("error", user, session)
                nack["data"] = {"error": self.services.errors.body(refusal)}
                self.services.out.control(f"session.{tok(user)}.{tok(session)}", nack)
            raise


@fault("silent-on-unreadable-actions", breaks="ACTION-015")
class SilentOnUnreadableActions(Router):
    """An action without readable ids is not answered."""

    def refuse(
        self, message: Incoming, refusal: Refusal, user_id: str | None, session_id: str | None
    ) -> None:
        if refusal.code != 4001 or session_id is not None:
            super().refuse(message, refusal, user_id, session_id)


@fault("unreadable-counted", breaks="ACTION-015")
class UnreadableCounted(Actions):
    """An action without a readable id takes the next number of its session."""

    def check_readable(self, body: JsonObject) -> None:
        try:
            super().check_readable(body)
        except Refusal:
            ids = str(body.get("user_id")), str(body.get("session_id"))
            session = self.services.sessions.live(*ids)
            if session is not None:
                session.count(session.last_action_seq + 1)
            raise


@fault("number-beyond-53-bits-taken", breaks="ACTION-015")
class NumberBeyond53BitsTaken(Actions):
    """A `client_seq` above 2^53-1 is one as any other."""

    def check_readable(self, body: JsonObject) -> None:
        number = body.get("client_seq")
        is_beyond = type(number) is int and number > MAX_INTEGER
        super().check_readable({**body, "client_seq": MAX_INTEGER} if is_beyond else body)


@fault("unreadable-told-in-session", breaks="ACTION-015")
class UnreadableToldInSession(Actions):
    """The error for an action without a readable id is pushed on `.control`."""

    def check_readable(self, body: JsonObject) -> None:
        try:
            super().check_readable(body)
        except Refusal as refusal:
            ids = str(body.get("user_id")), str(body.get("session_id"))
            session = self.services.sessions.live(*ids)
            if session is not None:
                session.push("error", {"error": self.services.errors.body(refusal)})
            raise


@fault("invalid-data-is-internal", breaks="ACTION-016")
class InvalidDataIsInternal(Actions):
    """Invalid data is refused as if the server had failed."""

    def check(self, action: Action) -> None:
        try:
            super().check(action)
        except Refusal as refusal:
            if refusal.code == 4001:
                raise Refusal(5000, "The server failed; send the action again.") from None
            raise


@fault("valid-half-applied", breaks="ACTION-016")
class ValidHalfApplied(Actions):
    """Of the changes of an update the valid ones are applied."""

    def check(self, action: Action) -> None:
        try:
            super().check(action)
        except Refusal as refusal:
            place = refusal.details.get("pointer", "").split("/")
            if place[1:3] != ["data", "changes"] or len(place) < 4:
                raise
            del action.data["changes"][place[3]]
            self.check(action)


@fault("numbers-for-strings", breaks="ACTION-016")
class NumbersForStrings(Actions):
    """A number where a string belongs is taken for its digits."""

    def check(self, action: Action) -> None:
        try:
            super().check(action)
        except Refusal as refusal:
            name = refusal.details.get("pointer", "").partition("/data/")[2]
            if not name or type(action.data.get(name)) is not int:
                raise
            action.data[name] = str(action.data[name])
            self.check(action)


@fault("unknown-types-acked", breaks="ACTION-017")
class UnknownTypesAcked(Actions):
    """An action of an unknown type is acked and does nothing."""

    def refuse(self, action: Action, refusal: Refusal) -> None:
        if refusal.code == 4002:
            self.settle(action, Outcome(action.action_id, action.fingerprint))
        else:
            super().refuse(action, refusal)


@fault("lists-what-it-refuses", breaks="ACTION-017")
class ListsWhatItRefuses(Actions):
    """`opened.actions` names a type that is not served."""

    def check(self, action: Action) -> None:
        if action.body.get("type") == "article.edit_end":
            raise Refusal(4002, "Edits end by themselves here.")
        super().check(action)


@fault("noop-deselects", breaks="ACTION-018")
class NoopDeselects(Actions):
    """`session.noop` sets the current article to null."""

    def run(self, action: Action) -> None:
        if action.body.get("type") == "session.noop":
            nothing: JsonObject = {"article": None, "revisions": []}
            deselected = Change("articles", "article.selected", nothing, [action.session])
            self.services.fanout.apply([deselected], action)
        super().run(action)


@fault("open-kinds-only", breaks="ACTION-025")
class OpenKindsOnly(Actions):
    """Actions on articles are refused in sessions that did not open articles."""

    def check(self, action: Action) -> None:
        super().check(action)
        on_articles = action.body["type"].startswith("article.")
        if on_articles and "articles" not in action.session.terms.kinds:
            raise Refusal(4220, "This session did not open articles.")
