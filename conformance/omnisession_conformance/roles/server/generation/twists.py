"""Copies that are written in another way, which is the same action, or say a little else, which is not."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from omnisession_conformance.protocol.json import as_object
from omnisession_conformance.protocol.vocabulary.bodies import VALUE, Json, backwards, differing

RICH = "x_rich"
"""A member that no action has, so that a server keeps it by its comparison alone."""
RICH_VALUE: Json = {**VALUE, "half": 1.5, "single": 2**24 + 1, "wide": 2**40 + 5}
_NUMBERS: dict[str, Json] = {
    "a number that is no integer": {**RICH_VALUE, "half": 2.5},
    "what is behind single precision": {**RICH_VALUE, "single": 2**24},
    "what is behind 32 bits": {**RICH_VALUE, "wide": 5},
}
OF_NUMBERS = tuple(_NUMBERS)
_DIFFERING = {**differing(RICH_VALUE), **_NUMBERS}
NO_EXPECT, MORE_EXPECT = "its expect not being there", "an expect"
OTHERS = (*_DIFFERING, NO_EXPECT, MORE_EXPECT)
"""What a copy may differ in and be another action: most of it in a member that nobody knows."""
BACKWARDS, VERSION, TIME, MORE, BESIDE, HEADER = (
    *("the order of its members", "another version", "another time"),
    *("a member that nobody knows", "data beside it", "a header"),
)
ALIKE = (BACKWARDS, VERSION, TIME, MORE, BESIDE, HEADER)
"""What a copy may differ in and be the same action."""


def twisted(body: Json, twist: str, *, shared: bool) -> Json | None:
    """A copy of a body with a twist; None where it has no place for that."""
    if twist in _DIFFERING:
        return _differing(body, _DIFFERING[twist])
    if twist == NO_EXPECT:
        return {n: v for n, v in body.items() if n != "expect"} if "expect" in body else None
    if twist == MORE_EXPECT:
        return None if "expect" in body else {**body, "expect": {"revision": 7}}
    if twist == BACKWARDS:
        return backwards(body)
    if twist == BESIDE and not shared:
        return None
    more: dict[str, Json] = {
        VERSION: {"v": "9.0"},
        TIME: {"timestamp": 1_000_000_000_000},
        MORE: {"x_more": {"a": [1, None]}},
        BESIDE: {"data": {"x_more": "y"}},
    }
    return {**body, **more.get(twist, {})}


def _differing(body: Json, value: Json) -> Json | None:
    whole: Any = deepcopy(body)
    for place in (
        as_object(whole.get("data")),
        as_object(as_object(whole.get("data")).get("changes")),
    ):
        if RICH in place:
            place[RICH] = deepcopy(value)
            return whole
    return None
