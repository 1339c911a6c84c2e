"""What is said of a requirement whose checks are all about things that the target does not have."""

from __future__ import annotations

import pytest

from omnisession_conformance.protocol.kinds.abilities import WORDS, words_of
from omnisession_conformance.results.not_served import in_one

LIST = "the target does not list "


@pytest.mark.parametrize(
    ("reasons", "said"),
    [
        ([f"{LIST}the action 'a.b'"], f"{LIST}the action 'a.b'"),
        ([f"{LIST}the action '{a}'" for a in "aab"], f"{LIST}the action 'a' or 'b'"),
        (
            [f"the target does not declare the profile '{p}'" for p in ("x", "y", "z")],
            "the target does not declare the profile 'x', 'y' or 'z'",
        ),
        (
            ["the target does not declare the profile 'x'", f"{LIST}the action 'a'"],
            f"the target does not declare the profile 'x'; {LIST}the action 'a'",
        ),
        (
            [f"{LIST}the action 'article.create'", f"{LIST}{words_of('change:url')}"],
            f"{LIST}url.create with the profile url",
        ),
        (["of another kind", "of another kind"], "of another kind"),
    ],
)
def test_reasons_are_told_in_one(reasons: list[str], said: str) -> None:
    assert in_one(reasons) == said


def test_what_holds_for_any_kind_is_not_said_again_for_each() -> None:
    each = [f"{LIST}{words_of(f'change:{kind}')}" for kind in ("articles", "chat", "url", "user")]
    told = in_one([f"{LIST}{WORDS['change']}", *each])
    assert told == in_one(each)
    assert told.count("chat.send") == 1
