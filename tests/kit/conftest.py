"""A real broker for the tests that need one, and the command in this process."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest
from tests.kit.command.inside import Inside

from omnisession_conformance.environment.broker import embedded_broker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def broker() -> Iterator[str]:
    """The URL of a broker that lives as long as the test."""
    url: list[str] = []
    up, done = threading.Event(), threading.Event()

    async def serve() -> None:
        async with embedded_broker() as running:
            url.append(running.url)
            up.set()
            await asyncio.to_thread(done.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    try:
        assert up.wait(15), "the broker did not come up"
        yield url[0]
    finally:
        done.set()
        thread.join(15)


@pytest.fixture
def inside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Inside:
    """The command in this process, in an empty folder."""
    return Inside(tmp_path, monkeypatch, capsys)
