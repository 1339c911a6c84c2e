"""The kind articles."""

from typing import Any

from omnisession_client.kinds.kind import (
    LOCAL,
    Creates,
    Kind,
    Limits,
    changed,
    given,
    in_front,
    with_changes,
)
from omnisession_client.lists import entity, entries, text, upsert, whole, without
from omnisession_client.values import Doing
from omnisession_reference.wire import JsonObject

# What an author writes; the content stands in the current article alone.
LISTED = ("title", "slug", "subtitle", "leading", "tags")
WRITTEN = (*LISTED, "content")


def _id(article: JsonObject) -> str:
    return text(article, "id")


def _order(article: JsonObject) -> tuple[Any, ...]:
    """Drafts first, then the latest published."""
    draft = article["published_at"] is None
    return (not draft, 0 if draft else -whole(article, "published_at"), _id(article))


def _editor(editor: JsonObject) -> tuple[str, str]:
    return (text(editor, "article_id"), text(editor, "user_id"))


def _number(revision: JsonObject) -> int:
    return whole(revision, "revision")


def _latest_first(revision: JsonObject) -> int:
    return -_number(revision)


def _is_current(held: JsonObject, article_id: str) -> bool:
    current = held["current_article"]
    return current is not None and current["id"] == article_id


def _updated(held: JsonObject, data: JsonObject, limits: Limits) -> JsonObject:
    article = entity(data["article"])
    listed = {**article, "content": None}
    articles = upsert(held["articles"], listed, _id, _order, limits.get("articles"))
    after = changed(held, articles=articles)
    return changed(after, current_article=article) if _is_current(held, _id(article)) else after


def _deleted(held: JsonObject, data: JsonObject, _limits: Limits) -> JsonObject:
    gone = text(data, "article_id")
    after = changed(
        held,
        articles=without(held["articles"], _id, gone),
        editors=[editor for editor in held["editors"] if editor["article_id"] != gone],
    )
    if not _is_current(held, gone):
        return after
    return changed(after, current_article=None, revisions=[])


def _selected(held: JsonObject, data: JsonObject, _limits: Limits) -> JsonObject:
    article, revisions = data["article"], entries(data["revisions"], _latest_first)
    if article is not None:
        _id(entity(article))
    return changed(held, current_article=article, revisions=revisions)


def _revision_added(held: JsonObject, data: JsonObject, limits: Limits) -> JsonObject:
    revision = entity(data["revision"])
    if not _is_current(held, text(revision, "article_id")):
        return held
    most = limits.get("revisions")
    return changed(
        held, revisions=upsert(held["revisions"], revision, _number, _latest_first, most)
    )


def _edit_started(held: JsonObject, data: JsonObject, limits: Limits) -> JsonObject:
    most = limits.get("editors")
    return changed(held, editors=upsert(held["editors"], data, _editor, _editor, most))


def _edit_ended(held: JsonObject, data: JsonObject, _limits: Limits) -> JsonObject:
    return changed(held, editors=without(held["editors"], _editor, _editor(data)))


def _will_be_made(held: JsonObject, doing: Doing, user_id: str, limits: Limits) -> JsonObject:
    texts = dict.fromkeys(("title", "slug", "subtitle", "leading"), "")
    article: JsonObject = {
        "id": LOCAL + doing.action_id,
        "revision": 0,
        "author_id": user_id,
        "author": "",
        **texts,
        "tags": [],
        **given(dict(doing.data), LISTED),
        "content": None,
        "published_at": None,
        "struct_version": 0,
    }
    return changed(held, articles=in_front(held["articles"], article, limits.get("articles")))


def _will_be_updated(held: JsonObject, doing: Doing, _user: str, _limits: Limits) -> JsonObject:
    article_id, changes = doing.data["article_id"], doing.data["changes"]
    listed = with_changes(held["articles"], article_id, given(changes, LISTED))
    after = changed(held, articles=listed)
    if not _is_current(held, article_id):
        return after
    return changed(after, current_article={**held["current_article"], **given(changes, WRITTEN)})


def _will_be_deleted(held: JsonObject, doing: Doing, _user: str, limits: Limits) -> JsonObject:
    return _deleted(held, dict(doing.data), limits)


def _will_be_selected(held: JsonObject, doing: Doing, _user: str, _limits: Limits) -> JsonObject:
    """Only that nothing is selected is known before the server says more."""
    if doing.data["article_id"] is not None:
        return held
    return changed(held, current_article=None, revisions=[])


def _check(data: JsonObject) -> None:
    entries(data["articles"], _order)
    entries(data["editors"], _editor)
    if data["current_article"] is not None:
        _id(entity(data["current_article"]))
    entries(data["revisions"], _latest_first)


KIND = Kind(
    name="articles",
    prefix="article",
    empty={
        "type": "articles",
        "articles": [],
        "current_article": None,
        "revisions": [],
        "editors": [],
    },
    check=_check,
    reducers={
        "article.created": _updated,
        "article.updated": _updated,
        "article.deleted": _deleted,
        "article.selected": _selected,
        "article.revision_added": _revision_added,
        "article.edit_started": _edit_started,
        "article.edit_ended": _edit_ended,
    },
    rules={
        "article.create": _will_be_made,
        "article.update": _will_be_updated,
        "article.delete": _will_be_deleted,
        "article.select": _will_be_selected,
    },
    creates=Creates("article.create", "article_id", "articles"),
)
