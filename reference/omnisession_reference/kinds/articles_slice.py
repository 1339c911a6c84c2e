"""What one session holds of the kind articles, and the reducers of its events."""

from bisect import bisect_left, insort
from collections.abc import Iterable
from heapq import nsmallest
from typing import Any

from omnisession_reference.change import Change
from omnisession_reference.protocol import LIMITS
from omnisession_reference.wire import JsonObject


class ArticlesSlice:
    """The slice of a session; entries are shared between sessions and never changed in place."""

    def __init__(
        self, articles: Iterable[JsonObject] = (), editors: Iterable[JsonObject] = ()
    ) -> None:
        self.articles: list[JsonObject] = []
        self._by_id: dict[str, JsonObject] = {}
        self.current: JsonObject | None = None
        self.revisions: list[JsonObject] = []
        self.editors = nsmallest(LIMITS["editors"], editors, key=self.editor_key)
        for article in nsmallest(LIMITS["articles"], articles, key=self.article_key):
            self._upsert_article(article)

    def view(self, change: Change) -> JsonObject:
        """Show an article with content only where it is the current one."""
        if change.brief is None:
            return change.data
        article_id = change.data["article"]["id"]
        return change.data if self.is_current(article_id) else change.brief

    def reduce(self, change_type: str, data: JsonObject) -> None:
        """Fold a change in, by the normative reducer of its type."""
        match change_type:
            case "article.created" | "article.updated":
                self._upsert_article(data["article"])
            case "article.deleted":
                self._delete(data["article_id"])
            case "article.selected":
                self.current = data["article"]
                self.revisions = list(data["revisions"])
            case "article.revision_added":
                self._add_revision(data["revision"])
            case "article.edit_started":
                self._drop_editor(data)
                insort(self.editors, data, key=self.editor_key)
                del self.editors[LIMITS["editors"] :]
            case "article.edit_ended":
                self._drop_editor(data)
            case _:
                raise ValueError(f"no reducer for {change_type}")

    def data(self) -> JsonObject:
        """Write the slice as the data of a state."""
        return {
            "type": "articles",
            "articles": list(self.articles),
            "current_article": self.current,
            "revisions": list(self.revisions),
            "editors": list(self.editors),
        }

    def is_current(self, article_id: str) -> bool:
        """Say whether an article is selected in this session."""
        return self.current is not None and self.current["id"] == article_id

    @staticmethod
    def article_key(article: JsonObject) -> tuple[Any, ...]:
        """Sort drafts first, then the latest published; Python compares strings by code point."""
        published_at = article["published_at"]
        return (published_at is not None, -(published_at or 0), article["id"])

    @staticmethod
    def editor_key(editor: JsonObject) -> tuple[Any, ...]:
        """Sort by article, then by user."""
        return (editor["article_id"], editor["user_id"])

    def _upsert_article(self, article: JsonObject) -> None:
        self._drop_article(article["id"])
        entry = article if article["content"] is None else {**article, "content": None}
        insort(self.articles, entry, key=self.article_key)
        self._by_id[article["id"]] = entry
        for cut in self.articles[LIMITS["articles"] :]:
            self._drop_article(cut["id"])
        if self.is_current(article["id"]):
            self.current = article

    def _delete(self, article_id: str) -> None:
        self._drop_article(article_id)
        self.editors = [e for e in self.editors if e["article_id"] != article_id]
        if self.is_current(article_id):
            self.current = None
            self.revisions = []

    def _add_revision(self, revision: JsonObject) -> None:
        if self.is_current(revision["article_id"]):
            number = revision["revision"]
            self.revisions = [r for r in self.revisions if r["revision"] != number]
            insort(self.revisions, revision, key=lambda r: -r["revision"])
            del self.revisions[LIMITS["revisions"] :]

    def _drop_article(self, article_id: str) -> None:
        old = self._by_id.pop(article_id, None)
        if old is not None:
            place = bisect_left(self.articles, self.article_key(old), key=self.article_key)
            del self.articles[place]

    def _drop_editor(self, editor: JsonObject) -> None:
        key = self.editor_key(editor)
        self.editors = [e for e in self.editors if self.editor_key(e) != key]
