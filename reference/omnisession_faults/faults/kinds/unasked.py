"""Faults of changes that come along with another one, though nothing asked for them."""
# ruff: noqa: D102  an override means what it overrides

from dataclasses import replace

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action, Effects
from omnisession_reference.change import Change
from omnisession_reference.kinds.articles import Articles
from omnisession_reference.kinds.articles_slice import ArticlesSlice
from omnisession_reference.kinds.users import Users
from omnisession_reference.wire import JsonObject


@fault("update-ends-edit", breaks="EDIT-004")
class UpdateEndsEdit(Articles):
    """An update ends the edit of its user, by an event."""

    def update(self, action: Action) -> Effects:
        effects = super().update(action)
        over = self.end_edit(action.data["article_id"], action.session)
        return replace(effects, changes=[*effects.changes, *([over] if over else [])])


@fault("publish-ends-edits", breaks="EDIT-004")
class PublishEndsEdits(Articles):
    """A publish ends all edits of the article, by events."""

    def publish(self, action: Action) -> Effects:
        effects = super().publish(action)
        store, article_id = self.services.store, action.data["article_id"]
        sessions = [s for s in self.services.sessions.all() if article_id in store.edited_in(s.key)]
        over = [self.end_edit(article_id, session) for session in sessions]
        return replace(effects, changes=[*effects.changes, *(c for c in over if c is not None)])


@fault("deselect-ends-edit", breaks="EDIT-004")
class DeselectEndsEdit(Articles):
    """Whoever selects another article ends its edits in that session."""

    def select(self, action: Action) -> Effects:
        effects = super().select(action)
        edited = [
            a
            for a in self.services.store.edited_in(action.session.key)
            if a != action.data["article_id"]
        ]
        over = [self.end_edit(a, action.session) for a in edited]
        return replace(effects, changes=[*effects.changes, *(c for c in over if c is not None)])


@fault("create-selects", breaks="ART-011")
class CreateSelects(Articles):
    """A new article is selected by that, by an event."""

    def create(self, action: Action) -> Effects:
        effects = super().create(action)
        article = effects.changes[0].data["article"]
        revisions = list(self.services.store.revisions(article["id"]))
        data = {"article": article, "revisions": revisions}
        selected = Change(self.name, "article.selected", data, [action.session])
        return replace(effects, changes=[*effects.changes, selected])


@fault("edit-selects", breaks="ART-011")
class EditSelects(Articles):
    """Whoever starts an edit selects the article by that."""

    def edit_start(self, action: Action) -> Effects:
        effects = super().edit_start(action)
        article = self.find(action)
        revisions = list(self.services.store.revisions(article["id"]))
        data = {"article": article, "revisions": revisions}
        selected = Change(self.name, "article.selected", data, [action.session])
        return replace(effects, changes=[*effects.changes, selected])


@fault("publish-deselects", breaks="ART-011")
class PublishDeselects(Articles):
    """A publish leaves nothing selected."""

    def publish(self, action: Action) -> Effects:
        effects = super().publish(action)
        nothing: JsonObject = {"article": None, "revisions": []}
        selected = Change(self.name, "article.selected", nothing, [action.session])
        return replace(effects, changes=[*effects.changes, selected])


@fault("delete-deselects-others", breaks="EVENT-001")
class DeleteDeselectsOthers(ArticlesSlice):
    """The deletion of any article leaves nothing selected."""

    def reduce(self, change_type: str, data: JsonObject) -> None:
        super().reduce(change_type, data)
        if change_type == "article.deleted":
            self.current, self.revisions = None, []


@fault("publish-makes-slug", breaks="ART-005")
class PublishMakesSlug(Articles):
    """A publish makes the slug anew."""

    def _changed(self, action: Action, article: JsonObject) -> list[Change]:
        if action.body["type"] == "article.publish":
            article = {**article, "slug": f"{article['slug']}-{article['revision']}"[:80]}
        return super()._changed(action, article)


@fault("update-dates-publication", breaks="ART-002")
class UpdateDatesPublication(Articles):
    """An update of a published article sets `published_at` anew."""

    def _changed(self, action: Action, article: JsonObject) -> list[Change]:
        if article["published_at"] is not None:
            article = {**article, "published_at": self.services.clock.now_ms()}
        return super()._changed(action, article)


@fault("second-publish-makes-revision", breaks="ART-005")
class SecondPublishMakesRevision(Articles):
    """A second publish adds a revision, which later selections show."""

    def publish(self, action: Action) -> Effects:
        old = self.find_to_write(action)
        if old["published_at"] is not None:
            self._put(action, {**old, "revision": old["revision"] + 1})
            return Effects()
        return super().publish(action)


@fault("empty-update-makes-no-revision", breaks="ART-006")
class EmptyUpdateMakesNoRevision(Articles):
    """An update that changes nothing makes no revision, and is told by nothing."""

    def update(self, action: Action) -> Effects:
        old, changes = self.find_to_write(action), action.data["changes"]
        if all(old.get(name) == value for name, value in changes.items()):
            return Effects()
        return super().update(action)


@fault("publish-makes-no-revision", breaks="ART-006")
class PublishMakesNoRevision(Articles):
    """A publish leaves the revision as it was."""

    def publish(self, action: Action) -> Effects:
        old = self.find_to_write(action)
        if old["published_at"] is not None:
            return Effects()
        article: JsonObject = {**old, "published_at": self.services.clock.now_ms()}
        store = self.services.store
        store.put_article(article, store.revisions(article["id"])[0])
        return Effects([self._article_change("article.updated", article)])


@fault("rename-changes-authors", breaks="USER-004")
class RenameChangesAuthors(Users):
    """A new name is shown in later sessions as that of the user's articles."""

    def update(self, action: Action) -> Effects:
        effects = super().update(action)
        name, store = self.services.store.user(action.user_id)["username"], self.services.store
        for article in [a for a in store.articles() if a["author_id"] == action.user_id]:
            store.put_article({**article, "author": name}, store.revisions(article["id"])[0])
        return effects
