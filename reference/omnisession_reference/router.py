"""Sends each received message where it belongs, and answers what cannot be served.

Messages are handled one at a time, in the order in which the broker delivered them over all
subjects: that is what keeps actions of one session in order, and every fence true.
"""

import contextlib

from omnisession_reference.actions import Actions
from omnisession_reference.control import Control
from omnisession_reference.errors import Refusal
from omnisession_reference.services import Services
from omnisession_reference.wire import (
    MAX_SESSION_TOKEN,
    MAX_USER_TOKEN,
    Incoming,
    WireError,
    decode,
    tok,
    untok,
)

INBOX, IMPORT = "_INBOX.", "_R_."
# Requesters' inboxes, and those of service imports. Any other reply subject could be one that
# people listen to: the broker lets a client name whatever it likes.
REPLY_PREFIXES = (INBOX, IMPORT)

SUBJECTS = ("session.*.*.control", "user.actions.*", "chat.messages", "article.edit.start")
QUEUE_GROUP = "omnisession"

# How long whoever sent too much at once is asked to wait.
BUSY_MS = 500


class Router:
    """The one entrance of the server."""

    def __init__(self, services: Services, control: Control, actions: Actions) -> None:
        self.services = services
        self._control = control
        self._actions = actions
        # Whether a requester's inbox has to lie below its user's token (SECU-016).
        self.secure = False

    def subscriptions(self) -> list[tuple[str, str]]:
        """Name the subjects to receive, each with its queue group."""
        return [(subject, QUEUE_GROUP) for subject in SUBJECTS]

    def receive(self, message: Incoming) -> None:
        """Handle one message to its end; never raises."""
        try:
            if self.takes(message):
                self.dispatch(message)
            else:
                self.services.log.warning("forged_reply", subject=_printable(message.subject))
        except Exception as error:  # noqa: BLE001 the next message must be served whatever this was
            self.services.log.failure("failed", error, subject=_printable(message.subject))
        finally:
            self.services.out.trace = None

    def may_answer(self, reply: str) -> bool:
        """Say whether a message with this reply subject may have an effect."""
        return not reply or reply.startswith(REPLY_PREFIXES)

    def takes(self, message: Incoming) -> bool:
        """Say whether a message with its reply subject may have an effect."""
        if not self.may_answer(message.reply):
            return False
        return not self.secure or self.is_below_user(message)

    def is_below_user(self, message: Incoming) -> bool:
        """Say whether the reply subject of a message can be its user's own."""
        if not message.reply.startswith(INBOX):
            return True
        token = self.user_token(message)
        return token is None or message.reply.startswith(f"{INBOX}{token}.")

    def user_token(self, message: Incoming) -> str | None:
        """Name the user of a message as it stands in subjects; None where nobody can be read."""
        tokens = message.subject.split(".")
        if tokens[0] in ("session", "user"):
            token = tokens[1 if tokens[0] == "session" else 2]
            return token if self.id_if_any(token, MAX_USER_TOKEN) is not None else None
        try:
            user_id = decode(message.data).get("user_id")
            return tok(user_id) if isinstance(user_id, str) and user_id else None
        except (WireError, UnicodeEncodeError):
            return None

    def dispatch(self, message: Incoming) -> None:
        """Route by subject; answer a refusal on the reply subject."""
        user_id: str | None = None
        session_id: str | None = None
        try:
            tokens = message.subject.split(".")
            if tokens[0] == "session":
                user_id = self.id_if_any(tokens[1], MAX_USER_TOKEN)
                session_id = self.id_if_any(tokens[2], MAX_SESSION_TOKEN)
                self._control.receive(message, *self.read_ids(tokens[1], tokens[2]))
            elif tokens[0] == "user":
                user_id = self.read_token(tokens[2], MAX_USER_TOKEN)
                self._actions.receive(message, "user.actions", user_id)
            else:
                self._actions.receive(message, message.subject, None)
        except Refusal as refusal:
            self.refuse(message, refusal, user_id, session_id)
        except WireError as error:
            self.refuse(
                message, Refusal(4000, f"Send one JSON object: {error}."), user_id, session_id
            )
        except Exception as error:
            failed = Refusal(5000, "The server failed; try again.")
            self.refuse(message, failed, user_id, session_id)
            raise error from None

    def refuse_for_now(self, message: Incoming) -> None:
        """Refuse a message of a user who sent too much at once, unread; never raises."""
        refusal = Refusal(4290, "Too much at once; wait a moment.", retry_after_ms=BUSY_MS)
        self.refuse_unread(message, refusal)

    def refuse_unread(self, message: Incoming, refusal: Refusal) -> None:
        """Refuse a message of which only the subject is looked at; never raises."""
        if not self.takes(message):
            return
        tokens = message.subject.split(".")
        user_id: str | None = None
        session_id: str | None = None
        if tokens[0] == "session":
            session_id = self.id_if_any(tokens[2], MAX_SESSION_TOKEN)
        if tokens[0] in ("session", "user"):
            user_id = self.id_if_any(tokens[1 if tokens[0] == "session" else 2], MAX_USER_TOKEN)
        self.tell(message, refusal, user_id, session_id)

    def read_ids(self, user_token: str, session_token: str) -> tuple[str, str]:
        """Read the ids of a session from its tokens."""
        return (
            self.read_token(user_token, MAX_USER_TOKEN),
            self.read_token(session_token, MAX_SESSION_TOKEN),
        )

    def id_if_any(self, token: str, max_bytes: int) -> str | None:
        """Read one id for a refusal, which tells it also where the other token is none."""
        with contextlib.suppress(Refusal):
            return self.read_token(token, max_bytes)
        return None

    def read_token(self, token: str, max_bytes: int) -> str:
        """Read one id from its token; refuses with 4004."""
        try:
            return untok(token, max_bytes)
        except WireError as error:
            raise Refusal(4004, f"Mend the subject: {error}.") from None

    def refuse(
        self, message: Incoming, refusal: Refusal, user_id: str | None, session_id: str | None
    ) -> None:
        """Answer a message that had no effect; ids that its subject does not tell are null."""
        self.services.log.warning("refused", code=refusal.code, subject=_printable(message.subject))
        self.tell(message, refusal, user_id, session_id)

    def tell(
        self, message: Incoming, refusal: Refusal, user_id: str | None, session_id: str | None
    ) -> None:
        """Publish a refusal on the reply subject."""
        body = self.services.out.envelope("error", user_id, session_id)
        body["data"] = {"error": self.services.errors.body(refusal)}
        self.services.out.answer(message.reply, body)


def _printable(subject: str) -> str:
    return ascii(subject[:200])[1:-1]
