"""What a violation says, and which requirement it names."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from omnisession_conformance.protocol.schemas import Violation
from omnisession_conformance.protocol.schemas.check import UnknownDefinitionError

if TYPE_CHECKING:
    from omnisession_conformance.protocol.schemas.check import Checker

STATE = "state.schema.json#/$defs/articles"


@pytest.fixture
def state(documents: dict[str, Any]) -> dict[str, Any]:
    return copy.deepcopy(documents["state.schema.json"]["$defs"]["articles"]["examples"][0])


def test_a_violation_says_where_what_and_which_requirement(
    checker: Checker, state: dict[str, Any]
) -> None:
    state["data"]["editors"] = None
    assert checker.explain(STATE, state) == [
        Violation(
            pointer="/data/editors",
            message="is null, expected a list",
            keyword="type",
            expected="a list",
            requirement="ENV-005",
        )
    ]


def test_all_violations_are_named_in_the_order_of_their_places(
    checker: Checker, state: dict[str, Any]
) -> None:
    del state["data"]["current_article"]
    del state["v"]
    state["timestamp"] = "now"
    found = checker.explain(STATE, state)
    assert [(v.pointer, v.message, v.requirement) for v in found] == [
        ("/data/current_article", "is missing", "ENV-006"),
        ("/timestamp", 'is "now", expected an integer', "ENV-003"),
        ("/v", "is missing", "ENV-002"),
    ]


@pytest.mark.parametrize(
    ("pointer", "value", "requirement"),
    [
        ("/seq", 1.5, "ENV-004"),
        ("/seq", 2**53, "ENV-004"),
        ("/seq", True, "ENV-002"),
        ("/timestamp", 1.5, "ENV-003"),
        ("/data/current_article", "", "ENV-006"),
        ("/data/current_article", False, "ENV-002"),
        ("/data/editors/0/since", 0, "ENV-003"),
        ("/data/articles/0/published_at", 0, "ENV-006"),
        ("/data/articles/0/published_at", "2024-10-27", "ENV-003"),
        ("/data/articles/0/content", "text", "STATE-009"),
        ("/data/articles/0/tags", None, "ENV-005"),
    ],
)
def test_the_most_exact_requirement_is_named(
    checker: Checker, state: dict[str, Any], pointer: str, value: Any, requirement: str
) -> None:
    container: Any = state
    *path, last = pointer.split("/")[1:]
    for name in path:
        container = container[int(name) if name.isdigit() else name]
    container[last] = value
    found = checker.explain(STATE, state)
    assert [(v.pointer, v.requirement) for v in found] == [(pointer, requirement)]


def test_the_alternative_that_was_meant_is_explained(
    checker: Checker, state: dict[str, Any]
) -> None:
    """A broken state is measured by its own kind, though the file offers four."""
    del state["data"]["editors"]
    assert [v.pointer for v in checker.explain("state.schema.json", state)] == ["/data/editors"]


def test_a_type_of_the_other_direction_is_named_at_the_type(checker: Checker) -> None:
    body: dict[str, Any] = {
        "v": "1.0",
        "type": "session.ping",
        "user_id": "ann",
        "session_id": "s",
        "timestamp": 1,
        "data": {},
    }
    (found,) = checker.explain("control.schema.json#/$defs/push_envelope", body)
    assert (found.pointer, found.keyword) == ("/type", "enum")
    assert found.expected == (
        'one of "session.heartbeat", "session.closing", "auth.expiring", "action.ack", "action.nack"'
    )


def test_a_long_value_is_cut_short(checker: Checker, state: dict[str, Any]) -> None:
    state["v"] = "9" * 10_000
    (found,) = checker.explain(STATE, state)
    assert len(found.message) < 200


def test_text_that_is_no_unicode_is_still_judged(checker: Checker, state: dict[str, Any]) -> None:
    assert checker.is_valid(STATE, {**state, "\ud800": 1})
    assert not checker.is_valid(STATE, {"\ud800": 1})


@pytest.mark.parametrize("ref", ["states.schema.json", "state.schema.json#/$defs/calendar"])
def test_an_unknown_definition_is_refused_by_name(checker: Checker, ref: str) -> None:
    with pytest.raises(UnknownDefinitionError, match=r"the files are .*state\.schema\.json"):
        checker.is_valid(ref, {})
    with pytest.raises(UnknownDefinitionError):
        checker.explain(ref, {})
