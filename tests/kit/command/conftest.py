"""A server that somebody else runs, and the command in this process."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from tests.kit.command.inside import Inside
from tests.kit.command.tool import SECRET, clean_environment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def inside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Inside:
    """The command in this process, in an empty folder."""
    return Inside(tmp_path, monkeypatch, capsys)


def read_log(process: subprocess.Popen[str], ready: threading.Event) -> None:
    """Read the server's log to its end: a server that nobody listens to stops at a full pipe."""
    assert process.stderr is not None
    for line in process.stderr:
        if '"ready"' in line:
            ready.set()


@pytest.fixture
def server(broker: str) -> Iterator[subprocess.Popen[str]]:
    """The reference server on a broker, run by somebody else than the kit."""
    process = subprocess.Popen(
        [sys.executable, "-m", "omnisession_conformance", "serve", "--nats", broker],
        env={**clean_environment(), "OMNISESSION_SECRET": SECRET},
        stderr=subprocess.PIPE,
        text=True,
    )
    ready = threading.Event()
    reader = threading.Thread(target=read_log, args=(process, ready))
    reader.start()
    try:
        assert ready.wait(30), "the server did not come up"
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)
        reader.join()
        if process.stderr is not None:
            process.stderr.close()
