"""Where the files of the demo's page are: in the wheel, or where a checkout has built them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from omnisession_conformance.errors import KitError, UsageError, sentence
from omnisession_conformance.files import MB, read_file

if TYPE_CHECKING:
    from collections.abc import Mapping

TYPES = {
    "index.html": "text/html; charset=utf-8",
    "demo.js": "text/javascript; charset=utf-8",
    "style.css": "text/css; charset=utf-8",
}
"""All files of the page, with what a browser is told that they are."""
IN_WHEEL = Path(__file__).with_name("page")
BUILT = Path("implementations", "typescript", "dist", "demo")
BUILD = "implementations/typescript/build.sh"


def page_files(folders: tuple[Path, ...] | None = None) -> Mapping[str, bytes]:
    """The files by their names; KitError where the page has not been built."""
    for folder in _folders() if folders is None else folders:
        if (folder / "index.html").is_file():
            return {name: _read(folder / name) for name in TYPES}
    raise KitError(
        f"The page of the demo has not been built. In a checkout run {BUILD}, which needs Node.js, and "
        "where the kit was installed from there, install it again."
    )


def _folders() -> tuple[Path, ...]:
    here = Path(__file__).resolve()
    return (IN_WHEEL, *(parent / BUILT for parent in here.parents))


def _read(path: Path) -> bytes:
    try:
        return read_file(path, MB)
    except OSError as error:
        raise UsageError(
            f"The page of the demo is not whole: {sentence(error)}. Build it again by {BUILD}."
        ) from error
