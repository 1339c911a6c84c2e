"""Faults at the boundaries of lists: how long they are, where they are cut, how they are ordered."""
# ruff: noqa: D102  an override means what it overrides

from collections.abc import Iterable, Sequence

from omnisession_faults.faults.registry import Fault, enter, fault
from omnisession_faults.floors import FLOORS
from omnisession_reference.change import Change
from omnisession_reference.kinds.articles_slice import ArticlesSlice
from omnisession_reference.kinds.urls_slice import UrlsSlice
from omnisession_reference.protocol import LIMITS
from omnisession_reference.session import Session
from omnisession_reference.store import MemoryStore
from omnisession_reference.wire import JsonObject


@fault("revisions-as-text", breaks="ART-012")
class RevisionsAsText(MemoryStore):
    """Revisions are sorted as texts: 9 stands before 10."""

    def revisions(self, article_id: str) -> Sequence[JsonObject]:
        found = super().revisions(article_id)
        return sorted(found, key=lambda r: str(r["revision"]), reverse=True)


@fault("nine-revisions-kept", breaks="ART-012")
class NineRevisionsKept(MemoryStore):
    """Of an article the last nine revisions are kept, whatever the limit."""

    def revisions(self, article_id: str) -> Sequence[JsonObject]:
        return super().revisions(article_id)[:9]


@fault("first-revisions-kept", breaks="ART-012")
class FirstRevisionsKept(MemoryStore):
    """A list of revisions that is too long loses the highest ones."""

    def put_article(self, article: JsonObject, revision: JsonObject) -> None:
        kept = self._revisions.get(article["id"])
        if kept is not None and len(kept) == kept.maxlen:
            kept.popleft()
        super().put_article(article, revision)


@fault("revisions-one-more", breaks="STATE-012")
class RevisionsOneMore(ArticlesSlice):
    """A list of revisions that grows by updates has one entry more than its limit."""

    def reduce(self, change_type: str, data: JsonObject) -> None:
        before = self.revisions
        super().reduce(change_type, data)
        was_full = len(before) >= LIMITS["revisions"] and change_type == "article.revision_added"
        if was_full and self.is_current(data["revision"]["article_id"]):
            self.revisions = [data["revision"], *before][: LIMITS["revisions"] + 1]


@fault("articles-one-less", breaks="STATE-012")
class ArticlesOneLess(ArticlesSlice):
    """A list of articles is cut one entry too early."""

    def data(self) -> JsonObject:
        found = super().data()
        return {**found, "articles": found["articles"][: LIMITS["articles"] - 1]}


@fault("articles-never-cut", breaks="STATE-012")
class ArticlesNeverCut(ArticlesSlice):
    """A list of articles is shown whole, however long it is."""

    def __init__(
        self, articles: Iterable[JsonObject] = (), editors: Iterable[JsonObject] = ()
    ) -> None:
        articles = list(articles)
        super().__init__(articles, editors)
        self.whole = {a["id"]: {**a, "content": None} for a in articles}

    def reduce(self, change_type: str, data: JsonObject) -> None:
        super().reduce(change_type, data)
        if "article" in data and data["article"] and change_type != "article.selected":
            self.whole[data["article"]["id"]] = {**data["article"], "content": None}
        if change_type == "article.deleted":
            self.whole.pop(data["article_id"], None)

    def data(self) -> JsonObject:
        found = super().data()
        return {**found, "articles": sorted(self.whole.values(), key=self.article_key)}


@fault("articles-cut-in-front", breaks="STATE-012")
class ArticlesCutInFront(ArticlesSlice):
    """A list of articles that is too long loses its first entries."""

    def __init__(
        self, articles: Iterable[JsonObject] = (), editors: Iterable[JsonObject] = ()
    ) -> None:
        sorted_ = sorted(articles, key=self.article_key)
        super().__init__(sorted_[-LIMITS["articles"] :], editors)


class _EditorsNeverCut(ArticlesSlice):
    def reduce(self, change_type: str, data: JsonObject) -> None:
        before = self.editors[:]
        super().reduce(change_type, data)
        if change_type == "article.edit_started" and len(before) >= LIMITS["editors"]:
            rest = [e for e in before if self.editor_key(e) != self.editor_key(data)]
            self.editors = sorted([*rest, data], key=self.editor_key)


enter(
    Fault(
        "editors-never-cut",
        "STATE-012",
        "A list of editors is never cut.",
        (_EditorsNeverCut,),
        limits={"editors": FLOORS["editors"]},
    )
)


@fault("urls-one-less", breaks="STATE-012")
class UrlsOneLess(UrlsSlice):
    """A list of urls is cut one entry too early."""

    def data(self) -> JsonObject:
        return {"type": "url", "urls": self.urls[: LIMITS["urls"] - 1]}


@fault("urls-cut-in-front", breaks="STATE-012")
class UrlsCutInFront(UrlsSlice):
    """A list of urls that is too long shows the oldest where a session is opened."""

    def __init__(self, urls: Iterable[JsonObject] = ()) -> None:
        super().__init__(sorted(urls, key=self.key)[-LIMITS["urls"] :])


@fault("messages-cut-in-front-at-open", breaks="STATE-012")
class MessagesCutInFrontAtOpen(MemoryStore):
    """A session that is opened where the list of messages is full misses the newest."""

    def messages(self) -> Iterable[JsonObject]:
        found = list(super().messages())
        return found[1:] if len(found) >= LIMITS["chat_messages"] else found


@fault("cut-articles-not-told", breaks="EVENT-007")
class CutArticlesNotTold(Session):
    """The update of an article that was cut off a session's list is not told there."""

    def publish_event(
        self, change: Change, data: JsonObject, actor: str | None, cause: JsonObject | None
    ) -> None:
        slice_ = self.slices.get("articles")
        if change.type == "article.updated" and slice_ is not None:
            shown = slice_.data()["articles"]
            held = any(article["id"] == data["article"]["id"] for article in shown)
            if len(shown) >= LIMITS["articles"] and not held:
                return
        super().publish_event(change, data, actor, cause)
