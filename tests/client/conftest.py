"""What tests of clients share: the reference server at a broker of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.client import scenes
from tests.reference.broker import broker, server

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.client.scenes.stage import Log


@pytest.fixture(name="server_url", scope="module")
def running_server() -> Generator[str]:
    """The address of a broker at which the reference server is."""
    with broker() as url, server(url):
        yield url


@pytest.fixture(scope="session")
def right() -> tuple[Log, ...]:
    """What the right client does in each scene, made before another one can be in force."""
    return scenes.logs()
