"""Faults that let one user act on another's sessions."""
# ruff: noqa: ARG002, D102  an override means what it overrides

from dataclasses import replace

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action
from omnisession_reference.auth import Auth, Grant
from omnisession_reference.change import Listener
from omnisession_reference.control import Control
from omnisession_reference.fanout import Fanout
from omnisession_reference.router import INBOX, Router
from omnisession_reference.wire import Incoming, JsonObject


@fault("answers-anywhere", breaks="SEC-001")
class AnswersAnywhere(Router):
    """Answers go to whatever reply subject a message names."""

    def may_answer(self, reply: str) -> bool:
        return True


@fault("effect-of-forged-replies", breaks="SEC-002")
class EffectOfForgedReplies(Router):
    """A message with a forged reply subject has its effect, unanswered."""

    def receive(self, message: Incoming) -> None:
        forged = not self.may_answer(message.reply)
        super().receive(replace(message, reply="") if forged else message)


@fault("trusts-the-body", breaks="SEC-003")
class TrustsTheBody(Control):
    """A request acts on the session that its body names."""

    def check_identity(self, body: JsonObject, user_id: str, session_id: str) -> None:
        pass


@fault("cause-for-all", breaks="SEC-004")
class CauseForAll(Fanout):
    """Other users are told the session id of who acted."""

    def cause(self, session: Listener, action: Action | None) -> JsonObject | None:
        return action and super().cause(action.session, action)


@fault("any-token", breaks="SEC-006")
class AnyToken(Auth):
    """A valid token of any user opens a session."""

    def grant(self, auth: JsonObject | None, user_id: str) -> Grant:
        if auth is None:
            return super().grant(auth, user_id)
        owner = self.claims(auth["token"])["sub"]
        return replace(super().grant(auth, owner), user_id=user_id)


@fault("any-inbox-will-do", breaks="SECU-016", secure=True)
class AnyInboxWillDo(Router):
    """It claims to be secure, and answers on the inbox of anybody."""

    def is_below_user(self, message: Incoming) -> bool:
        return True


@fault("inboxes-that-begin-alike", breaks="SECU-016", secure=True)
class InboxesThatBeginAlike(Router):
    """The inboxes of a user whose id begins as another's are taken for the other's."""

    def is_below_user(self, message: Incoming) -> bool:
        token = self.user_token(message)
        return token is None or message.reply.startswith(f"{INBOX}{token}")


@fault("effect-without-answer", breaks="SECU-016", secure=True)
class EffectWithoutAnswer(Router):
    """A request with the inbox of somebody else has its effect, unanswered."""

    def receive(self, message: Incoming) -> None:
        astray = self.may_answer(message.reply) and not self.takes(message)
        super().receive(replace(message, reply="") if astray else message)


@fault("shared-subjects-forgotten", breaks="SECU-016", secure=True)
class SharedSubjectsForgotten(Router):
    """On the subjects that all clients share any inbox is taken."""

    def is_below_user(self, message: Incoming) -> bool:
        shared = message.subject.count(".") < 3 and not message.subject.startswith("user.")
        return shared or super().is_below_user(message)
