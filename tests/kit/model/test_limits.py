from __future__ import annotations

from typing import Any

import pytest

from omnisession_conformance.protocol.kinds.tables import LISTS, NAMES
from omnisession_conformance.protocol.limits import DEFAULT_LIMITS
from omnisession_conformance.protocol.model.limits import BOUNDS, bound_of
from omnisession_conformance.protocol.model.order import misplacement_in
from omnisession_conformance.protocol.model.slices import empty_slice


def test_every_bounded_list_is_a_list_of_its_kind() -> None:
    assert set(BOUNDS) == set(NAMES)
    for kind, lists in BOUNDS.items():
        assert all(empty_slice(kind)[name] == [] for name in lists)
        assert set(lists.values()) <= set(DEFAULT_LIMITS)


@pytest.mark.parametrize(
    ("told", "bound"), [(3, 3), (None, 100), ("3", 100), (0, 100), (True, 100)]
)
def test_the_advertised_limit_holds_else_the_default(told: Any, bound: int) -> None:
    assert bound_of("chat", "messages", {"chat_messages": told}) == bound


@pytest.mark.parametrize(("kind", "name"), [("user", "sessions"), ("chat", "typing_indicators")])
def test_some_lists_have_no_bound(kind: str, name: str) -> None:
    assert bound_of(kind, name, {}) is None
    many = ["x"] * 1_000
    assert LISTS[kind][name].cut(many, {}) is many


def test_a_list_is_cut_at_its_end() -> None:
    assert LISTS["url"]["urls"].cut([1, 2, 3], {"urls": 2}) == [1, 2]


@pytest.mark.parametrize(("kind", "name"), [("todo", "urls"), ("url", "messages")])
def test_what_is_no_list_of_a_kind_is_refused(kind: str, name: str) -> None:
    with pytest.raises(KeyError):
        bound_of(kind, name, {})
    with pytest.raises(KeyError):
        misplacement_in(kind, name, [])
