"""Faults of rights: of the wrong name, of the wrong kind, of the wrong user."""
# ruff: noqa: D102  an override means what it overrides

from collections.abc import Callable, Collection, Iterable
from typing import Any

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action, Effects
from omnisession_reference.auth import Auth, Grant
from omnisession_reference.errors import Refusal
from omnisession_reference.kinds.articles import EDIT_ANY, Articles
from omnisession_reference.kinds.chat import Chat
from omnisession_reference.kinds.urls import Urls
from omnisession_reference.kinds.users import Users
from omnisession_reference.session import Session
from omnisession_reference.sessions import Sessions
from omnisession_reference.wire import JsonObject

_ALIKE: dict[str, tuple[str, Callable[[str], bool]]] = {
    "permission-by-prefix": (
        "Permissions that begin with `post_edit_any` permit the same.",
        lambda name: name.startswith(EDIT_ANY),
    ),
    "permission-by-a-part": (
        "Permissions with `edit` in them permit the same.",
        lambda name: "edit" in name,
    ),
    "permission-whatever-case": (
        "The case of a permission does not count.",
        lambda name: name.lower() == EDIT_ANY,
    ),
    "permission-trimmed": (
        "White space around a permission does not count.",
        lambda name: name.strip() == EDIT_ANY,
    ),
}


def _alike(name: str, sentence: str, same: Callable[[str], bool]) -> None:
    class Alike(Auth):
        def grant(self, auth: JsonObject | None, user_id: str) -> Grant:
            found = super().grant(auth, user_id)
            if not any(map(same, found.permissions)):
                return found
            held = found.permissions | {EDIT_ANY}
            return Grant(found.user_id, found.name, held, found.email)

    Alike.__doc__ = sentence
    fault(name, breaks="ART-010")(Alike)


for _name, (_sentence, _same) in _ALIKE.items():
    _alike(_name, _sentence, _same)


@fault("author-by-name", breaks="ART-009")
class AuthorByName(Articles):
    """Who has the name of an article's author may write it."""

    def may_write(self, session: Session, article: JsonObject) -> bool:
        return super().may_write(session, article) or article["author"] == session.grant.name


@fault("author-whatever-case", breaks="ART-009")
class AuthorWhateverCase(Articles):
    """Whose id differs from the author's in case alone may write the article."""

    def may_write(self, session: Session, article: JsonObject) -> bool:
        same = article["author_id"].lower() == session.user_id.lower()
        return super().may_write(session, article) or same


@fault("editor-of-articles-edits-chat", breaks="CHAT-006")
class EditorOfArticlesEditsChat(Chat):
    """Holders of `post_edit_any` may change the messages of others."""

    def find_own(self, action: Action) -> JsonObject:
        found = self.services.store.message(action.data["message_id"])
        if found is not None and EDIT_ANY in action.session.grant.permissions:
            return found
        return super().find_own(action)


@fault("editor-of-articles-edits-urls", breaks="URL-004")
class EditorOfArticlesEditsUrls(Urls):
    """Holders of `post_edit_any` may change the urls of others."""

    def find(self, action: Action) -> JsonObject:
        url = self.services.store.url(action.data["url_id"])
        if url is not None and EDIT_ANY in action.session.grant.permissions:
            return url
        return super().find(action)

    def audience(self, action: Action) -> Collection[Session]:
        url = self.services.store.url(action.data.get("url_id", ""))
        user_id = action.user_id if url is None else url["created_by"]
        return self.services.sessions.of_user(user_id).values()


@fault("editor-of-articles-sees-urls", breaks="URL-003")
class EditorOfArticlesSeesUrls(Urls):
    """Holders of `post_edit_any` are told of the urls of others."""

    def audience(self, action: Action) -> Collection[Session]:
        own = self.services.sessions.of_user(action.user_id)
        return {**own, **self.services.sessions.holding(EDIT_ANY)}.values()


@fault("messages-by-name", breaks="CHAT-006")
class MessagesByName(Chat):
    """A message may be changed by all who have its author's name."""

    def find_own(self, action: Action) -> JsonObject:
        found = self.services.store.message(action.data["message_id"])
        store = self.services.store
        if found is not None and found["user_id"] != action.user_id:
            mine = store.user(action.user_id)["username"]
            if store.user(found["user_id"])["username"] == mine:
                return found
        return super().find_own(action)


@fault("holders-read-no-new-drafts", breaks="ART-010")
class HoldersReadNoNewDrafts(Articles):
    """Holders of `post_edit_any` are told of drafts of others only when they open a session."""

    def readers(self, article: JsonObject) -> Collection[Session]:
        if article["published_at"] is not None:
            return super().readers(article)
        return self.services.sessions.of_user(article["author_id"]).values()


@fault("drafts-for-all-sessions-of-holders", breaks="ART-010")
class DraftsForAllSessionsOfHolders(Sessions):
    """Drafts are told to all sessions of a user who holds `post_edit_any` in one of them."""

    def holding(self, permission: str) -> dict[Any, Session]:
        found = dict(super().holding(permission))
        for session in list(found.values()):
            found |= self.of_user(session.user_id)
        return found


@fault("published-is-its-authors", breaks="ART-010")
class PublishedIsItsAuthors(Articles):
    """Once an article is published, its author alone may write it."""

    def may_write(self, session: Session, article: JsonObject) -> bool:
        if article["published_at"] is None:
            return super().may_write(session, article)
        return article["author_id"] == session.user_id


@fault("edit-is-a-lock", breaks="ART-010")
class EditIsALock(Articles):
    """While somebody edits an article, nobody else may write it."""

    def find_to_write(self, action: Action) -> JsonObject:
        article = super().find_to_write(action)
        edits = self.services.store.edits(article["id"])
        if edits and action.user_id not in edits:
            raise Refusal(4030, "Somebody edits this article.")
        return article


@fault("editing-gives-rights", breaks="ART-009")
class EditingGivesRights(Articles):
    """Whoever selected an article may write it."""

    def may_write(self, session: Session, article: JsonObject) -> bool:
        held: Any = session.slices.get(self.name)
        selected = held is not None and held.is_current(article["id"])
        published = article["published_at"] is not None
        return super().may_write(session, article) or (selected and published)


@fault("permissions-of-the-user", breaks="USER-001")
class PermissionsOfTheUser(Users):
    """All sessions of a user show the permissions of the first."""

    def permissions(self, session: Session) -> list[str]:
        sessions: Iterable[Session] = self.services.sessions.of_user(session.user_id).values()
        return super().permissions(next(iter(sessions), session))


@fault("renamed-by-others", breaks="USER-004")
class RenamedByOthers(Users):
    """An update that names another user changes that one."""

    def update(self, action: Action) -> Effects:
        named = action.data.get("user_id") or action.data["changes"].get("id")
        sessions = self.services.sessions.of_user(str(named)).values()
        if named == action.user_id or not sessions:
            return super().update(action)
        name = action.data["changes"].get("username", "")
        self.services.store.put_user({**self.services.store.user(str(named)), "username": name})
        return super().update(action)
