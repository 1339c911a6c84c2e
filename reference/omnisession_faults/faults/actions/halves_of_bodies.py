"""Faults of actions with data that are not valid, and that do the valid half all the same."""
# ruff: noqa: D102  an override means what it overrides

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action
from omnisession_reference.actions import Actions
from omnisession_reference.errors import Refusal
from omnisession_reference.kinds.articles import MEMBERS as OF_ARTICLES
from omnisession_reference.kinds.urls import MEMBERS as OF_URLS
from omnisession_reference.kinds.users import MEMBERS as OF_USERS
from omnisession_reference.wire import JsonObject

if TYPE_CHECKING:
    from collections.abc import Sequence


def named(action: Action) -> JsonObject:
    """The data of an action, whatever was sent."""
    data: Any = action.data
    return data if isinstance(data, dict) else {}  # pyright: ignore[reportUnknownVariableType]


def texts_of(action: Action, members: "Sequence[str]") -> JsonObject:
    """The members of an update that are texts, and so may be taken."""
    changes: Any = named(action).get("changes")
    items: Any = changes.items() if isinstance(changes, dict) else ()  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    return {n: v for n, v in items if n in members and isinstance(v, str)}


@fault("invalid-article-half-kept", breaks="ACTION-016")
class InvalidArticleHalfKept(Actions):
    """Later sessions show the valid half of an update of an article that was refused."""

    def check(self, action: Action) -> None:
        try:
            super().check(action)
        except Refusal:
            if action.body.get("type") == "article.update":
                store = self.services.store
                old = store.article(str(named(action).get("article_id")))
                if old is not None and old["author_id"] == action.user_id:
                    revision = store.revisions(old["id"])[0]
                    store.put_article({**old, **texts_of(action, OF_ARTICLES)}, revision)
            raise


@fault("invalid-url-half-kept", breaks="ACTION-016")
class InvalidUrlHalfKept(Actions):
    """Later sessions show the valid half of an update of a url that was refused."""

    def check(self, action: Action) -> None:
        try:
            super().check(action)
        except Refusal:
            if action.body.get("type") == "url.update":
                store = self.services.store
                old = store.url(str(named(action).get("url_id")))
                if old is not None and old["created_by"] == action.user_id:
                    store.put_url({**old, **texts_of(action, OF_URLS)})
            raise


@fault("invalid-user-half-kept", breaks="ACTION-016")
class InvalidUserHalfKept(Actions):
    """Later sessions show the valid half of an update of the user that was refused."""

    def check(self, action: Action) -> None:
        try:
            super().check(action)
        except Refusal:
            if action.body.get("type") == "user.update":
                store = self.services.store
                store.put_user({**store.user(action.user_id), **texts_of(action, OF_USERS)})
            raise


@fault("invalid-typing-ends-typing", breaks="ACTION-016")
class InvalidTypingEndsTyping(Actions):
    """A `chat.typing` that is not valid is refused, and ends the typing."""

    def check(self, action: Action) -> None:
        try:
            super().check(action)
        except Refusal:
            handler = self.handlers.get("chat.typing")
            if action.body.get("type") == "chat.typing" and handler is not None:
                stop = replace(action, data={"active": False})
                self.services.fanout.apply(handler(stop).changes)
            raise
