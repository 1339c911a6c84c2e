"""Faults of urls: what an update moves, hides or refuses, and where it is told."""
# ruff: noqa: D102  an override means what it overrides

from dataclasses import replace

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action, Effects
from omnisession_reference.errors import Refusal
from omnisession_reference.kinds.urls import Urls
from omnisession_reference.kinds.urls_slice import UrlsSlice
from omnisession_reference.session import Session
from omnisession_reference.wire import JsonObject

LONGEST = 64


@fault("inactive-urls-hidden-at-open", breaks="STATE-013")
class InactiveUrlsHiddenAtOpen(Urls):
    """A session that is opened later does not show urls that are not active."""

    def build(self, session: Session) -> UrlsSlice:
        urls = self.services.store.urls_of(session.user_id)
        return self.services.parts.of(UrlsSlice)([url for url in urls if url["is_active"]])


@fault("updated-urls-made-anew", breaks="URL-006")
class UpdatedUrlsMadeAnew(Urls):
    """An update of a url sets `created_at` as well, and moves it to the front."""

    def updated(self, url: JsonObject, changes: JsonObject) -> JsonObject:
        updated = super().updated(url, changes)
        return {**updated, "created_at": updated["updated_at"]}


@fault("new-target-activates", breaks="URL-006")
class NewTargetActivates(Urls):
    """A url that gets another address is active by that."""

    def updated(self, url: JsonObject, changes: JsonObject) -> JsonObject:
        updated = super().updated(url, changes)
        return {
            **updated,
            "is_active": changes.get("is_active", "target_url" in changes or url["is_active"]),
        }


@fault("same-url-update-is-none", breaks="URL-006")
class SameUrlUpdateIsNone(Urls):
    """An update of a url to the values that are there is acked, and nothing else."""

    def update(self, action: Action) -> Effects:
        url = self.find(action)
        if all(url.get(k) == v for k, v in action.data["changes"].items()):
            return Effects()
        return super().update(action)


@fault("longest-code-in-creates-alone", breaks="URL-002")
class LongestCodeInCreatesAlone(Urls):
    """An update to a code that is as long as one may be is refused, a create with it is not."""

    def update(self, action: Action) -> Effects:
        if len(action.data["changes"].get("short_code", "")) == LONGEST:
            raise Refusal(4001, "This short_code is too long.")
        return super().update(action)


@fault("empty-url-updates-refused", breaks="URL-004")
class EmptyUrlUpdatesRefused(Urls):
    """An update of a url that names nothing is refused."""

    def update(self, action: Action) -> Effects:
        if not action.data["changes"]:
            raise Refusal(4220, "Name what is to be changed.")
        return super().update(action)


@fault("url-changes-in-the-acting-session-alone", breaks="URL-006")
class UrlChangesInTheActingSessionAlone(Urls):
    """The creator's other sessions are not told of updates and deletes."""

    def update(self, action: Action) -> Effects:
        effects = super().update(action)
        return replace(
            effects, changes=[replace(c, sessions=[action.session]) for c in effects.changes]
        )

    def delete(self, action: Action) -> Effects:
        effects = super().delete(action)
        return replace(
            effects, changes=[replace(c, sessions=[action.session]) for c in effects.changes]
        )


@fault("url-actions-need-the-kind", breaks="ACTION-025")
class UrlActionsNeedTheKind(Urls):
    """A url is found in sessions with the kind `url` alone."""

    def find(self, action: Action) -> JsonObject:
        if self.name not in action.session.terms.kinds:
            raise Refusal(4040, "There is no such url here.")
        return super().find(action)


@fault("urls-of-the-time-of-the-client", breaks="URL-001")
class UrlsOfTheClientsTime(Urls):
    """A url was made when the action says so."""

    def create(self, action: Action) -> Effects:
        effects = super().create(action)
        at = action.body["timestamp"]
        url = {**effects.changes[0].data["url"], "created_at": at, "updated_at": at}
        self.services.store.put_url(url)
        return replace(effects, changes=[replace(effects.changes[0], data={"url": url})])


@fault("same-target-is-the-same-url", breaks="URL-001")
class SameTargetIsTheSameUrl(Urls):
    """A second create of an address answers with the first url of it."""

    def create(self, action: Action) -> Effects:
        for url in self.services.store.urls_of(action.user_id):
            if url["target_url"] == action.data["target_url"] and "short_code" not in action.data:
                return Effects((), {"url_id": url["id"]})
        return super().create(action)


@fault("url-ids-by-count", breaks="URL-006")
class UrlIdsByCount(Urls):
    """The id of a url is how many there are."""

    def create(self, action: Action) -> Effects:
        number = len(list(self.services.store.urls_of(action.user_id))) + 1
        while self.services.store.url(f"{action.user_id}-{number}") is not None:
            number += 1
        made, services = f"{action.user_id}-{number}", self.services

        class Counted:
            """Ids that count."""

            def new(self) -> str:
                return made

            def code(self) -> str:
                return services.ids.code()

        try:
            self.services = replace(services, ids=Counted())  # pyright: ignore[reportArgumentType]
            return super().create(action)
        finally:
            self.services = services


@fault("codes-of-missing-urls-taken", breaks="URL-002")
class CodesOfMissingUrls(Urls):
    """The code of an update that names a missing url is taken from then on."""

    def find(self, action: Action) -> JsonObject:
        try:
            return super().find(action)
        except Refusal:
            code = action.data.get("changes", {}).get("short_code")
            if code is not None:
                reserved: set[str] = self.__dict__.setdefault("reserved", set())
                reserved.add(code)
            raise

    def is_taken(self, url: JsonObject) -> bool:
        reserved: set[str] = self.__dict__.setdefault("reserved", set())
        return url["short_code"] in reserved or super().is_taken(url)
