"""Faults of who may do what with an article, and of what is selected."""
# ruff: noqa: D102  an override means what it overrides

from collections.abc import Sequence
from dataclasses import replace

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action, Effects, Outcome
from omnisession_reference.actions import Actions
from omnisession_reference.change import Change
from omnisession_reference.errors import Refusal
from omnisession_reference.kinds.articles import Articles
from omnisession_reference.kinds.articles_slice import ArticlesSlice
from omnisession_reference.session import Session
from omnisession_reference.store import MemoryStore
from omnisession_reference.wire import Incoming, JsonObject


@fault("drafts-forbidden", breaks="ART-008")
class DraftsForbidden(Articles):
    """The refusal tells that a draft of another user exists."""

    def find(self, action: Action) -> JsonObject:
        article = self.services.store.article(action.data["article_id"])
        if article is not None and not self.may_read(action.session, article):
            raise Refusal(4030, "You may not read this article.")
        return super().find(action)


@fault("drafts-by-title", breaks="ART-008")
class DraftsByTitle(Articles):
    """The refusal tells the title of a draft of another user."""

    def find(self, action: Action) -> JsonObject:
        article = self.services.store.article(action.data["article_id"])
        if article is not None and not self.may_read(action.session, article):
            raise Refusal(4040, f"You have no article {article['title']}.")
        return super().find(action)


@fault("authors-only", breaks="ART-010")
class AuthorsOnly(Articles):
    """`post_edit_any` permits nothing."""

    def may_write(self, session: Session, article: JsonObject) -> bool:
        return article["author_id"] == session.user_id


@fault("editors-only-read", breaks="ART-010")
class EditorsOnlyRead(Articles):
    """`post_edit_any` permits to read, not to write."""

    def find_to_write(self, action: Action) -> JsonObject:
        if self.find(action)["author_id"] != action.user_id:
            raise Refusal(4030, "This article is of another author.")
        return super().find_to_write(action)


@fault("selection-per-user", breaks="ART-011")
class SelectionPerUser(Articles):
    """A selection shows in all sessions of the user."""

    def select(self, action: Action) -> Effects:
        sessions = self.services.sessions.of_user(action.user_id).values()
        changes = super().select(action).changes
        return Effects([replace(change, sessions=sessions) for change in changes])


@fault("null-leaves-revisions", breaks="ART-011")
class NullLeavesRevisions(Articles):
    """To select null clears the article, not its revisions."""

    def select(self, action: Action) -> Effects:
        held = action.session.slices.get(self.name)
        [change] = super().select(action).changes
        if change.data["article"] is None and held is not None:
            change = replace(change, data={"article": None, "revisions": held.data()["revisions"]})
        return Effects([change])


@fault("selected-without-content", breaks="ART-012")
class SelectedWithoutContent(ArticlesSlice):
    """Changes of the selected article show without its content."""

    def view(self, change: Change) -> JsonObject:
        return change.data if change.brief is None else change.brief


@fault("selected-stays-as-it-was", breaks="ART-012")
class SelectedStaysAsItWas(ArticlesSlice):
    """Changes of the selected article show in the list alone."""

    def reduce(self, change_type: str, data: JsonObject) -> None:
        current = self.current
        super().reduce(change_type, data)
        if change_type == "article.updated":
            self.current = current


@fault("oldest-revision-first", breaks="ART-012")
class OldestRevisionFirst(MemoryStore):
    """Revisions are shown from the lowest to the highest."""

    def revisions(self, article_id: str) -> Sequence[JsonObject]:
        return super().revisions(article_id)[::-1]


@fault("revisions-not-told", breaks="ART-012")
class RevisionsNotTold(Articles):
    """A new revision of the selected article is not added to `revisions`."""

    def _changed(self, action: Action, article: JsonObject) -> list[Change]:
        return super()._changed(action, article)[:1]


@fault("no-outcome-of-edit-start", breaks="EDIT-001")
class NoOutcomeOfEditStart(Actions):
    """An edit that is started on `article.edit.start` has no outcome."""

    def tell(
        self, action: Action, outcome: Outcome, position: JsonObject, status: str = "applied"
    ) -> None:
        if action.row != "article.edit.start":
            super().tell(action, outcome, position, status)


@fault("edit-start-wants-data", breaks="EDIT-001")
class EditStartWantsData(Actions):
    """On `article.edit.start` the id of the article is looked for in `data`."""

    def read(self, message: Incoming, row: str, session: Session, body: JsonObject) -> Action:
        action = super().read(message, row, session, body)
        return replace(action, data=body.get("data")) if row == "article.edit.start" else action

    def check(self, action: Action) -> None:
        super().check(action)
        if action.row == "article.edit.start" and "data" not in action.body:
            raise Refusal(4001, "data is needed.", pointer="/data")
