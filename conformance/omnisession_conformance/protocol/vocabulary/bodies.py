"""JSON values that careless comparisons take for one, and ways to write one value."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, cast

Json = dict[str, Any]
LONG = 4_500
VALUE: Json = {
    "text": "Stra\u00dfe \u00e9 1",
    "long": "x" * LONG,
    "one": 1,
    "zero": 0,
    "yes": True,
    "none": None,
    "nothing": "",
    "empty": [],
    "list": [1, 2, "a", {"b": 1}],
    "deep": {"a": {"b": {"c": [{"d": {"e": "f"}}]}}},
    "changes": {"b": 1, "a": {"d": [{"f": 1, "e": 2}], "c": 2}},
}
"""Members that no action has, so that a server keeps them by its comparison alone."""


def backwards(value: Any) -> Any:
    """A value with the members of all its objects from last to first."""
    if isinstance(value, dict):
        told = cast("Json", value)
        return {name: backwards(told[name]) for name in reversed(told)}
    return (
        [backwards(one) for one in cast("list[Any]", value)] if isinstance(value, list) else value
    )


def differing(value: Json = VALUE) -> dict[str, Json]:
    """Values of which each differs from one value in one place, by what differs there."""
    deep, long = deepcopy(value["deep"]), value["long"]
    deep["a"]["b"]["c"][0]["d"]["e"] = "g"
    changes: dict[str, Json] = {
        "case": {"text": "stra\u00dfe \u00e9 1"},
        "the case of an accented letter": {"text": "Stra\u00dfe \u00c9 1"},
        "its Unicode form": {"text": "Stra\u00dfe e\u0301 1"},
        "a sharp s": {"text": "Strasse \u00e9 1"},
        "a digit of full width": {"text": "Stra\u00dfe \u00e9 \uff11"},
        "a space at the end": {"text": "Stra\u00dfe \u00e9 1 "},
        "a space more within": {"text": "Stra\u00dfe  \u00e9 1"},
        "a character without width": {"text": "Stra\u00dfe\u200b \u00e9 1"},
        "the end of a long text": {"long": f"{long[:-1]}y"},
        "the length of a long text": {"long": long[:-1]},
        "text for a number": {"one": "1"},
        "true for a number": {"one": True},
        "a list for its only entry": {"one": [1]},
        "false for a number": {"zero": False},
        "null for a number": {"zero": None},
        "a text that is empty for a number": {"zero": ""},
        "text for true": {"yes": "true"},
        "a number for true": {"yes": 1},
        "a text that is empty for null": {"none": ""},
        "text for null": {"none": "null"},
        "null for a text that is empty": {"nothing": None},
        "a space for a text that is empty": {"nothing": " "},
        "an object for a list": {"empty": {}},
        "null for a list": {"empty": None},
        "a list of null": {"empty": [None]},
        "the order of a list": {"list": [2, 1, "a", {"b": 1}]},
        "an entry twice": {"list": [1, 1, 2, "a", {"b": 1}]},
        "an entry less": {"list": [1, 2, "a"]},
        "a list within a list": {"list": [[1, 2], "a", {"b": 1}]},
        "something far within": {"deep": deep},
        "which member within has a value": {"changes": {**value["changes"], "b": 2}},
        "a member with null": {"other": None},
        "a member more, which is empty": {"other": {}},
        "the case of a name": {"Text": value["text"]},
    }
    found = {what: {**value, **change} for what, change in changes.items()}
    del found["the case of a name"]["text"]
    for name in ("none", "nothing", "empty"):
        less = {**value}
        del less[name]
        found[f"the member {name} not being there"] = less
    return found
