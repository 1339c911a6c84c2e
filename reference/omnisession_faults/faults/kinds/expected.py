"""Faults of what is seen later or from elsewhere: expected revisions, selections, hints, codes, edits."""
# ruff: noqa: D102  an override means what it overrides

from dataclasses import replace

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action, Effects
from omnisession_reference.actions import Actions
from omnisession_reference.errors import Refusal
from omnisession_reference.kinds.articles import Articles
from omnisession_reference.session import Key
from omnisession_reference.store import Edit, MemoryStore
from omnisession_reference.wire import JsonObject


@fault("expect-judged-elsewhere", breaks="ART-007")
class ExpectJudgedElsewhere(Actions):
    """An expect in an action on messages, urls or users is compared with nothing, and refused."""

    def check(self, action: Action) -> None:
        super().check(action)
        if action.body.get("expect") and not action.body["type"].startswith(("article", "session")):
            raise Refusal(4090, "It has changed; look at it again.", revision=1)


@fault("expect-judged-for-nothing", breaks="ART-007")
class ExpectJudgedForNothing(Articles):
    """A selection of nothing with an expect is refused."""

    def select(self, action: Action) -> Effects:
        if action.data["article_id"] is None and action.body.get("expect"):
            raise Refusal(4090, "The article has changed; look at it again.", revision=1)
        return super().select(action)


@fault("expect-ignored-where-published", breaks="ART-007")
class ExpectIgnoredWherePublished(Articles):
    """A second publish is acked whatever revision it expects."""

    def publish(self, action: Action) -> Effects:
        article = self.find(action)
        if article["published_at"] is not None and self.may_write(action.session, article):
            return Effects()
        return super().publish(action)


@fault("expect-ignored-where-edited", breaks="ART-007")
class ExpectIgnoredWhereEdited(Articles):
    """A second start of an edit is acked whatever revision it expects."""

    def edit_start(self, action: Action) -> Effects:
        article_id = action.data["article_id"]
        if article_id in self.services.store.edited_in(action.session.key):
            return Effects()
        return super().edit_start(action)


@fault("expect-ignored-without-edit", breaks="ART-007")
class ExpectIgnoredWithoutEdit(Articles):
    """An end where nothing is edited is acked whatever revision it expects."""

    def edit_end(self, action: Action) -> Effects:
        article = self.find(action)
        edited = article["id"] in self.services.store.edited_in(action.session.key)
        if not edited and self.may_write(action.session, article):
            return Effects()
        return super().edit_end(action)


@fault("expect-ignored-without-changes", breaks="ART-007")
class ExpectIgnoredWithoutChanges(Articles):
    """An update of no member is done whatever revision it expects."""

    def update(self, action: Action) -> Effects:
        if not action.data["changes"]:
            action = replace(action, body={**action.body, "expect": None})
        return super().update(action)


@fault("selection-toggles", breaks="ART-011")
class SelectionToggles(Articles):
    """To select the article that is selected already clears the selection."""

    def select(self, action: Action) -> Effects:
        slice_, article_id = action.session.slices.get(self.name), action.data["article_id"]
        current = slice_.data()["current_article"] if slice_ is not None else None
        if current is not None and current["id"] == article_id:
            action = replace(action, data={"article_id": None})
        return super().select(action)


@fault("hints-of-authors-only", breaks="ART-014")
class HintsOfAuthorsOnly(Articles):
    """An update of a published article by another than its author is not hinted."""

    def update(self, action: Action) -> Effects:
        effects = super().update(action)
        if self.find(action)["author_id"] == action.user_id:
            return effects
        return replace(effects, changes=[replace(c, hint=None) for c in effects.changes])


@fault("hints-of-deletions-by-authors-only", breaks="ART-014")
class HintsOfDeletionsByAuthorsOnly(Articles):
    """The deletion of a published article by another than its author is not hinted."""

    def delete(self, action: Action) -> Effects:
        own = self.find(action)["author_id"] == action.user_id
        effects = super().delete(action)
        if own:
            return effects
        return replace(effects, changes=[replace(c, hint=None) for c in effects.changes])


@fault("second-start-sets-since", breaks="EDIT-003")
class SecondStartSetsSince(MemoryStore):
    """After a second start later sessions show the time of that one."""

    def start_edit(self, article_id: str, session: Key, now: int) -> Edit | None:
        edit = super().start_edit(article_id, session, now)
        self._edits[article_id][session[0]].since = now
        return edit


@fault("updated-codes-not-indexed", breaks="URL-002")
class UpdatedCodesNotIndexed(MemoryStore):
    """A code that an update gave may be given again."""

    def put_url(self, url: JsonObject) -> None:
        old = self.url(url["id"])
        super().put_url(url)
        if old is not None and old["short_code"] != url["short_code"]:
            self._codes[url["short_code"]] = ""


@fault("deletion-frees-older-codes", breaks="URL-002")
class DeletionFreesOlderCodes(MemoryStore):
    """The deletion of a url frees all codes that it ever had, also one that another has by now."""

    def __init__(self) -> None:
        super().__init__()
        self._had: dict[str, set[str]] = {}

    def put_url(self, url: JsonObject) -> None:
        had = self._had.pop(url["id"], set[str]())
        super().put_url(url)
        self._had[url["id"]] = had | {url["short_code"]}

    def delete_url(self, url_id: str) -> None:
        super().delete_url(url_id)
        for code in self._had.pop(url_id, set[str]()) & self._codes.keys():
            self._codes[code] = ""
