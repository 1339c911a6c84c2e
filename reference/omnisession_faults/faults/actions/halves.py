"""Faults of actions on articles that are refused and do a part: most show in later sessions alone."""
# ruff: noqa: D102  an override means what it overrides

from contextlib import suppress
from dataclasses import replace

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action, Effects
from omnisession_reference.change import Change
from omnisession_reference.errors import Refusal
from omnisession_reference.kinds.articles import Articles
from omnisession_reference.wire import JsonObject


@fault("refused-edit-is-noted", breaks="ART-009")
class RefusedEditIsNoted(Articles):
    """The start of an edit by a mere reader is refused, and later sessions show the edit."""

    def edit_start(self, action: Action) -> Effects:
        try:
            return super().edit_start(action)
        except Refusal as refusal:
            if refusal.code == 4030:
                article_id, now = action.data["article_id"], self.services.clock.now_ms()
                self.services.store.start_edit(article_id, action.session.key, now)
            raise


@fault("refused-writer-makes-revision", breaks="ART-009")
class RefusedWriterMakesRevision(Articles):
    """The update of a mere reader is refused, and the article has a new revision all the same."""

    def update(self, action: Action) -> Effects:
        try:
            return super().update(action)
        except Refusal as refusal:
            if refusal.code == 4030:
                old = self.find(action)
                self._put(action, {**old, "revision": old["revision"] + 1})
            raise


@fault("refused-end-ends-all", breaks="ART-009")
class RefusedEndEndsAll(Articles):
    """The end of an edit by a mere reader is refused, and ends the edits of others."""

    def edit_end(self, action: Action) -> Effects:
        try:
            return super().edit_end(action)
        except Refusal as refusal:
            if refusal.code == 4030:
                store, article_id = self.services.store, action.data["article_id"]
                for edit in list(store.edits(article_id).values()):
                    for key in list(edit.sessions):
                        store.end_edit(article_id, key)
            raise


@fault("refused-update-is-hinted", breaks="ART-009")
class RefusedUpdateIsHinted(Articles):
    """The update of a mere reader is refused, and hinted as if it had been made."""

    def update(self, action: Action) -> Effects:
        try:
            return super().update(action)
        except Refusal as refusal:
            if refusal.code == 4030:
                self.services.fanout.apply(
                    [
                        replace(
                            self._article_change("article.updated", self.find(action)), sessions=[]
                        )
                    ]
                )
            raise


@fault("refused-delete-is-hinted", breaks="ART-009")
class RefusedDeleteIsHinted(Articles):
    """The deletion by a mere reader is refused, and hinted as if it had been made."""

    def delete(self, action: Action) -> Effects:
        try:
            return super().delete(action)
        except Refusal as refusal:
            if refusal.code == 4030:
                data = {"article_id": action.data["article_id"]}
                gone = Change(self.name, "article.deleted", data, [], hint=data["article_id"])
                self.services.fanout.apply([gone])
            raise


@fault("conflict-makes-revision", breaks="ART-007")
class ConflictMakesRevision(Articles):
    """An update that expects another revision is refused, and makes one."""

    def update(self, action: Action) -> Effects:
        try:
            return super().update(action)
        except Refusal as refusal:
            if refusal.code == 4090:
                old = self.find(action)
                self._put(action, {**old, "revision": old["revision"] + 1})
            raise


@fault("conflict-publishes", breaks="ART-007")
class ConflictPublishes(Articles):
    """A publish that expects another revision is refused, and later sessions show it done."""

    def publish(self, action: Action) -> Effects:
        try:
            return super().publish(action)
        except Refusal as refusal:
            if refusal.code == 4090:
                old = self.find(action)
                self._put(action, {**old, "published_at": self.services.clock.now_ms()})
            raise


@fault("conflict-ends-edits", breaks="ART-007")
class ConflictEndsEdits(Articles):
    """A deletion that expects another revision is refused, and ends the edits of the article."""

    def delete(self, action: Action) -> Effects:
        try:
            return super().delete(action)
        except Refusal as refusal:
            if refusal.code == 4090:
                store, article_id = self.services.store, action.data["article_id"]
                for edit in list(store.edits(article_id).values()):
                    for key in list(edit.sessions):
                        store.end_edit(article_id, key)
            raise


@fault("missing-deselects", breaks="ART-008")
class MissingDeselects(Articles):
    """The selection of a missing article is refused, and nothing is selected any more."""

    def select(self, action: Action) -> Effects:
        try:
            return super().select(action)
        except Refusal as refusal:
            held = action.session.slices.get(self.name)
            if refusal.code == 4040 and held is not None:
                held.reduce("article.selected", {"article": None, "revisions": []})
            raise


@fault("long-content-makes-revision", breaks="LIMIT-003")
class LongContentMakesRevision(Articles):
    """An update with a content that is too long is refused, and makes a revision."""

    def check_sizes(self, article: JsonObject) -> None:
        try:
            super().check_sizes(article)
        except Refusal:
            store = self.services.store
            old = store.article(article["id"])
            if old is not None:
                last = store.revisions(article["id"])[0]
                number = article["revision"]
                store.put_article({**old, "revision": number}, {**last, "revision": number})
            raise


@fault("long-article-stays", breaks="LIMIT-003")
class LongArticleStays(Articles):
    """A create with a content that is too long is refused, and later sessions show the article."""

    def create(self, action: Action) -> Effects:
        try:
            return super().create(action)
        except Refusal:
            with suppress(Refusal):
                super().create(replace(action, data={**action.data, "content": "", "subtitle": ""}))
            raise
