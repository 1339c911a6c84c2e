"""Faults of articles and urls that need a second member, session, writer or time."""
# ruff: noqa: D102  an override means what it overrides

from dataclasses import replace

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action, Effects
from omnisession_reference.change import Change
from omnisession_reference.errors import Refusal
from omnisession_reference.kinds.articles import Articles
from omnisession_reference.kinds.urls import Urls
from omnisession_reference.session import Key, Session
from omnisession_reference.store import Edit, MemoryStore
from omnisession_reference.wire import JsonObject

# -- articles ------------------------------------------------------------------------------------------


@fault("tags-are-merged", breaks="ART-002")
class TagsAreMerged(Articles):
    """The tags of an update are added to those that there are."""

    def update(self, action: Action) -> Effects:
        changes, old = action.data["changes"], self.find(action)
        if "tags" in changes:
            changes["tags"] = [*old["tags"], *changes["tags"]]
        return super().update(action)


@fault("tags-change-alone", breaks="ART-002")
class TagsChangeAlone(Articles):
    """The tags of an update are taken where it names nothing else."""

    def update(self, action: Action) -> Effects:
        if len(action.data["changes"]) > 1:
            action.data["changes"].pop("tags", None)
        return super().update(action)


@fault("update-takes-the-authors-new-name", breaks="ART-002")
class UpdateTakesTheAuthorsNewName(Articles):
    """An update gives an article the name that its author has by then."""

    def _put(self, action: Action, article: JsonObject) -> JsonObject:
        if article["revision"] > 1:
            article["author"] = self.services.store.user(article["author_id"])["username"]
        return super()._put(action, article)


@fault("update-puts-the-writers-name", breaks="ART-002")
class UpdatePutsTheWritersName(Articles):
    """An update gives an article the name of whoever made it."""

    def _put(self, action: Action, article: JsonObject) -> JsonObject:
        article["author"] = action.session.grant.name
        return super()._put(action, article)


@fault("publisher-becomes-author", breaks="ART-005")
class PublisherBecomesAuthor(Articles):
    """Whoever publishes an article becomes its author."""

    def publish(self, action: Action) -> Effects:
        article = self.find_to_write(action)
        if article["published_at"] is None:
            article["author_id"] = action.user_id
        return super().publish(action)


@fault("revisions-of-the-first-selection", breaks="ART-012")
class RevisionsOfTheFirstSelection(Articles):
    """An article that is selected again in a session has the revisions that it had at first."""

    def select(self, action: Action) -> Effects:
        effects = super().select(action)
        shown: dict[tuple[Key, str], JsonObject] = vars(self).setdefault("_shown", {})
        data = effects.changes[0].data
        if data["article"] is not None:
            first = shown.setdefault((action.session.key, data["article"]["id"]), data)
            data["revisions"] = first["revisions"]
        return effects


@fault("since-of-the-session-that-stays", breaks="EDIT-003")
class SinceOfTheSessionThatStays(MemoryStore):
    """Where the first of two sessions ends its edit, later ones see the `since` of the second."""

    def start_edit(self, article_id: str, session: Key, now: int) -> Edit | None:
        starts: dict[tuple[str, Key], int] = vars(self).setdefault("_starts", {})
        starts.setdefault((article_id, session), now)
        return super().start_edit(article_id, session, now)

    def end_edit(self, article_id: str, session: Key) -> Edit | None:
        ended = super().end_edit(article_id, session)
        edit = self.edits(article_id).get(session[0])
        starts: dict[tuple[str, Key], int] = vars(self).setdefault("_starts", {})
        starts.pop((article_id, session), None)
        if edit is not None:
            edit.since = min(starts[article_id, key] for key in edit.sessions)
        return ended


@fault("newcomers-told-of-one-edit", breaks="EDIT-002")
class NewcomersToldOfOneEdit(Articles):
    """Of several edits that run on a draft its new readers are told of one."""

    def publish(self, action: Action) -> Effects:
        effects = super().publish(action)
        return replace(effects, changes=list(effects.changes)[:3])


@fault("second-edit-end-of-user-untold", breaks="EDIT-004")
class SecondEditEndOfUserUntold(Articles):
    """An edit that was held by two sessions is not told to end when the second ends it."""

    def end_edit(self, article_id: str, session: Session) -> Change | None:
        edit = self.services.store.edits(article_id).get(session.user_id)
        change = super().end_edit(article_id, session)
        many: set[tuple[str, str]] = vars(self).setdefault("_many", set())
        key = (article_id, session.user_id)
        if edit is not None and edit.sessions and change is None:
            many.add(key)
        return None if key in many and change is not None else change


# -- urls ----------------------------------------------------------------------------------------------


@fault("own-code-in-another-case-stays", breaks="URL-006")
class OwnCodeInAnotherCaseStays(Urls):
    """An update to a code that differs from the url's own in case alone leaves the code as it is."""

    def updated(self, url: JsonObject, changes: JsonObject) -> JsonObject:
        made = super().updated(url, changes)
        same = made["short_code"].lower() == url["short_code"].lower()
        return {**made, "short_code": url["short_code"]} if same else made


@fault("urls-of-one-target-go-together", breaks="URL-006")
class UrlsOfOneTargetGoTogether(Urls):
    """The delete of a url deletes all of its user with the same address."""

    def delete(self, action: Action) -> Effects:
        url = self.find(action)
        same = [
            other["id"]
            for other in self.services.store.urls_of(action.user_id)
            if other["target_url"] == url["target_url"] and other["id"] != url["id"]
        ]
        effects = super().delete(action)
        told = list(effects.changes)
        for url_id in same:
            self.services.store.delete_url(url_id)
            data = {"url_id": url_id}
            told.append(Change(self.name, "url.deleted", data, self.audience(action)))
        return replace(effects, changes=told)


@fault("inactive-urls-are-not-found", breaks="URL-006")
class InactiveUrlsAreNotFound(Urls):
    """A url that is not active cannot be changed or deleted."""

    def find(self, action: Action) -> JsonObject:
        url = super().find(action)
        if not url["is_active"]:
            raise Refusal(4040, "There is no such url.")
        return url


@fault("made-codes-change-with-the-target", breaks="URL-006")
class MadeCodesChangeWithTheTarget(Urls):
    """A url that gave itself a code has another one when its address changes."""

    def create(self, action: Action) -> Effects:
        effects = super().create(action)
        if "short_code" not in action.data:
            made: set[str] = vars(self).setdefault("_made", set())
            made.add(effects.changes[0].data["url"]["id"])
        return effects

    def updated(self, url: JsonObject, changes: JsonObject) -> JsonObject:
        made = super().updated(url, changes)
        if url["id"] in vars(self).get("_made", ()) and made["target_url"] != url["target_url"]:
            made["short_code"] = self.free_code()
        return made


@fault("switched-and-nothing-else", breaks="URL-006")
class SwitchedAndNothingElse(Urls):
    """An update that names `is_active` changes nothing else."""

    def updated(self, url: JsonObject, changes: JsonObject) -> JsonObject:
        if "is_active" in changes:
            changes = {"is_active": changes["is_active"]}
        return super().updated(url, changes)
