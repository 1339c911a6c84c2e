"""Runs a nats-server with lines of configuration of its own."""

from __future__ import annotations

import contextlib
import json
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from omnisession_conformance.environment.broker import find_binary

if TYPE_CHECKING:
    from collections.abc import Generator

PATIENCE_S = 20


@contextlib.contextmanager
def nats_server(configuration: str) -> Generator[dict[str, str]]:
    """A broker on free ports; gives HOST:PORT of it by what listens there: `nats`, `websocket`."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "nats.conf"
        file.write_text(
            f'listen: "127.0.0.1:-1"\nports_file_dir: "{folder}"\n{configuration}', "utf-8"
        )
        log = Path(folder) / "log"
        with log.open("w") as out:
            process = subprocess.Popen([find_binary(), "-c", file], stderr=out)
        try:
            yield places(Path(folder), process, log)
        finally:
            process.terminate()
            process.wait(PATIENCE_S)


def places(folder: Path, process: subprocess.Popen[bytes], log: Path) -> dict[str, str]:
    """HOST:PORT of a broker that was just started, by what listens there."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and process.poll() is None:
        for path in folder.glob("*.ports"):
            with contextlib.suppress(ValueError):  # it may be half written
                told: dict[str, list[str]] = json.loads(path.read_text("utf-8"))
                return {name: urls[0].partition("://")[2] for name, urls in told.items()}
        time.sleep(0.01)
    raise TimeoutError(f"the broker did not start: {log.read_text('utf-8')}")
