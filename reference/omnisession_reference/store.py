"""Where articles, edits, messages, urls, users and outcomes are kept."""

from collections import OrderedDict, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from omnisession_reference.action import Outcome
from omnisession_reference.protocol import LIMITS
from omnisession_reference.session import Key
from omnisession_reference.wire import JsonObject

# The protocol asks for the last 256 final outcomes of a user.
OUTCOMES_PER_USER = 512


@dataclass(slots=True)
class Edit:
    """One user edits one article, in some sessions."""

    since: int
    sessions: set[Key] = field(default_factory=set[Key])


class Store(Protocol):
    """What the server asks of a store; entities are never changed in place."""

    def article(self, article_id: str) -> JsonObject | None:
        """Return an article with its content."""
        ...

    def articles(self) -> Iterable[JsonObject]:
        """Return every article."""
        ...

    def put_article(self, article: JsonObject, revision: JsonObject) -> None:
        """Store an article and the revision that it now has."""
        ...

    def delete_article(self, article_id: str) -> None:
        """Remove an article with its revisions and edits."""
        ...

    def revisions(self, article_id: str) -> Sequence[JsonObject]:
        """Return the revisions of an article, highest first."""
        ...

    def edits(self, article_id: str) -> Mapping[str, Edit]:
        """Return the edits of an article by user."""
        ...

    def start_edit(self, article_id: str, session: Key, now: int) -> Edit | None:
        """Note that a session edits; returns the edit if it is its user's first."""
        ...

    def end_edit(self, article_id: str, session: Key) -> Edit | None:
        """Note that a session edits no more; returns the edit if it was its user's last."""
        ...

    def edited_in(self, session: Key) -> Collection[str]:
        """Return the articles that a session edits."""
        ...

    def end_all_edits(self) -> None:
        """Know of no edit any more: the sessions that they lasted as long as are gone."""
        ...

    def message(self, message_id: str) -> JsonObject | None:
        """Return a message of the chat."""
        ...

    def messages(self) -> Iterable[JsonObject]:
        """Return the messages of the chat, newest first."""
        ...

    def put_message(self, message: JsonObject) -> None:
        """Store a message: a new one as the newest, an edited one in its place."""
        ...

    def delete_message(self, message_id: str) -> None:
        """Remove a message."""
        ...

    def url(self, url_id: str) -> JsonObject | None:
        """Return a url."""
        ...

    def urls_of(self, user_id: str) -> Iterable[JsonObject]:
        """Return the urls that a user made."""
        ...

    def url_with(self, short_code: str) -> JsonObject | None:
        """Return the url that has a code, whoever made it."""
        ...

    def put_url(self, url: JsonObject) -> None:
        """Store a url."""
        ...

    def delete_url(self, url_id: str) -> None:
        """Remove a url; its code is free again."""
        ...

    def user(self, user_id: str) -> JsonObject:
        """Return a user that is known."""
        ...

    def put_user(self, user: JsonObject) -> None:
        """Store a user that was changed."""
        ...

    def meet_user(self, user: JsonObject) -> None:
        """Know a user that a token tells of, unless it is known."""
        ...

    def forget_user(self, user_id: str) -> None:
        """Let go of a user that was never changed: the next token tells the same."""
        ...

    def outcome(self, user_id: str, action_id: str) -> Outcome | None:
        """Return the final outcome of an action of a user."""
        ...

    def remember(self, user_id: str, outcome: Outcome) -> None:
        """Keep a final outcome; the oldest ones of the user may go."""
        ...

    def forget_outcomes(self, user_id: str) -> None:
        """Let go of all outcomes of a user."""
        ...


_NONE: Mapping[str, Outcome] = {}


class MemoryStore:
    """Keeps everything for as long as the process lives."""

    def __init__(self) -> None:
        self._articles: dict[str, JsonObject] = {}
        self._revisions: dict[str, deque[JsonObject]] = {}
        self._edits: dict[str, dict[str, Edit]] = {}
        # In the order of their begin, in which they end with their session.
        self._edited_in: dict[Key, dict[str, None]] = {}
        self._messages: dict[str, JsonObject] = {}
        self._urls: dict[str, JsonObject] = {}
        self._urls_of: dict[str, set[str]] = {}
        self._codes: dict[str, str] = {}
        self._users: dict[str, JsonObject] = {}
        self._changed_users: set[str] = set()
        self._outcomes: dict[str, OrderedDict[str, Outcome]] = {}

    def article(self, article_id: str) -> JsonObject | None:
        """Return an article with its content."""
        return self._articles.get(article_id)

    def articles(self) -> Iterable[JsonObject]:
        """Return every article."""
        return self._articles.values()

    def put_article(self, article: JsonObject, revision: JsonObject) -> None:
        """Store an article and the revision that it now has."""
        self._articles[article["id"]] = article
        kept = self._revisions.setdefault(article["id"], deque(maxlen=LIMITS["revisions"]))
        kept.appendleft(revision)

    def delete_article(self, article_id: str) -> None:
        """Remove an article with its revisions and edits."""
        del self._articles[article_id]
        self._revisions.pop(article_id, None)
        for edit in self._edits.pop(article_id, {}).values():
            for session in edit.sessions:
                self._leave(article_id, session)

    def revisions(self, article_id: str) -> Sequence[JsonObject]:
        """Return the revisions of an article, highest first; older ones than are shown are gone."""
        return list(self._revisions.get(article_id, ()))

    def edits(self, article_id: str) -> Mapping[str, Edit]:
        """Return the edits of an article by user."""
        return self._edits.get(article_id, {})

    def start_edit(self, article_id: str, session: Key, now: int) -> Edit | None:
        """Note that a session edits; returns the edit if it is its user's first."""
        edits = self._edits.setdefault(article_id, {})
        started = session[0] not in edits
        edit = edits.setdefault(session[0], Edit(since=now))
        edit.sessions.add(session)
        self._edited_in.setdefault(session, {})[article_id] = None
        return edit if started else None

    def end_edit(self, article_id: str, session: Key) -> Edit | None:
        """Note that a session edits no more; returns the edit if it was its user's last."""
        edits = self._edits.get(article_id, {})
        edit = edits.get(session[0])
        if edit is None or session not in edit.sessions:
            return None
        edit.sessions.remove(session)
        self._leave(article_id, session)
        if edit.sessions:
            return None
        del edits[session[0]]
        if not edits:
            del self._edits[article_id]
        return edit

    def edited_in(self, session: Key) -> Collection[str]:
        """Return the articles that a session edits."""
        return list(self._edited_in.get(session, ()))

    def end_all_edits(self) -> None:
        """Know of no edit any more: the sessions that they lasted as long as are gone."""
        self._edits.clear()
        self._edited_in.clear()

    def message(self, message_id: str) -> JsonObject | None:
        """Return a message of the chat."""
        return self._messages.get(message_id)

    def messages(self) -> Iterable[JsonObject]:
        """Return the messages of the chat, newest first."""
        return reversed(self._messages.values())

    def put_message(self, message: JsonObject) -> None:
        """Store a message; older ones than are shown are gone."""
        self._messages[message["id"]] = message
        if len(self._messages) > LIMITS["chat_messages"]:
            del self._messages[next(iter(self._messages))]

    def delete_message(self, message_id: str) -> None:
        """Remove a message."""
        del self._messages[message_id]

    def url(self, url_id: str) -> JsonObject | None:
        """Return a url."""
        return self._urls.get(url_id)

    def urls_of(self, user_id: str) -> Iterable[JsonObject]:
        """Return the urls that a user made."""
        return [self._urls[url_id] for url_id in self._urls_of.get(user_id, ())]

    def url_with(self, short_code: str) -> JsonObject | None:
        """Return the url that has a code, whoever made it."""
        return self._urls.get(self._codes.get(short_code, ""))

    def put_url(self, url: JsonObject) -> None:
        """Store a url."""
        if url["id"] in self._urls:
            self.delete_url(url["id"])
        self._urls[url["id"]] = url
        self._urls_of.setdefault(url["created_by"], set()).add(url["id"])
        self._codes[url["short_code"]] = url["id"]

    def delete_url(self, url_id: str) -> None:
        """Remove a url; its code is free again."""
        url = self._urls.pop(url_id)
        own = self._urls_of[url["created_by"]]
        own.remove(url_id)
        if not own:
            del self._urls_of[url["created_by"]]
        del self._codes[url["short_code"]]

    def user(self, user_id: str) -> JsonObject:
        """Return a user that is known."""
        return self._users[user_id]

    def put_user(self, user: JsonObject) -> None:
        """Store a user that was changed: from now on it is data."""
        self._users[user["id"]] = user
        self._changed_users.add(user["id"])

    def meet_user(self, user: JsonObject) -> None:
        """Know a user that a token tells of, unless it is known: an older token undoes no change."""
        self._users.setdefault(user["id"], user)

    def forget_user(self, user_id: str) -> None:
        """Let go of a user that was never changed: the next token tells the same."""
        if user_id not in self._changed_users:
            self._users.pop(user_id, None)

    def outcome(self, user_id: str, action_id: str) -> Outcome | None:
        """Return the final outcome of an action of a user."""
        return self._outcomes.get(user_id, _NONE).get(action_id)

    def remember(self, user_id: str, outcome: Outcome) -> None:
        """Keep a final outcome; the oldest ones of the user go."""
        outcomes = self._outcomes.setdefault(user_id, OrderedDict())
        outcomes[outcome.action_id] = outcome
        if len(outcomes) > OUTCOMES_PER_USER:
            outcomes.popitem(last=False)

    def forget_outcomes(self, user_id: str) -> None:
        """Let go of all outcomes of a user."""
        self._outcomes.pop(user_id, None)

    def _leave(self, article_id: str, session: Key) -> None:
        articles = self._edited_in.get(session, {})
        articles.pop(article_id, None)
        if not articles:
            self._edited_in.pop(session, None)
