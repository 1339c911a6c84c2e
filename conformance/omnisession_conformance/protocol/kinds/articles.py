"""The kind `articles`: those that the user may read, the one selected with its revisions, and edits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.json import as_int, as_text, is_list, member, objects
from omnisession_conformance.protocol.kinds.kind import Abilities, Action, Event, Kind, Leftover
from omnisession_conformance.protocol.kinds.parts import (
    Entity,
    Entry,
    Key,
    ListOf,
    One,
    Slice,
    entry_in,
    plain,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

ARTICLE = Entity(
    members=(
        "id",
        "slug",
        "revision",
        "author_id",
        "author",
        "title",
        "subtitle",
        "leading",
        "content",
        "tags",
        "published_at",
        "struct_version",
    ),
    id=("id",),
    times=("published_at",),
)
REVISION = Entity(
    members=("article_id", "revision", "author_id", "title", "timestamp"),
    id=("article_id", "revision"),
    times=("timestamp",),
)
EDITOR = Entity(
    members=("article_id", "user_id", "since"), id=("article_id", "user_id"), times=("since",)
)


def article_key(article: Entry) -> Key:
    """Order articles: drafts first, then the latest published, then by id."""
    published_at, id_ = article.get("published_at"), as_text(article.get("id"))
    return (1, -published_at, id_) if isinstance(published_at, int) else (0, 0, id_)


def revision_key(revision: Entry) -> Key:
    """Order revisions: highest first."""
    return (-as_int(revision.get("revision")),)


def editor_key(editor: Entry) -> Key:
    """Order editors: by article, then user."""
    return (as_text(editor.get("article_id")), as_text(editor.get("user_id")))


LISTED = ListOf("articles", ARTICLE, key=article_key, limit="articles")
CURRENT = One("current_article", ARTICLE)
REVISIONS = ListOf("revisions", REVISION, key=revision_key, limit="revisions")
EDITORS = ListOf("editors", EDITOR, key=editor_key, limit="editors")


def _is_current(slice_: Slice, article_id: Any) -> bool:
    current = slice_["current_article"]
    return current is not None and bool(member(current, "id") == article_id)


def _told(slice_: Slice, data: Entry, limits: Mapping[str, Any]) -> Slice:
    article = entry_in(data, "article", "id")
    if article is None:
        return slice_
    after = LISTED.put(slice_, {**article, "content": None}, limits)
    if _is_current(slice_, article["id"]):
        after["current_article"] = article
    return after


def _deleted(slice_: Slice, data: Entry, limits: Mapping[str, Any]) -> Slice:
    article_id = data.get("article_id")
    after = LISTED.drop(slice_, limits, id=article_id)
    after = EDITORS.drop(after, limits, article_id=article_id)
    if _is_current(slice_, article_id):
        return {**after, "current_article": None, "revisions": []}
    return after


def _selected(slice_: Slice, data: Entry, _: Mapping[str, Any]) -> Slice:
    article: Any = data.get("article")
    revisions: Any = data.get("revisions")
    if not is_list(revisions) or not isinstance(article, dict | None):
        return slice_
    return {**slice_, "current_article": article, "revisions": objects(revisions)}


def _revision_added(slice_: Slice, data: Entry, limits: Mapping[str, Any]) -> Slice:
    revision = entry_in(data, "revision", "article_id")
    if revision is None or not _is_current(slice_, revision["article_id"]):
        return slice_
    if not isinstance(revision.get("revision"), int):
        return slice_
    # All are of the current article, so the number alone tells them apart.
    return REVISIONS.put(slice_, revision, limits, by=("revision",))


def _edit_started(slice_: Slice, data: Entry, limits: Mapping[str, Any]) -> Slice:
    editor = entry_in(data, "", "article_id", "user_id")
    return slice_ if editor is None else EDITORS.put(slice_, editor, limits)


def _edit_ended(slice_: Slice, data: Entry, limits: Mapping[str, Any]) -> Slice:
    ids = {"article_id": data.get("article_id"), "user_id": data.get("user_id")}
    return EDITORS.drop(slice_, limits, **ids)


_WRITTEN = ("article.created", "article.updated", "article.revision_added")
"""What a change of an article's text, or of who may read it, shows as."""

ARTICLES = Kind(
    name="articles",
    prefix="article",
    disturbs=2,
    members=(LISTED, CURRENT, REVISIONS, EDITORS),
    events=(
        Event(
            type="article.created",
            reduce=_told,
            within="article",
            entity=ARTICLE,
            about=("article", "id"),
            once=True,
            made_at=None,
            readers_differ=True,
        ),
        Event(
            type="article.updated",
            reduce=_told,
            within="article",
            entity=ARTICLE,
            about=("article", "id"),
            once=True,
            made_at=None,
            readers_differ=True,
        ),
        Event(
            type="article.deleted",
            reduce=_deleted,
            within="",
            entity=plain("article_id"),
            about=("article", "article_id"),
            once=False,
            made_at=None,
            readers_differ=True,
        ),
        Event(
            type="article.selected",
            reduce=_selected,
            within="article",
            entity=ARTICLE,
            about=("article", "id"),
            once=False,
            made_at=None,
        ),
        Event(
            type="article.revision_added",
            reduce=_revision_added,
            within="revision",
            entity=REVISION,
            about=("article", "article_id"),
            once=True,
            made_at="timestamp",
        ),
        Event(
            type="article.edit_started",
            reduce=_edit_started,
            within="",
            entity=EDITOR,
            about=("article", "article_id"),
            once=False,
            made_at=None,
        ),
        Event(
            type="article.edit_ended",
            reduce=_edit_ended,
            within="",
            entity=EDITOR,
            about=("article", "article_id"),
            once=False,
            made_at=None,
        ),
    ),
    actions=(
        Action(type="article.create", causes=_WRITTEN, creates=True, always=True),
        Action(type="article.update", causes=_WRITTEN, creates=False, always=True),
        Action(
            type="article.publish",
            causes=_WRITTEN,
            creates=False,
            always=False,
            # Its new readers are told of the edits that run.
            reveals=("article.edit_started",),
        ),
        Action(
            type="article.delete",
            causes=("article.deleted", "article.edit_ended"),
            creates=False,
            always=False,
        ),
        Action(type="article.select", causes=("article.selected",), creates=False, always=False),
        Action(
            type="article.edit_start",
            causes=("article.edit_started",),
            creates=False,
            always=False,
        ),
        Action(
            type="article.edit_end", causes=("article.edit_ended",), creates=False, always=False
        ),
    ),
    id_member="article_id",
    leftover=Leftover(delete="article.delete", seen_after="article.publish"),
    abilities=Abilities(
        makes="article.create",
        alters="article.update",
        shares=("article.create", "article.publish", "article.update"),
    ),
)
