"""Decoded JSON read by type: whatever a message holds, reading it gives a value of the wanted type."""

from __future__ import annotations

from typing import Any

import pytest

from omnisession_conformance.protocol import json
from omnisession_conformance.protocol.schemas.pointer import tokens

VALUES: tuple[Any, ...] = (None, True, False, 0, 7, 1.5, "", "text", [], ["a", 1], {}, {"a": 1})


@pytest.mark.parametrize(
    ("read", "kind", "nothing"),
    [
        (json.as_object, dict, {}),
        (json.as_list, list, []),
        (json.as_text, str, ""),
        (json.as_int, int, 0),
        (json.maybe_text, str, None),
        (json.maybe_int, int, None),
    ],
)
def test_a_value_of_another_type_counts_as_none(read: Any, kind: type, nothing: Any) -> None:
    """A boolean is no integer, although Python says so."""
    for value in VALUES:
        wanted = value if type(value) is kind else nothing
        assert (read(value), type(read(value))) == (wanted, type(wanted)), value


def test_values_are_returned_and_not_copied() -> None:
    value, listed = {"a": 1}, ["a"]
    assert json.as_object(value) is value
    assert json.as_list(listed) is listed


def test_lists_and_objects_lose_what_is_of_another_type() -> None:
    mixed: list[Any] = ["a", 1, None, {"b": 2}, True, "c", [], {}]
    assert json.texts(mixed) == ("a", "c")
    assert json.objects(mixed) == [{"b": 2}, {}]
    assert json.integers({"a": 1, "b": True, "c": "1", "d": 0, "e": 1.0}) == {"a": 1, "d": 0}
    for value in (None, 5, "abc", True):
        assert (json.texts(value), json.objects(value), json.integers(value)) == ((), [], {})


def test_members_of_what_is_no_object_are_none() -> None:
    assert json.member({"a": [1]}, "a") == [1]
    others: tuple[Any, ...] = (None, [], "a", {}, {"b": 1})
    assert [json.member(value, "a") for value in others] == [None] * len(others)


@pytest.mark.parametrize(
    ("value", "token", "found"),
    [
        ({"a": None}, "a", (True, None)),
        ({"a": 1}, "b", (False, None)),
        ([5, 6], "1", (True, 6)),
        ([5, 6], "2", (False, None)),
        ([5, 6], "-1", (False, None)),
        ([5, 6], "", (False, None)),
        ("text", "0", (False, None)),
    ],
)
def test_a_place_is_there_or_not(value: Any, token: str, found: tuple[bool, Any]) -> None:
    assert json.child(value, token) == found


def test_pointers_come_apart_as_they_were_joined() -> None:
    assert tokens("") == []
    assert tokens("/data/0/a~1b/~0~01/") == ["data", "0", "a/b", "~~1", ""]
