"""A server that somebody else runs, and runs that many tests look at."""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from tests.kit.command.tool import QUICK, SECRET, UNSEEN, Ran, clean_environment, omnisession
from tests.once import made_once

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A run of everything against the reference server."""

    def make(folder: Path) -> None:
        omnisession("check", cwd=folder).keep()

    return Ran.kept(made_once(tmp_path_factory, "whole", make))


@pytest.fixture(scope="session")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A run of a few checks, with a secret of its own."""

    def make(folder: Path) -> None:
        omnisession("check", "--secret", UNSEEN, *QUICK, cwd=folder).keep()

    ran = Ran.kept(made_once(tmp_path_factory, "quick", make))
    assert ran.code == 0, ran.out + ran.err
    return ran


def read_log(process: subprocess.Popen[str], ready: threading.Event) -> None:
    """Read the server's log to its end: a server that nobody listens to stops at a full pipe."""
    assert process.stderr is not None
    for line in process.stderr:
        if '"ready"' in line:
            ready.set()


@contextmanager
def serving(broker: str, *command: str) -> Generator[subprocess.Popen[str]]:
    """A server on a broker, run by somebody else than the kit."""
    environment = {**clean_environment(), "OMNISESSION_SECRET": SECRET, "NATS_URL": broker}
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
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


@pytest.fixture
def server(broker: str) -> Iterator[subprocess.Popen[str]]:
    """The reference server on a broker, run by somebody else than the kit."""
    with serving(broker, sys.executable, "-m", "omnisession_conformance", "serve") as process:
        yield process
