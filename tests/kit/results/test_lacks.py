"""What is said of a requirement whose checks are all about things that the target does not have."""

from __future__ import annotations

import pytest

from omnisession_conformance.protocol.kinds.abilities import WORDS, words_of
from omnisession_conformance.protocol.lacks import Lack, Thing, in_one

LIST = "the target does not list "


def action(name: str) -> Lack:
    return Lack(Thing.ACTION, name)


def profile(name: str) -> Lack:
    return Lack(Thing.PROFILE, name)


def ability(name: str) -> Lack:
    return Lack(Thing.ABILITY, name)


@pytest.mark.parametrize(
    ("lacks", "said"),
    [
        ([action("a.b")], f"{LIST}the action 'a.b'"),
        ([action(a) for a in "aab"], f"{LIST}the action 'a' or 'b'"),
        (
            [profile(p) for p in ("x", "y", "z")],
            "the target does not declare the profile 'x', 'y' or 'z'",
        ),
        (
            [profile("x"), action("a")],
            f"the target does not declare the profile 'x'; {LIST}the action 'a'",
        ),
        (
            [action("article.create"), ability("change:url")],
            f"{LIST}url.create with the profile url",
        ),
    ],
)
def test_lacks_are_told_in_one(lacks: list[Lack], said: str) -> None:
    assert in_one(lacks) == said


def test_what_holds_for_any_kind_is_not_said_again_for_each() -> None:
    each = [ability(f"change:{kind}") for kind in ("articles", "chat", "url", "user")]
    told = in_one([ability("change"), *each])
    assert told == in_one(each)
    assert told.count("chat.send") == 1


def test_one_lack_is_told_as_it_is() -> None:
    assert action("a.b").words == in_one([action("a.b")])
    assert ability("change").words == f"{LIST}{WORDS['change']}"
    assert ability("change:url").words == f"{LIST}{words_of('change:url')}"
