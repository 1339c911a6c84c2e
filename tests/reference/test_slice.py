from __future__ import annotations

from typing import Any

from omnisession_reference.change import Change
from omnisession_reference.kinds.articles_slice import ArticlesSlice
from omnisession_reference.protocol import LIMITS


def entry(id_: str, published_at: int | None = None, content: str | None = None) -> dict[str, Any]:
    return {"id": id_, "published_at": published_at, "content": content}


def upsert(slice_: ArticlesSlice, article: dict[str, Any]) -> None:
    slice_.reduce("article.updated", {"article": article})


def ids(slice_: ArticlesSlice) -> list[str]:
    return [article["id"] for article in slice_.data()["articles"]]


def test_drafts_come_first_then_the_latest_then_code_points() -> None:
    slice_ = ArticlesSlice()
    astral, private = "\U0001f600", "\ufffd"
    for article in (
        entry("old", 10),
        entry("b", 20),
        entry("B", 20),
        entry(astral),
        entry(private),
        entry("a"),
    ):
        upsert(slice_, article)
    # By UTF-16 code unit the astral id would come before U+FFFD.
    assert ids(slice_) == ["a", private, astral, "B", "b", "old"]
    upsert(slice_, entry("a", 15))
    assert ids(slice_) == [private, astral, "B", "b", "a", "old"]


def test_editors_come_by_article_then_user_once_each() -> None:
    slice_ = ArticlesSlice()
    for article_id, user_id in (("b", "x"), ("a", "z"), ("a", "Z"), ("a", "z")):
        editor = {"article_id": article_id, "user_id": user_id, "since": 1}
        slice_.reduce("article.edit_started", editor)
    assert [(e["article_id"], e["user_id"]) for e in slice_.data()["editors"]] == [
        ("a", "Z"),
        ("a", "z"),
        ("b", "x"),
    ]


def test_a_full_list_is_cut_at_its_end_and_not_refilled() -> None:
    slice_ = ArticlesSlice()
    limit = LIMITS["articles"]
    for number in range(limit + 1):
        upsert(slice_, entry(f"{number:04}"))
    assert (len(ids(slice_)), ids(slice_)[-1]) == (limit, f"{limit - 1:04}")
    slice_.reduce("article.deleted", {"article_id": "0000"})
    assert len(ids(slice_)) == limit - 1


def test_content_is_in_the_current_article_alone() -> None:
    slice_ = ArticlesSlice()
    upsert(slice_, entry("a", content="text"))
    slice_.reduce("article.selected", {"article": entry("a", content="text"), "revisions": []})
    upsert(slice_, entry("a", content="new"))
    data = slice_.data()
    assert data["articles"] == [entry("a")]
    assert data["current_article"] == entry("a", content="new")


def test_a_change_is_shown_in_full_only_where_it_is_current() -> None:
    slice_ = ArticlesSlice()
    full, brief = {"article": entry("a", content="text")}, {"article": entry("a")}
    change = Change("articles", "article.updated", full, (), brief)
    assert slice_.view(change) is brief
    slice_.reduce("article.selected", {"article": entry("a", content=""), "revisions": []})
    assert slice_.view(change) is full


def test_what_was_written_stays_as_it_was() -> None:
    slice_ = ArticlesSlice()
    before = slice_.data()
    upsert(slice_, entry("a"))
    editor = {"article_id": "a", "user_id": "x", "since": 1}
    slice_.reduce("article.edit_started", editor)
    assert (before["articles"], before["editors"]) == ([], [])


def test_a_deleted_article_goes_from_everywhere() -> None:
    slice_ = ArticlesSlice()
    upsert(slice_, entry("a"))
    revision = {"article_id": "a", "revision": 1}
    selected = {"article": entry("a", content=""), "revisions": [revision]}
    slice_.reduce("article.selected", selected)
    slice_.reduce("article.edit_started", {"article_id": "a", "user_id": "x", "since": 1})
    slice_.reduce("article.deleted", {"article_id": "a"})
    assert slice_.data() == ArticlesSlice().data()


def test_revisions_are_of_the_current_article_highest_first() -> None:
    slice_ = ArticlesSlice()
    selected = {
        "article": entry("a", content=""),
        "revisions": [{"article_id": "a", "revision": 1}],
    }
    slice_.reduce("article.selected", selected)
    for number in (3, 2, 3):
        added = {"revision": {"article_id": "a", "revision": number}}
        slice_.reduce("article.revision_added", added)
    slice_.reduce("article.revision_added", {"revision": {"article_id": "b", "revision": 9}})
    assert [revision["revision"] for revision in slice_.data()["revisions"]] == [3, 2, 1]
