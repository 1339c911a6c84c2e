"""Faults of short urls."""
# ruff: noqa: ARG002, D102  an override means what it overrides

from collections.abc import Collection
from typing import Any

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action
from omnisession_reference.errors import Refusal
from omnisession_reference.kinds.urls import Urls
from omnisession_reference.kinds.urls_slice import UrlsSlice
from omnisession_reference.session import Session
from omnisession_reference.wire import JsonObject


@fault("url-in-the-acting-session-alone", breaks="URL-001")
class UrlInTheActingSessionAlone(Urls):
    """The creator's other sessions are not told of a url."""

    def audience(self, action: Action) -> Collection[Session]:
        return [action.session]


@fault("code-unique-per-user", breaks="URL-002")
class CodeUniquePerUser(Urls):
    """Two users may have the same code."""

    def is_taken(self, url: JsonObject) -> bool:
        other = self.services.store.url_with(url["short_code"])
        ours = other is not None and other["created_by"] == url["created_by"]
        return ours and super().is_taken(url)


@fault("urls-for-all", breaks="URL-003")
class UrlsForAll(Urls):
    """Everybody is told of every url."""

    def audience(self, action: Action) -> Collection[Session]:
        return self.services.sessions.of_kind(self.name).values()


@fault("url-of-another-forbidden", breaks="URL-004")
class UrlOfAnotherForbidden(Urls):
    """The refusal tells that a url of another user exists."""

    def find(self, action: Action) -> JsonObject:
        url = self.services.store.url(action.data["url_id"])
        if url is not None and url["created_by"] != action.user_id:
            raise Refusal(4030, "This url is of another user.")
        return super().find(action)


@fault("oldest-url-first", breaks="URL-005")
class OldestUrlFirst(UrlsSlice):
    """Urls are sorted from the oldest to the newest."""

    @staticmethod
    def key(url: JsonObject) -> tuple[Any, ...]:
        return (url["created_at"], url["id"])


@fault("updated-at-stays", breaks="URL-006")
class UpdatedAtStays(Urls):
    """An update of a url does not set `updated_at`."""

    def updated(self, url: JsonObject, changes: JsonObject) -> JsonObject:
        return {**super().updated(url, changes), "updated_at": url["updated_at"]}


@fault("refused-code-frees-own", breaks="URL-002")
class RefusedCodeFreesOwn(Urls):
    """An update that is refused for a code that is taken gives up the url's own code."""

    def check(self, url: JsonObject) -> None:
        try:
            super().check(url)
        except Refusal as refusal:
            old = self.services.store.url(url["id"])
            if refusal.code == 4220 and old is not None:
                self._given_up = {*getattr(self, "_given_up", ()), old["id"]}
            raise

    def is_taken(self, url: JsonObject) -> bool:
        other = self.services.store.url_with(url["short_code"])
        given_up = getattr(self, "_given_up", ())
        return super().is_taken(url) and (other is None or other["id"] not in given_up)
