"""The wheel carries schemas and page as they are; an editable install reads both in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hatch_build import PAGE, SCHEMAS, DataHook

from omnisession_conformance.demo import files
from omnisession_conformance.protocol.schemas.location import schemas_folder

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = "omnisession_conformance"


def included(root: Path, version: str = "standard") -> dict[str, str]:
    """What the hook puts where, from a checkout in a folder."""
    told: dict[str, Any] = {"force_include": {}}
    hook = DataHook(str(root), {}, None, None, str(root), "wheel")  # pyright: ignore[reportArgumentType, reportUnknownVariableType]
    hook.initialize(version, told)
    return told["force_include"]


def test_a_page_that_is_built_goes_into_the_wheel(tmp_path: Path) -> None:
    (tmp_path / PAGE[0]).mkdir(parents=True)
    wanted = {str(tmp_path / here): place for here, place in (SCHEMAS, PAGE)}
    assert included(tmp_path) == wanted


def test_a_wheel_without_it_is_a_wheel_all_the_same(tmp_path: Path) -> None:
    assert included(tmp_path) == {str(tmp_path / SCHEMAS[0]): SCHEMAS[1]}


def test_an_editable_install_has_no_copy(tmp_path: Path) -> None:
    assert included(tmp_path, "editable") == {}


def test_the_places_are_those_where_the_kit_looks() -> None:
    package = files.IN_WHEEL.parents[1]
    assert package.name == PACKAGE
    assert files.IN_WHEEL.relative_to(package.parent).as_posix() == PAGE[1]
    assert files.BUILT.as_posix() == PAGE[0]
    assert schemas_folder().name == SCHEMAS[0]
