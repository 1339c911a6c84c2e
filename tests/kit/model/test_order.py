"""Lists in a wrong order; in the right one are those of the vectors, see test_reducer_vectors.py."""

from __future__ import annotations

from typing import Any

import pytest
from tests.kit.model.values import (
    NOW,
    article,
    articles_slice,
    chat_slice,
    editor,
    revision,
    session,
    url,
    url_slice,
    user,
    user_slice,
)

from omnisession_conformance.protocol.model.order import first_misplacement

# Beyond the basic plane: by code point behind U+FF5E, in UTF-16 code units in front of it.
ASTRAL, HIGH = "\U0001f600", "\uff5e"

WRONG: list[tuple[str, dict[str, Any], str, bool]] = [
    (
        "drafts last",
        articles_slice(articles=[article("a", NOW), article("b")]),
        "articles/1",
        False,
    ),
    (
        "ascending",
        articles_slice(articles=[article("a", NOW), article("b", NOW + 1)]),
        "articles/1",
        False,
    ),
    (
        "insertion order among equal times",
        articles_slice(articles=[article("b", NOW), article("a", NOW)]),
        "articles/1",
        True,
    ),
    (
        "case-insensitive",
        articles_slice(articles=[article("a"), article("b"), article("C")]),
        "articles/2",
        True,
    ),
    (
        "UTF-16 code units",
        articles_slice(articles=[article(ASTRAL), article(HIGH)]),
        "articles/1",
        True,
    ),
    (
        "lowest revision first",
        articles_slice(revisions=[revision("a", 1), revision("a", 2)]),
        "revisions/1",
        False,
    ),
    (
        "editors in order of start",
        articles_slice(editors=[editor("b", "a", 1), editor("a", "a", 2)]),
        "editors/1",
        True,
    ),
    ("participants", chat_slice(participants=[user("bob"), user("ann")]), "participants/1", True),
    ("typing", chat_slice(typing_indicators=["b", "a"]), "typing_indicators/1", True),
    ("urls", url_slice(url("a", NOW), url("b", NOW + 1)), "urls/1", False),
    ("permissions", user_slice(permissions=["b", "a"]), "permissions/1", True),
    (
        "sessions by id only",
        user_slice(sessions=[session("a", NOW + 1), session("b", NOW)]),
        "sessions/1",
        False,
    ),
]


@pytest.mark.parametrize(("_what", "data", "where", "by_string"), WRONG)
def test_wrong_order(_what: str, data: dict[str, Any], where: str, by_string: bool) -> None:
    found = first_misplacement(data["type"], data)
    assert found is not None
    assert found.pointer == f"/data/{where}"
    assert found.by_string is by_string
    assert not found.same


def test_the_same_entry_twice() -> None:
    found = first_misplacement("chat", chat_slice(typing_indicators=["a", "a"]))
    assert found is not None
    assert found.same
    assert not found.by_string


@pytest.mark.parametrize("entries", [None, "abc", 5, [None, 5, []], {}])
def test_what_is_no_list_of_entries_is_not_judged(entries: Any) -> None:
    assert first_misplacement("articles", articles_slice(articles=entries)) is None
