"""The schemas as documents, the checker and the vectors, for all tests of this folder."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from omnisession_conformance.protocol.schemas import schemas_folder
from omnisession_conformance.protocol.schemas.check import Checker

if TYPE_CHECKING:
    from collections.abc import Iterator

Vector = dict[str, Any]


@pytest.fixture(scope="session")
def checker() -> Checker:
    return Checker()


@pytest.fixture(scope="session")
def documents(checker: Checker) -> dict[str, Any]:
    return dict(checker.documents)


@pytest.fixture(scope="session")
def valid_vectors() -> list[Vector]:
    return list(_load("valid"))


@pytest.fixture(scope="session")
def invalid_vectors() -> list[Vector]:
    return list(_load("invalid"))


def _load(verdict: str) -> Iterator[Vector]:
    """Yield the vectors of every message type, with the file as `family/type`."""
    folder = schemas_folder() / "vectors" / verdict
    for path in sorted(folder.glob("*/*.json")):
        for vector in json.loads(path.read_text("utf-8")):
            yield {"file": f"{path.parent.name}/{path.stem}", **vector}
