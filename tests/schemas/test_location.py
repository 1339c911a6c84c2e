"""Where the schemas are looked for."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from omnisession_conformance.protocol.schemas import SchemasNotFoundError, location, schemas_folder

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    schemas_folder.cache_clear()
    yield
    schemas_folder.cache_clear()


def test_a_checkout_has_them_beside_the_packages() -> None:
    assert schemas_folder() == Path(__file__).resolve().parents[2] / "schemas"


def test_an_installed_copy_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = tmp_path / "omnisession_schemas" / "v1" / "subjects.json"
    mark.parent.mkdir(parents=True)
    mark.write_text("{}")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    assert schemas_folder() == tmp_path / "omnisession_schemas"


def test_when_there_are_none_both_ways_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(location, "__file__", str(tmp_path / "location.py"))
    with pytest.raises(SchemasNotFoundError) as caught:
        schemas_folder()
    assert "package omnisession_schemas" in str(caught.value)
    assert "schemas/v1/subjects.json" in str(caught.value)
    assert "complete checkout" in str(caught.value)
