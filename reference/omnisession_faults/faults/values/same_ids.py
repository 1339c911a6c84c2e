"""Faults of ids and codes that are compared by something coarser than they are."""
# ruff: noqa: D102  an override means what it overrides

from dataclasses import replace

from omnisession_faults.coarse import Fold, Folded
from omnisession_faults.families import family
from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action, Outcome
from omnisession_reference.actions import Actions
from omnisession_reference.clock import Clock
from omnisession_reference.errors import Refusal
from omnisession_reference.kinds.urls import Urls
from omnisession_reference.session import Session
from omnisession_reference.sessions import Sessions
from omnisession_reference.store import MemoryStore
from omnisession_reference.wire import Incoming, JsonObject


def _actions(fold: Fold) -> type:
    class Coarse(MemoryStore):
        def outcome(self, user_id: str, action_id: str) -> Outcome | None:
            return super().outcome(user_id, fold(action_id))

        def remember(self, user_id: str, outcome: Outcome) -> None:
            super().remember(user_id, replace(outcome, action_id=fold(outcome.action_id)))

    return Coarse


def _kept_actions(fold: Fold) -> type:
    class Coarse(Actions):
        def read(self, message: Incoming, row: str, session: Session, body: JsonObject) -> Action:
            action_id = str(fold(body["action_id"])) or "none"
            return super().read(message, row, session, {**body, "action_id": action_id})

    return Coarse


def _sessions(fold: Fold) -> type:
    class Coarse(Sessions):
        def __init__(self, clock: Clock) -> None:
            super().__init__(clock)
            self._live = Folded[Session](lambda key: (key[0], fold(key[1])))

    return Coarse


def _users(fold: Fold) -> type:
    class Coarse(Sessions):
        def __init__(self, clock: Clock) -> None:
            super().__init__(clock)
            self._live = Folded[Session](lambda key: (fold(key[0]), key[1]))

    return Coarse


def _articles(fold: Fold) -> type:
    class Coarse(MemoryStore):
        def article(self, article_id: str) -> JsonObject | None:
            found = (a for id_, a in self._articles.items() if fold(id_) == fold(article_id))
            return super().article(article_id) or next(found, None)

    return Coarse


def _urls(fold: Fold) -> type:
    class Coarse(MemoryStore):
        def url(self, url_id: str) -> JsonObject | None:
            found = (url for id_, url in self._urls.items() if fold(id_) == fold(url_id))
            return super().url(url_id) or next(found, None)

    return Coarse


def _messages(fold: Fold) -> type:
    class Coarse(MemoryStore):
        def message(self, message_id: str) -> JsonObject | None:
            found = (m for id_, m in self._messages.items() if fold(id_) == fold(message_id))
            return super().message(message_id) or next(found, None)

    return Coarse


def _codes(fold: Fold) -> type:
    class Coarse(MemoryStore):
        def url_with(self, short_code: str) -> JsonObject | None:
            found = (u for u in self._urls.values() if fold(u["short_code"]) == fold(short_code))
            return next(found, None)

    return Coarse


family(
    *("action-ids", "ACTION-027", "Ids of actions are known by all but", _actions),
    *("case", "spaces", "form", "signs", "32-bits", "latin", "nul", "checksum", "63"),
)
family(
    *("kept-action-ids", "ACTION-027", "Ids of actions are kept without", _kept_actions),
    *("form", "zeros"),
)
family(
    *("session-ids", "SUBJ-004", "Sessions are known by all but", _sessions),
    *("case", "spaces", "signs", "bmp"),
)
family(
    *("user-ids", "SUBJ-004", "Users are known by all but", _users),
    *("folding", "number", "width", "63"),
)
family("articles", "SUBJ-004", "Articles are found by all but", _articles, "case")
family("urls", "SUBJ-004", "Urls are found by all but", _urls, "width")
family("messages", "SUBJ-004", "Messages are found by all but", _messages, "zeros")
family(
    *("codes", "URL-002", "Codes are compared by all but", _codes),
    *("case", "signs", "zeros", "36"),
)


@fault("session-keys-joined", breaks="SUBJ-004")
class SessionKeysJoined(Sessions):
    """Users and sessions are known by both ids with a dot between."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self._live = Folded[Session](".".join)


@fault("action-keys-joined", breaks="SUBJ-004")
class ActionKeysJoined(MemoryStore):
    """Actions are known by user and id with a colon between."""

    def outcome(self, user_id: str, action_id: str) -> Outcome | None:
        return super().outcome("", f"{user_id}:{action_id}")

    def remember(self, user_id: str, outcome: Outcome) -> None:
        known = replace(outcome, action_id=f"{user_id}:{outcome.action_id}")
        super().remember("", known)


@fault("codes-found-by-pattern", breaks="URL-002")
class CodesFoundByPattern(Urls):
    """A code is taken where another begins with it."""

    def is_taken(self, url: JsonObject) -> bool:
        codes = (u["short_code"] for u in self.services.store.urls_of(url["created_by"]))
        longer = any(c != url["short_code"] and c.startswith(url["short_code"]) for c in codes)
        return longer or super().is_taken(url)


@fault("ids-as-uuids", breaks="ACTION-027")
class IdsAsUuids(Actions):
    """An `action_id` may have letters, digits, `-` and `_` alone."""

    def check_readable(self, body: JsonObject) -> None:
        super().check_readable(body)
        if not body["action_id"].replace("-", "").replace("_", "").isalnum():
            raise Refusal(4001, "An action_id is a UUID.", pointer="/action_id")
