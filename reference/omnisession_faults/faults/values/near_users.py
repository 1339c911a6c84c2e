"""Faults of users who are selected, or ordered, by something other than their whole id as it is."""
# ruff: noqa: D102  an override means what it overrides

import re
from collections.abc import Collection, Iterable
from typing import Any

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action
from omnisession_reference.change import Listener
from omnisession_reference.fanout import Fanout
from omnisession_reference.kinds.articles_slice import ArticlesSlice
from omnisession_reference.kinds.chat import Chat
from omnisession_reference.kinds.chat_slice import ChatSlice
from omnisession_reference.kinds.users import Users
from omnisession_reference.session import Session
from omnisession_reference.store import MemoryStore
from omnisession_reference.wire import JsonObject

WHOLE = re.compile(r"0|[1-9][0-9]{0,8}")
WILD = {"_": ".", "%": ".*"}


def _as_javascript(id_: str) -> tuple[int, int, str]:
    """Where an object of JavaScript has a name: whole numbers first, by number."""
    return (0, int(id_), "") if WHOLE.fullmatch(id_) else (1, 0, id_)


def _fits(id_: str, pattern: str) -> bool:
    """Whether a text is LIKE a pattern of SQL."""
    told = "".join(WILD.get(letter, re.escape(letter)) for letter in pattern)
    return re.fullmatch(told, id_, re.DOTALL) is not None


def _urls(store: MemoryStore) -> Collection[JsonObject]:
    told: dict[str, JsonObject] = vars(store)["_urls"]
    return told.values()


@fault("urls-by-a-pattern", breaks="URL-003")
class UrlsByAPattern(MemoryStore):
    """Urls are selected by a LIKE, in which a user's id may have signs that stand for others."""

    def urls_of(self, user_id: str) -> Iterable[JsonObject]:
        return [url for url in _urls(self) if _fits(url["created_by"], user_id)]


@fault("urls-by-a-beginning", breaks="URL-003")
class UrlsByABeginning(MemoryStore):
    """Urls are selected by keys that begin with the user's id."""

    def urls_of(self, user_id: str) -> Iterable[JsonObject]:
        return [url for url in _urls(self) if url["created_by"].startswith(user_id)]


@fault("urls-by-an-end", breaks="URL-003")
class UrlsByAnEnd(MemoryStore):
    """Urls are selected by keys that end in the user's id."""

    def urls_of(self, user_id: str) -> Iterable[JsonObject]:
        return [url for url in _urls(self) if url["created_by"].endswith(user_id)]


@fault("typing-kept-from-longer-ids", breaks="CHAT-008")
class TypingKeptFromLongerIds(Chat):
    """Typing is not shown to users whose id begins with that of the one who types."""

    def others(self, user_id: str) -> Collection[Session]:
        return [session for session in self.room() if not session.user_id.startswith(user_id)]


@fault("typing-ends-for-longer-ids", breaks="CHAT-012")
class TypingEndsForLongerIds(Chat):
    """Whoever leaves the room ends the typing of users whose id begins with its own."""

    def left(self, session: Session) -> Iterable[Any]:
        near = {s.user_id for s in self.room() if s.user_id.startswith(session.user_id)}
        ended = [one for id_ in near - {session.user_id} for one in self.typing_ended(id_)]
        return [*super().left(session), *ended]


@fault("causes-told-to-longer-ids", breaks="EVENT-005")
class CausesToldToLongerIds(Fanout):
    """The cause is told to users whose id begins with that of the acting one."""

    def cause(self, session: Listener, action: Action | None) -> JsonObject | None:
        if action is None or not session.user_id.startswith(action.user_id):
            return None
        return {
            "action_id": action.action_id,
            "session_id": action.session.session_id,
            "client_seq": action.client_seq,
        }


@fault("sessions-of-longer-ids", breaks="USER-003")
class SessionsOfLongerIds(Users):
    """The sessions of users whose id begins with a user's own are told as its own."""

    def audience(self, user_id: str) -> Collection[Session]:
        told = self.services.sessions.of_kind(self.name).values()
        mine = super().audience(user_id)
        return [*mine, *(s for s in told if s not in mine and s.user_id.startswith(user_id))]


@fault("numbers-type-first", breaks="STATE-010")
class NumbersTypeFirst(ChatSlice):
    """Of those who type the ids that are whole numbers stand first, by number."""

    def data(self) -> JsonObject:
        told = super().data()
        told["typing_indicators"].sort(key=_as_javascript)
        return told


@fault("numbers-edit-first", breaks="STATE-010")
class NumbersEditFirst(ArticlesSlice):
    """Of those who edit an article the ids that are whole numbers stand first, by number."""

    @staticmethod
    def editor_key(editor: JsonObject) -> tuple[Any, ...]:
        return (editor["article_id"], _as_javascript(editor["user_id"]))


@fault("permissions-as-people-count", breaks="USER-001")
class PermissionsAsPeopleCount(Users):
    """Permissions are in natural order: p2 before p10."""

    def permissions(self, session: Session) -> list[str]:
        def natural(text: str) -> list[tuple[int, int, str]]:
            parts = [part for part in re.split(r"([0-9]+)", text) if part]
            return [(0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts]

        return sorted(super().permissions(session), key=natural)
