"""Copies with a twist: which of them are the same action, and which are another."""

from __future__ import annotations

from typing import Any

import pytest
from tests.kit.generation.making import motif

from omnisession_conformance.roles.server.generation import motifs
from omnisession_conformance.roles.server.generation import steps as s
from omnisession_conformance.roles.server.generation.messages import same_action
from omnisession_conformance.roles.server.generation.twists import (
    ALIKE,
    BESIDE,
    MORE_EXPECT,
    NO_EXPECT,
    OTHERS,
    RICH,
    RICH_VALUE,
    twisted,
)

BODY: dict[str, Any] = {
    "v": "1.0",
    "type": "article.update",
    "timestamp": 1,
    "data": {"article_id": "a", "changes": {"title": "t", "slug": "s", RICH: RICH_VALUE}},
    "expect": {"revision": 1},
}


def meant(body: dict[str, Any]) -> str:
    return same_action(body["type"], body["data"], body.get("expect"))


@pytest.mark.parametrize("twist", [one for one in OTHERS if one != MORE_EXPECT])
def test_what_says_a_little_else_is_another_action(twist: str) -> None:
    other = twisted(BODY, twist, shared=False)
    assert other is not None
    assert meant(other) != meant(BODY)
    assert BODY["data"]["changes"][RICH] == RICH_VALUE, "the first one stays as it was"


@pytest.mark.parametrize("twist", [one for one in ALIKE if one != BESIDE])
def test_what_is_written_in_another_way_is_the_same_action(twist: str) -> None:
    other = twisted(BODY, twist, shared=False)
    assert other is not None
    assert meant(other) == meant(BODY)


def test_what_has_no_place_for_a_twist_has_no_copy_with_it() -> None:
    plain = {"v": "1.0", "type": "chat.send", "data": {"content": "x"}}
    assert twisted(plain, OTHERS[0], shared=False) is None
    assert twisted(plain, NO_EXPECT, shared=False) is None
    assert twisted(plain, BESIDE, shared=False) is None
    assert twisted({"content": "x"}, BESIDE, shared=True) is not None
    assert twisted(BODY, MORE_EXPECT, shared=False) is None


def test_all_twists_are_drawn() -> None:
    drawn = {
        step.twist
        for seed in range(80)
        for step in motif(motifs.twists, seed)
        if isinstance(step, s.Copy)
    }
    assert drawn == {"", *ALIKE, *OTHERS}
