"""The right transcript, as it is and in all variations that are right as well."""

from __future__ import annotations

from tests.kit.rules.story import EDITORS, story


def test_nothing_is_found_in_a_right_transcript() -> None:
    found = story().tape.judge(editors=EDITORS, emails={"ann-0001": "ann@example.org"})
    assert found.broken == set(), found.told()
    unseen = {name for name in found.fed if not found.seen(name)}
    assert unseen == set(), unseen
