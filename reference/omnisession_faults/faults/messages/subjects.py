"""Faults of subjects and tokens."""
# ruff: noqa: D102  an override means what it overrides

from urllib.parse import unquote_to_bytes

from omnisession_faults.faults.registry import fault
from omnisession_reference.errors import Refusal
from omnisession_reference.out import Out
from omnisession_reference.router import Router
from omnisession_reference.session import Session
from omnisession_reference.wire import Incoming, JsonObject, tok


@fault("state-on-events", breaks="SUBJ-001")
class StateOnEvents(Session):
    """Change states are published on the `.events` subject."""

    def publish(self, suffix: str, body: JsonObject) -> None:
        super().publish("events" if body.get("reason") == "change" else suffix, body)


@fault("no-queue-group", breaks="SUBJ-006")
class NoQueueGroup(Router):
    """Actions are received outside of the queue group."""

    def subscriptions(self) -> list[tuple[str, str]]:
        taken = super().subscriptions()
        return [(s, "" if s.startswith("user.") else group) for s, group in taken]


@fault("loose-tokens", breaks="SUBJ-003")
class LooseTokens(Router):
    """Non-canonical tokens such as `=61` are decoded and served."""

    def read_token(self, token: str, max_bytes: int) -> str:
        if len(token) > max_bytes:
            raise Refusal(4004, "The token is too long.")
        return unquote_to_bytes(token.replace("=", "%")).decode(errors="replace")


@fault("answer-on-control", breaks="SUBJ-005")
class AnswerOnControl(Out):
    """`session.opened` is published on `.control` too."""

    def answer(self, reply: str, body: JsonObject) -> None:
        super().answer(reply, body)
        if body["type"] == "session.opened":
            self.control(f"session.{tok(body['user_id'])}.{tok(body['session_id'])}", body)


@fault("answers-below-its-user-alone", breaks="CTRL-001")
class AnswersBelowItsUserAlone(Router):
    """Messages of a user are answered only on inboxes below the user's token, and ignored with others."""

    def receive(self, message: Incoming) -> None:
        tokens = message.subject.split(".")
        user = {"session": tokens[1:2], "user": tokens[2:3]}.get(tokens[0], [])
        below = message.reply.split(".")[1:2]
        if not (user and message.reply.startswith("_INBOX.")) or below == user:
            super().receive(message)
