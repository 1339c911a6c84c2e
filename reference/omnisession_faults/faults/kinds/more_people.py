"""Faults of messages, typing, urls and users: what is told of whom, and what a refusal keeps."""
# ruff: noqa: D102  an override means what it overrides

from collections.abc import Iterable
from dataclasses import replace

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action, Effects
from omnisession_reference.change import Change
from omnisession_reference.errors import Refusal
from omnisession_reference.kinds.chat import Chat
from omnisession_reference.kinds.chat_slice import ChatSlice
from omnisession_reference.kinds.urls import Urls
from omnisession_reference.kinds.users import Users
from omnisession_reference.kinds.users_slice import UserSlice
from omnisession_reference.session import Session
from omnisession_reference.wire import JsonObject

MOST = 2**31 - 1


@fault("edited-at-of-the-client", breaks="CHAT-005")
class EditedAtOfTheClient(Chat):
    """A message was edited when the action says so."""

    def edit(self, action: Action) -> Effects:
        effects = super().edit(action)
        for change in effects.changes:
            change.data["message"]["edited_at"] = action.body["timestamp"]
        return effects


@fault("rename-ends-typing-silently", breaks="EVENT-001")
class RenameEndsTypingSilently(ChatSlice):
    """A new name ends the typing of its user, and only the next state shows it."""

    def reduce(self, change_type: str, data: JsonObject) -> None:
        super().reduce(change_type, data)
        if change_type == "chat.participant_joined":
            self.typing = [t for t in self.typing if t != data["user"]["id"]]


@fault("end-of-typing-told-to-all", breaks="CHAT-008")
class EndOfTypingToldToAll(Chat):
    """That typing ended by itself is told to the user's own sessions, too."""

    def typing_over(self, user_id: str) -> None:
        change = replace(self.typing_change(user_id, active=False), sessions=self.room())
        self.services.fanout.apply([change])


@fault("typing-of-32-bits", breaks="CHAT-012")
class TypingOf32Bits(Chat):
    """A `ttl_ms` beyond 32 bits is refused."""

    def note_typing(self, action: Action) -> Effects:
        if action.data.get("ttl_ms", 0) > MOST:
            raise Refusal(4001, "Too large.", pointer="/data/ttl_ms")
        return super().note_typing(action)


@fault("typing-needs-the-chat", breaks="CHAT-008")
class TypingNeedsTheChat(Chat):
    """A typing is not noted that comes from a session without the kind chat."""

    def note_typing(self, action: Action) -> Effects:
        return super().note_typing(action) if "chat" in action.session.terms.kinds else Effects()


@fault("refused-update-takes-code", breaks="LIMIT-003")
class RefusedUpdateTakesCode(Urls):
    """An update with an address that is too long is refused, and its code is taken from then on."""

    def update(self, action: Action) -> Effects:
        try:
            return super().update(action)
        except Refusal as refusal:
            code = action.data["changes"].get("short_code")
            if refusal.code == 4130 and code:
                vars(self.services.store)["_codes"][code] = action.data["url_id"]
            raise


@fault("inactive-codes-are-free", breaks="URL-002")
class InactiveCodesAreFree(Urls):
    """The code of a url that is not active may be given again."""

    def is_taken(self, url: JsonObject) -> bool:
        other = self.services.store.url_with(url["short_code"])
        return other is not None and other["id"] != url["id"] and other["is_active"]


@fault("kinds-of-sessions-sorted", breaks="USER-003")
class KindsOfSessionsSorted(Users):
    """The kinds of a session are told in alphabetic order."""

    def info(self, session: Session) -> JsonObject:
        found = super().info(session)
        return {**found, "kinds": sorted(found["kinds"])}


@fault("opened-with-the-first", breaks="USER-003")
class OpenedWithTheFirst(Users):
    """All sessions of a user were opened when the first was."""

    def info(self, session: Session) -> JsonObject:
        found = super().info(session)
        first = min(
            (s.opened_at for s in self.audience(session.user_id)), default=found["opened_at"]
        )
        return {**found, "opened_at": min(first, found["opened_at"])}


@fault("sessions-with-user-alone-listed", breaks="USER-003")
class SessionsWithUserAloneListed(Users):
    """`sessions` lists those alone that have the kind `user`."""

    def build(self, session: Session) -> UserSlice:
        built = super().build(session)
        mine = {
            s.session_id
            for s in (*self.audience(session.user_id), session)
            if "user" in s.terms.kinds
        }
        built.sessions = [s for s in built.sessions if s["session_id"] in mine]
        return built

    def joined(self, session: Session) -> Iterable[Change]:
        return super().joined(session) if "user" in session.terms.kinds else ()

    def left(self, session: Session) -> Iterable[Change]:
        return super().left(session) if "user" in session.terms.kinds else ()


@fault("rename-in-the-event-alone", breaks="USER-004")
class RenameWithoutEmail(Users):
    """The event of a new name leaves the email out, as if there were none."""

    def update(self, action: Action) -> Effects:
        effects = super().update(action)
        if "email" in action.data["changes"]:
            return effects
        return replace(
            effects,
            changes=[
                replace(c, data={"user": {n: v for n, v in c.data["user"].items() if n != "email"}})
                if c.type == "user.updated"
                else c
                for c in effects.changes
            ],
        )
