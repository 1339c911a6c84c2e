"""Faults of versions, signs of life, discovery and what a lost connection takes along."""
# ruff: noqa: D102  an override means what it overrides

import hashlib
import json

from omnisession_faults.faults.registry import fault
from omnisession_reference.control import Control, Request
from omnisession_reference.discovery import Discovery
from omnisession_reference.errors import Refusal
from omnisession_reference.protocol import LIMITS, Versions
from omnisession_reference.router import Router
from omnisession_reference.session import Session
from omnisession_reference.wire import Incoming, JsonObject


@fault("service-forgets-how-long", breaks="DISC-002")
class ServiceForgetsHowLong(Discovery):
    """The limits of the metadata lack `outcomes_ms`."""

    def metadata(self) -> dict[str, str]:
        limits = {name: value for name, value in LIMITS.items() if name != "outcomes_ms"}
        return {**super().metadata(), "limits": json.dumps(limits)}


@fault("service-spaces-its-names", breaks="DISC-002")
class ServiceSpacesItsNames(Discovery):
    """The names in the metadata have white space behind their commas."""

    def metadata(self) -> dict[str, str]:
        told = super().metadata()
        return {**told, "profiles": told["profiles"].replace(",", ", ")}


@fault("minors-of-32-bits", breaks="VER-003")
class MinorsOf32Bits(Versions):
    """A body with a MINOR beyond 32 bits is one of another version."""

    def accept(self, version: object) -> None:
        super().accept(version)
        minor = version.partition(".")[2] if isinstance(version, str) else ""
        if minor.isdigit() and (len(minor) > 10 or int(minor) >= 2**31):
            raise Refusal(4003, "This server speaks 1.0.", supported=["1.0"])


@fault("offered-minors-of-32-bits", breaks="VER-001")
class OfferedMinorsOf32Bits(Versions):
    """An offer with a MINOR beyond 32 bits is none."""

    def negotiate(self, offers: list[str]) -> str:  # pyright: ignore[reportIncompatibleMethodOverride]
        return super().negotiate([o for o in offers if len(o.partition(".")[2]) < 10])


@fault("resume-is-no-life-sign", breaks="CTRL-016")
class ResumeIsNoLifeSign(Control):
    """Resumes alone do not keep a session alive."""

    def receive(self, message: Incoming, user_id: str, session_id: str) -> None:
        self.__dict__["no_life"] = b'"session.resume"' in message.data
        super().receive(message, user_id, session_id)

    def note_life(self, user_id: str, session_id: str) -> None:
        if not self.__dict__["no_life"]:
            super().note_life(user_id, session_id)


@fault("sync-is-no-life-sign", breaks="CTRL-016")
class SyncIsNoLifeSign(Control):
    """Syncs alone do not keep a session alive."""

    def receive(self, message: Incoming, user_id: str, session_id: str) -> None:
        self.__dict__["no_life"] = b'"session.sync"' in message.data
        super().receive(message, user_id, session_id)

    def note_life(self, user_id: str, session_id: str) -> None:
        if not self.__dict__["no_life"]:
            super().note_life(user_id, session_id)


@fault("refused-requests-are-no-life-sign", breaks="CTRL-016")
class RefusedRequestsAreNoLifeSign(Control):
    """Requests that are refused do not keep a session alive."""

    def receive(self, message: Incoming, user_id: str, session_id: str) -> None:
        session = self.services.sessions.live(user_id, session_id)
        alive = None if session is None else vars(session.timers)["_alive_at"]
        try:
            super().receive(message, user_id, session_id)
        except Refusal:
            if session is not None:
                vars(session.timers)["_alive_at"] = alive
            raise


@fault("digests-for-web-pages", breaks="STATE-011")
class DigestsForWebPages(Session):
    """Digests are of a text in which signs that mean something in HTML are escaped."""

    def digest(self, kind: str, data: JsonObject) -> str:
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        if not set(text) & set("<>&"):
            return super().digest(kind, data)
        for sign in "<>&":
            text = text.replace(sign, f"\\u{ord(sign):04x}")
        return hashlib.sha256(text.encode()).hexdigest()


@fault("digests-in-ascii", breaks="STATE-011")
class DigestsInAscii(Session):
    """Digests are of a text in which what is no ASCII is escaped."""

    def digest(self, kind: str, data: JsonObject) -> str:
        text = json.dumps(data, separators=(",", ":"), sort_keys=True)
        if "\\u" not in text:
            return super().digest(kind, data)
        return hashlib.sha256(text.encode()).hexdigest()


@fault("digests-by-lines", breaks="STATE-011")
class DigestsByLines(Session):
    """Digests are of a text in which the line separators of Unicode are escaped."""

    def digest(self, kind: str, data: JsonObject) -> str:
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        if not set(text) & {"\u2028", "\u2029"}:
            return super().digest(kind, data)
        text = text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
        return hashlib.sha256(text.encode()).hexdigest()


@fault("inboxes-without-their-dot", breaks="SEC-001")
class InboxesWithoutTheirDot(Router):
    """Whatever begins with `_INBOX` is an inbox."""

    def may_answer(self, reply: str) -> bool:
        return super().may_answer(reply) or reply.startswith(("_INBOX", "_R_"))


@fault("closed-forgotten-when-another-opens", breaks="CTRL-012")
class ClosedForgottenWhenAnotherOpens(Control):
    """A closed session is forgotten when its user opens another."""

    def start(self, session: Session) -> None:
        ended: dict[tuple[str, str], int] = vars(self.services.sessions)["_ended"]
        for key in [key for key in ended if key[0] == session.user_id]:
            del ended[key]
        super().start(session)


@fault("close-without-reply-ignored", breaks="CTRL-018")
class CloseWithoutReplyIgnored(Control):
    """A close without a reply subject closes nothing."""

    def close(self, request: Request) -> None:
        if request.reply:
            super().close(request)
