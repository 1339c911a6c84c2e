"""The requirements that a broken schema stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.registry import entries

if TYPE_CHECKING:
    from omnisession_conformance.protocol.schemas.check import Checker


def test_every_requirement_that_can_be_named_is_in_the_registry(checker: Checker) -> None:
    registry = {entry["id"] for entry in entries()}
    assert checker.requirements - registry == set()


def test_every_requirement_that_can_be_named_has_a_vector(
    checker: Checker, invalid_vectors: list[dict[str, Any]]
) -> None:
    assert {vector["requirement"] for vector in invalid_vectors} == checker.requirements
