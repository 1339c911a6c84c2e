"""What the vectors do not say of the reducers: which slices they hand back, and what they bear.

What an event does to a slice is in `schemas/vectors/reducers/`, see test_reducer_vectors.py.
"""

from __future__ import annotations

import copy
from typing import Any

import pytest
from tests.kit.model.values import (
    NOW,
    article,
    articles_slice,
    chat_slice,
    editor,
    message,
    session,
    url,
    url_slice,
    user,
    user_slice,
)

from omnisession_conformance.protocol.model.reducers import REDUCERS, reduce_event
from omnisession_conformance.protocol.model.slices import empty_slice

OLD = article("o", NOW)
TEXT = article("o", NOW, content="It was dark.", revision=2)


@pytest.mark.parametrize("kind", ["articles", "chat", "url", "user"])
@pytest.mark.parametrize("type_", ["x-acme.thing_done", "article.pinned", "articles", "", "chat."])
def test_an_unknown_type_hands_back_the_slice_itself(kind: str, type_: str) -> None:
    before = empty_slice(kind)
    assert reduce_event(before, type_, {"article": OLD, "article_id": "o"}, {}) is before


NOTHING_THERE: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("article.deleted", articles_slice(articles=[OLD]), {"article_id": "x"}),
    ("article.edit_ended", articles_slice(editors=[editor("a", "ann")]), editor("a", "bob")),
    ("chat.message_edited", chat_slice(messages=[message("m1")]), {"message": message("x")}),
    ("chat.message_deleted", chat_slice(messages=[message("m1")]), {"message_id": "x"}),
    ("chat.participant_left", chat_slice(participants=[user("ann")]), {"user_id": "x"}),
    (
        "chat.typing_changed",
        chat_slice(typing_indicators=["ann"]),
        {"user_id": "x", "active": False},
    ),
    ("url.deleted", url_slice(url("u1")), {"url_id": "x"}),
    ("user.session_closed", user_slice(sessions=[session("s1")]), {"session_id": "x"}),
]


@pytest.mark.parametrize(("type_", "before", "data"), NOTHING_THERE)
def test_an_id_that_is_not_there_hands_back_the_slice_itself(
    type_: str, before: dict[str, Any], data: dict[str, Any]
) -> None:
    assert reduce_event(before, type_, data, {}) is before


BROKEN_DATA: list[dict[str, Any]] = [
    {},
    {"article": None, "message": None, "user": None, "url": None, "session": None, "revision": 1},
    {"article": 5, "message": [], "user": "ann", "url": {}, "session": {}, "revision": {}},
    {"article": {"id": 5}, "message": {"id": None}, "user": {"id": []}, "url": {"id": {}}},
    {"article_id": {"a": 1}, "user_id": 5, "active": "yes", "permissions": None},
    {"revision": {"article_id": "o", "revision": "2"}, "revisions": None, "permissions": {}},
]


@pytest.mark.parametrize("type_", sorted(REDUCERS))
def test_data_that_no_right_server_sends_changes_nothing(type_: str) -> None:
    before = {
        "article": articles_slice(articles=[OLD], current_article=TEXT, editors=[editor("o", "a")]),
        "chat": chat_slice(messages=[message("m1")], participants=[user("ann")]),
        "url": url_slice(url("u1")),
        "user": user_slice(user=user("ann"), sessions=[session("s1")]),
    }[type_.partition(".")[0]]
    held = copy.deepcopy(before)
    for data in BROKEN_DATA:
        assert reduce_event(before, type_, data, {}) == held, data
