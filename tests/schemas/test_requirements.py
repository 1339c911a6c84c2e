"""The requirements that a broken schema stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from omnisession_conformance.protocol.schemas import schemas_folder

if TYPE_CHECKING:
    from omnisession_conformance.protocol.schemas.check import Checker


def test_every_requirement_that_can_be_named_is_in_the_registry(checker: Checker) -> None:
    text = (schemas_folder() / "requirements" / "1.0.yaml").read_text("utf-8")
    registry = {entry["id"] for entry in yaml.safe_load(text)["requirements"]}
    assert checker.requirements - registry == set()


def test_every_requirement_that_can_be_named_has_a_vector(
    checker: Checker, invalid_vectors: list[dict[str, Any]]
) -> None:
    assert {vector["requirement"] for vector in invalid_vectors} == checker.requirements
