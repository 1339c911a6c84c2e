"""Finds the folder of schemas, vectors and requirements, which is data and no Python."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

_PACKAGE = "omnisession_schemas"
_MARK = Path("v1") / "subjects.json"


class SchemasNotFoundError(RuntimeError):
    """Neither an installed copy of the schemas nor a checkout that holds them was found."""


@cache
def schemas_folder() -> Path:
    """Return the folder that has `v1/`, `requirements/` and `vectors/`.

    An installed wheel carries it as the package `omnisession_schemas`; a checkout has it as
    `schemas/` above this file. Raises `SchemasNotFoundError` when there is neither.
    """
    here = Path(__file__).resolve()
    for folder in (*_installed(), *(parent / "schemas" for parent in here.parents)):
        if (folder / _MARK).is_file():
            return folder
    raise SchemasNotFoundError(
        f"No protocol schemas found: there is no package {_PACKAGE} with {_MARK.as_posix()}, "
        f"and no folder above {here} has schemas/{_MARK.as_posix()}. "
        "Install the omnisession wheel again, or run from a complete checkout."
    )


def _installed() -> tuple[Path, ...]:
    spec = find_spec(_PACKAGE)
    if spec is None or spec.submodule_search_locations is None:
        return ()
    return tuple(Path(location) for location in spec.submodule_search_locations)
