"""The page as it is built, and a browser to open it in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.kit.demo.browser import Browser
from tests.typescript.building import built

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@pytest.fixture(scope="session")
def built_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the page."""
    return built(tmp_path_factory, "the page of the demo") / "demo"


@pytest.fixture
def browser(tmp_path: Path) -> Generator[Browser]:
    with Browser(tmp_path) as one:
        yield one
        assert one.thrown == []
