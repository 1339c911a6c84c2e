"""What a session is shown of a change; what a change does to a slice is in test_reducer_vectors.py."""

from __future__ import annotations

from typing import Any

from omnisession_reference.change import Change
from omnisession_reference.kinds.articles_slice import ArticlesSlice


def entry(id_: str, content: str | None = None) -> dict[str, Any]:
    return {"id": id_, "published_at": None, "content": content}


def test_a_change_is_shown_in_full_only_where_it_is_current() -> None:
    slice_ = ArticlesSlice()
    full, brief = {"article": entry("a", content="text")}, {"article": entry("a")}
    change = Change("articles", "article.updated", full, (), brief)
    assert slice_.view(change) is brief
    slice_.reduce("article.selected", {"article": entry("a", content=""), "revisions": []})
    assert slice_.view(change) is full
