from __future__ import annotations

from typing import Any

import pytest
from tests.kit.model.values import article, articles_slice, chat_slice, message, user, user_slice

from omnisession_conformance.protocol.model.compare import Difference, first_difference

SAME: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (articles_slice(), articles_slice()),
    (articles_slice(articles=[article("a")]), articles_slice(articles=[article("a")])),
    (
        articles_slice(articles=[article("a")], **{"x-views": 1}),
        articles_slice(articles=[article("a", **{"x-views": 2})]),
    ),
    (user_slice(user=user("ann", shoe=1)), user_slice(user=user("ann", shoe=2))),
]
DIFFERENT: list[tuple[dict[str, Any], dict[str, Any], Difference]] = [
    (
        articles_slice(articles=[article("a"), article("b")]),
        articles_slice(articles=[article("a"), article("b", title="Other")]),
        Difference("/data/articles/1/title", "'Title of b'", "'Other'"),
    ),
    (
        chat_slice(messages=[message("m1")]),
        chat_slice(),
        Difference("/data/messages/0", repr(message("m1"))[:120], "absent"),
    ),
    (
        chat_slice(typing_indicators=["a"]),
        chat_slice(typing_indicators=["a", "b"]),
        Difference("/data/typing_indicators/1", "absent", "'b'"),
    ),
    (
        articles_slice(current_article=None),
        {k: v for k, v in articles_slice().items() if k != "current_article"},
        Difference("/data/current_article", "None", "absent"),
    ),
    (
        user_slice(user=user("ann")),
        user_slice(user=user("ann", email="a@example.org")),
        Difference("/data/user/email", "absent", "'a@example.org'"),
    ),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_same(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert first_difference(one["type"], one, other) is None


@pytest.mark.parametrize(("one", "other", "difference"), DIFFERENT)
def test_different(one: dict[str, Any], other: dict[str, Any], difference: Difference) -> None:
    found = first_difference(one["type"], one, other)
    assert found is not None
    assert found.pointer == difference.pointer
    assert found.expected.startswith(difference.expected)
    assert found.seen == difference.seen
