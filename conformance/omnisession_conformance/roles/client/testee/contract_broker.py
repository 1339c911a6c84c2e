"""The broker that carries the contract alone: the one under the sessions gets cut, and is listened to."""

from __future__ import annotations

import contextlib
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from omnisession_conformance.environment.broker import TAKEN, find_binary
from omnisession_conformance.environment.carriers import ATTACH_PORT, ATTACH_WEB_PORT
from omnisession_conformance.environment.node import Node
from omnisession_conformance.environment.topology import Link
from omnisession_conformance.errors import BrokerError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

TAKES_MB = 16
"""More than an answer may have, so that one that is too long is told as that."""
_MORE = """\
max_payload: {takes}MB
websocket {{ listen: "127.0.0.1:{port}", no_tls: true }}
"""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where a broker listens on the loopback, for TCP and for WebSocket; anywhere that is free by -1."""

    nats: int = -1
    websocket: int = -1


ANY = Ports()
KNOWN = Ports(ATTACH_PORT, ATTACH_WEB_PORT)
"""For a client that runs already."""


@contextlib.asynccontextmanager
async def contract_broker(program: Path | None = None, ports: Ports = ANY) -> AsyncGenerator[Node]:
    """Run one for the length of the block; BrokerError where it does not come up."""
    more = _MORE.format(takes=TAKES_MB, port=ports.websocket)
    with tempfile.TemporaryDirectory(prefix="omnisession-") as folder:
        node = Node(
            "contract",
            program or find_binary(),
            Path(folder) / "contract",
            Link(),
            more,
            ports.nats,
        )
        try:
            await node.start()
            yield node
        except BrokerError as error:
            if TAKEN not in str(error):
                raise
            raise BrokerError(
                f"The ports {ports.nats} and {ports.websocket} of 127.0.0.1 are for the client that is "
                "attached to, and one of them is taken: does another run wait for a client?"
            ) from None
        finally:
            await node.stop()
