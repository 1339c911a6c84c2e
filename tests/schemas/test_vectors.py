"""Every vector gets the verdict that it is there for."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from omnisession_conformance.protocol.schemas import catalogue

if TYPE_CHECKING:
    from collections.abc import Callable

    from omnisession_conformance.protocol.schemas.check import Checker
    from omnisession_conformance.protocol.schemas.violation import Violation

FAMILY_FILES = {
    "state": "state.schema.json",
    "event": "event.schema.json",
    "action": "action.schema.json",
    "hint": "article.updates.schema.json",
    "control": "control.schema.json",
    "error": "error.schema.json",
}


@pytest.fixture(scope="module")
def found(
    checker: Checker, valid_vectors: list[dict[str, Any]], invalid_vectors: list[dict[str, Any]]
) -> Callable[[int], list[Violation]]:
    """What the explaining library finds by the definition of a vector, valid ones first; asked once."""
    vectors = valid_vectors + invalid_vectors

    @cache
    def of(number: int) -> list[Violation]:
        return checker.explain(vectors[number]["definition"], vectors[number]["body"])

    return of


def family_file(vector: dict[str, Any]) -> str:
    family, _, name = vector["file"].partition("/")
    return FAMILY_FILES.get(family, f"{name}.schema.json")


def test_valid_vectors_are_valid(
    found: Callable[[int], list[Violation]], valid_vectors: list[dict[str, Any]]
) -> None:
    for number, vector in enumerate(valid_vectors):
        assert not found(number), f"{vector['file']}: {vector['name']}"


def test_the_family_takes_what_its_definition_takes(
    checker: Checker, valid_vectors: list[dict[str, Any]]
) -> None:
    for vector in valid_vectors:
        assert checker.is_valid(family_file(vector), vector["body"]), vector["name"]


def test_invalid_vectors_are_explained_at_their_pointer(
    found: Callable[[int], list[Violation]],
    valid_vectors: list[dict[str, Any]],
    invalid_vectors: list[dict[str, Any]],
) -> None:
    for number, vector in enumerate(invalid_vectors, len(valid_vectors)):
        named = {(violation.pointer, violation.requirement) for violation in found(number)}
        wanted = (vector["pointer"], vector["requirement"])
        assert wanted in named, f"{vector['file']}: {vector['name']}: {named}"


def test_the_family_refuses_what_its_definition_refuses(
    checker: Checker, invalid_vectors: list[dict[str, Any]]
) -> None:
    for vector in invalid_vectors:
        # A body of another direction is invalid there only, so its family may take it.
        if not vector["name"].endswith("of the other direction"):
            assert not checker.is_valid(family_file(vector), vector["body"]), vector["name"]


def test_both_libraries_agree(
    checker: Checker,
    found: Callable[[int], list[Violation]],
    valid_vectors: list[dict[str, Any]],
    invalid_vectors: list[dict[str, Any]],
) -> None:
    for number, vector in enumerate(valid_vectors + invalid_vectors):
        body = vector["body"]
        assert checker.is_valid(vector["definition"], body) == (not found(number)), vector["name"]
        # A whole family takes the explaining library many times as long: every tenth has to do.
        if number % 10 == 0:
            ref = family_file(vector)
            assert checker.is_valid(ref, body) == (not checker.explain(ref, body)), vector["name"]


def test_the_subject_table_leads_to_the_definition_of_the_vector(
    valid_vectors: list[dict[str, Any]],
) -> None:
    tried = 0
    for vector in valid_vectors:
        for row in catalogue().subjects:
            if vector["definition"] in row.definitions.values():
                assert row.definition(vector["body"]) == vector["definition"]
                tried += 1
    assert tried > len(catalogue().subjects)


def test_names_of_vectors_are_unique(
    valid_vectors: list[dict[str, Any]], invalid_vectors: list[dict[str, Any]]
) -> None:
    for vectors in (valid_vectors, invalid_vectors):
        names = [(vector["file"], vector["name"]) for vector in vectors]
        assert len(names) == len(set(names))
