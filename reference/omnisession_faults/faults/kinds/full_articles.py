"""Faults of lists of articles that are full: what becomes of those that were cut off, and of the others."""
# ruff: noqa: D102  an override means what it overrides

from collections.abc import Iterable

from omnisession_faults.faults.registry import Fault, enter, fault
from omnisession_faults.floors import FLOORS
from omnisession_reference.action import Action
from omnisession_reference.errors import Refusal
from omnisession_reference.kinds.articles import Articles
from omnisession_reference.kinds.articles_slice import ArticlesSlice
from omnisession_reference.protocol import LIMITS
from omnisession_reference.session import Session
from omnisession_reference.wire import JsonObject


def is_cut(articles: Articles, session: Session, article: JsonObject) -> bool:
    """Say whether so many articles stand before one in the lists of a session that it is not shown."""
    key = ArticlesSlice.article_key
    readable = [a for a in articles.services.store.articles() if articles.may_read(session, a)]
    return sum(key(a) < key(article) for a in readable) >= LIMITS["articles"]


@fault("cut-articles-are-gone", breaks="ART-002")
class CutArticlesAreGone(Articles):
    """An article that was cut off the list is not found where it is to be changed."""

    def find(self, action: Action) -> JsonObject:
        article = super().find(action)
        by_update = action.body["type"] in ("article.update", "article.publish")
        if by_update and is_cut(self, action.session, article):
            raise Refusal(4040, "There is no such article.")
        return article


@fault("cut-articles-cannot-be-selected", breaks="ART-011")
class CutArticlesCannotBeSelected(Articles):
    """A selection finds only what the list of the session shows."""

    def find(self, action: Action) -> JsonObject:
        article = super().find(action)
        if action.body["type"] == "article.select" and is_cut(self, action.session, article):
            raise Refusal(4040, "There is no such article.")
        return article


@fault("cut-articles-are-not-deleted", breaks="ART-013")
class CutArticlesAreNotDeleted(ArticlesSlice):
    """The delete of an article that is not in the list leaves it selected."""

    def reduce(self, change_type: str, data: JsonObject) -> None:
        if change_type == "article.deleted":
            shown = [article["id"] for article in self.articles]
            if len(shown) >= LIMITS["articles"] and data["article_id"] not in shown:
                return
        super().reduce(change_type, data)


@fault("selection-ends-with-its-entry", breaks="ART-012")
class SelectionEndsWithItsEntry(ArticlesSlice):
    """The selected article is no more selected once it has been cut off the list."""

    def reduce(self, change_type: str, data: JsonObject) -> None:
        super().reduce(change_type, data)
        if change_type == "article.created" and self.current is not None:
            shown = [article["id"] for article in self.articles]
            if len(shown) >= LIMITS["articles"] and self.current["id"] not in shown:
                self.current, self.revisions = None, []


@fault("selection-follows-its-entry-only", breaks="ART-012")
class SelectionFollowsItsEntryOnly(ArticlesSlice):
    """The selected article stays as it was once it has been cut off the list."""

    def reduce(self, change_type: str, data: JsonObject) -> None:
        before = self.current
        super().reduce(change_type, data)
        if change_type == "article.updated" and before is not None:
            shown = [article["id"] for article in self.articles]
            if len(shown) >= LIMITS["articles"] and before["id"] not in shown:
                self.current = before


@fault("edits-of-cut-articles-not-shown", breaks="EDIT-002")
class EditsOfCutArticlesNotShown(ArticlesSlice):
    """An edit of an article that was cut off the list is in no list of editors."""

    def reduce(self, change_type: str, data: JsonObject) -> None:
        super().reduce(change_type, data)
        if change_type == "article.edit_started":
            shown = {article["id"] for article in self.articles}
            full = len(shown) >= LIMITS["articles"]
            self.editors = [e for e in self.editors if not full or e["article_id"] in shown]


@fault("update-in-full-list-drops-the-last-article", breaks="STATE-012")
class UpdateInFullListDropsTheLastArticle(ArticlesSlice):
    """Where the list of articles is full an update of one drops the last of them from states."""

    def reduce(self, change_type: str, data: JsonObject) -> None:
        was_full = change_type == "article.updated" and len(self.articles) == LIMITS["articles"]
        super().reduce(change_type, data)
        if was_full:
            del self.articles[-1:]


@fault("update-of-a-cut-article-shows-it", breaks="STATE-012")
class UpdateOfACutArticleShowsIt(ArticlesSlice):
    """The update of an article that was cut off the list puts it in the place of the last one."""

    def reduce(self, change_type: str, data: JsonObject) -> None:
        shown = [article["id"] for article in self.articles]
        super().reduce(change_type, data)
        full = change_type == "article.updated" and len(shown) == LIMITS["articles"]
        if full and data["article"]["id"] not in shown:
            self.articles[-1] = {**data["article"], "content": None}


@fault("delete-in-full-list-takes-two-articles", breaks="STATE-012")
class DeleteInFullListTakesTwoArticles(ArticlesSlice):
    """Where the list of articles is full a delete takes the last of them along."""

    def reduce(self, change_type: str, data: JsonObject) -> None:
        was_full = change_type == "article.deleted" and len(self.articles) == LIMITS["articles"]
        super().reduce(change_type, data)
        if was_full:
            del self.articles[-1:]


class _EditorsCutInFront(ArticlesSlice):
    def __init__(
        self, articles: Iterable[JsonObject] = (), editors: Iterable[JsonObject] = ()
    ) -> None:
        last = sorted(editors, key=self.editor_key)[-LIMITS["editors"] :]
        super().__init__(articles, last)


class _EndInFullListTakesTwo(ArticlesSlice):
    def reduce(self, change_type: str, data: JsonObject) -> None:
        was_full = change_type == "article.edit_ended" and len(self.editors) == LIMITS["editors"]
        super().reduce(change_type, data)
        if was_full:
            del self.editors[-1:]


for _name, _requirement, _sentence, _part in (
    (
        "editors-cut-in-front",
        "STATE-012",
        "A list of editors that is too long lacks its first where a session is opened.",
        _EditorsCutInFront,
    ),
    (
        "end-in-full-list-takes-two-editors",
        "STATE-012",
        "Where the list of editors is full the end of an edit takes the last of them along.",
        _EndInFullListTakesTwo,
    ),
):
    enter(Fault(_name, _requirement, _sentence, (_part,), limits={"editors": FLOORS["editors"]}))
