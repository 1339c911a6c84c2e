"""The slices of the reference server become what the vectors beside the schemas say."""

from __future__ import annotations

import copy
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import pytest
from tests.reducers import Vector, vectors

from omnisession_reference.kinds.articles_slice import ArticlesSlice
from omnisession_reference.kinds.chat_slice import ChatSlice
from omnisession_reference.kinds.urls_slice import UrlsSlice
from omnisession_reference.kinds.users_slice import UserSlice
from omnisession_reference.protocol import LIMITS

if TYPE_CHECKING:
    from omnisession_reference.change import Slice


def made_of(data: dict[str, Any]) -> Slice:
    """Make a slice that shows this. A slice sorts what it is made of, so it is given the last first."""

    def shuffled(name: str) -> list[Any]:
        return data[name][::-1]

    match data["type"]:
        case "articles":
            slice_ = ArticlesSlice(shuffled("articles"), shuffled("editors"))
            selected = {"article": data["current_article"], "revisions": data["revisions"]}
            slice_.reduce("article.selected", selected)
            return slice_
        case "chat":
            # Messages come in their order, which nothing in them tells.
            people = shuffled("participants"), shuffled("typing_indicators")
            return ChatSlice(data["messages"], *people)
        case "url":
            return UrlsSlice(shuffled("urls"))
        case "user":
            return UserSlice(data["user"], data["permissions"], shuffled("sessions"))
        case kind:
            raise ValueError(f"no slice of the kind {kind}")


@pytest.mark.parametrize("vector", vectors("server"), ids=attrgetter("name"))
def test_vector(vector: Vector, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, limit in vector.limits.items():
        monkeypatch.setitem(LIMITS, name, limit)
    untouched = copy.deepcopy(vector)
    slice_ = made_of(vector.slice)
    written = [slice_.data()]
    assert written == [vector.slice], "what it is made of"
    for step in vector.steps:
        slice_.reduce(step.type, step.data)
        written.append(slice_.data())
        assert written[-1] == step.slice, step.shows
        slice_.reduce(step.type, step.data)
        assert slice_.data() == step.slice, f"{step.shows} twice is once"
    assert written == [vector.slice, *(step.slice for step in vector.steps)], (
        "what was written stays"
    )
    assert vector == untouched, "events are left as they were"
