"""Builds the Go server, and starts it and the reference on brokers of their own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import nats.errors
from tests.needs import program, untested
from tests.reference.bench import SECRET
from tests.reference.broker import PATIENCE_S, Peer, broker

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

SOURCE = Path(__file__).resolve().parents[2] / "implementations" / "go"
REFERENCE = (sys.executable, "-m", "omnisession_reference")
NETWORK_FAULTS = ("dial tcp", "no such host", "i/o timeout", "TLS handshake timeout", "GOPROXY=off")
BUILD_S = 300


def build(folder: Path, name: str = "omnisession-server") -> Path:
    """Build a Go program; without Go, or without a network for its modules, nothing is tested."""
    modules = _go("mod", "download")
    if modules.returncode != 0 and any(fault in modules.stderr for fault in NETWORK_FAULTS):
        first = modules.stderr.strip().splitlines()[0]
        untested(f"the server in Go: its modules could not be downloaded: {first}")
    assert modules.returncode == 0, modules.stderr
    made = folder / name
    built = _go("build", "-o", str(made), f"./cmd/{name}")
    assert built.returncode == 0, built.stderr
    return made


def _go(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program("go"), *arguments],
        cwd=SOURCE,
        capture_output=True,
        text=True,
        timeout=BUILD_S,
        check=False,
    )


@contextlib.contextmanager
def running(command: Sequence[str]) -> Generator[str]:
    """Run a server on a broker of its own and give the broker's address; it has to stop well."""
    with started(command) as (url, _):
        yield url


@contextlib.contextmanager
def started(command: Sequence[str]) -> Generator[tuple[str, int]]:
    """Run a server as `running` does, and give its process id as well."""
    with broker() as url:
        process = subprocess.Popen(
            command,
            env={**os.environ, "NATS_URL": url, "OMNISESSION_SECRET": SECRET},
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            asyncio.run(_until_it_answers(url, process))
            yield url, process.pid
            process.terminate()
            _, log = process.communicate(timeout=PATIENCE_S)
            assert process.returncode == 0, log
        finally:
            process.kill()
            process.communicate()


async def _until_it_answers(url: str, process: subprocess.Popen[str]) -> None:
    """Ask until somebody listens: the broker says at once that nobody does."""
    peer = await Peer.connect(url, "$JS.none")
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(nats.errors.NoRespondersError):
            await peer.connection.request("session.nobody.none.control", b"{}", timeout=PATIENCE_S)
            break
        await asyncio.sleep(0.01)
    else:
        raise TimeoutError("the server did not start")
    await peer.connection.close()
