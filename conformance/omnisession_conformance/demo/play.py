"""The demo as a whole: a broker, a server and a page, each started again or ended by its handle."""

from __future__ import annotations

import contextlib
import secrets
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from omnisession_conformance.demo.people import with_tokens
from omnisession_conformance.demo.web import HOST, Page
from omnisession_conformance.environment.broker import TAKEN, TRIES, find_binary
from omnisession_conformance.environment.node import Node, free_ports
from omnisession_conformance.environment.supervisor import KeptNode, KeptServer, keep
from omnisession_conformance.environment.topology import Link
from omnisession_conformance.errors import BrokerError

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncGenerator, Callable, Mapping, Sequence

LISTENS = """\
websocket {{ listen: "{host}:{port}", no_tls: true, allowed_origins: [{origins}] }}
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is played: the command of the server, the files of the page, and its port, 0 for a free one."""

    command: Sequence[str]
    files: Mapping[str, bytes]
    port: int = 0


async def play(
    wanted: Wanted, told: Callable[[str], None], say: Callable[[str], None], end: asyncio.Event
) -> None:
    """Play until `end`; `told` is given the address once the page is there, `say` what went wrong.

    Raises UsageError where the port is taken, and BrokerError or TargetError where broker or server cannot
    be had, or end again and again.
    """
    page, secret = Page(wanted.port, wanted.files), secrets.token_urlsafe(32)
    with contextlib.closing(page):
        async with _broker(page) as broker, _server(wanted.command, broker.url, secret) as server:
            with page.serving(broker.websocket_url, partial(with_tokens, secret)):
                told(page.url)
                await keep((KeptNode("the broker", broker), server), say, end)


@contextlib.asynccontextmanager
async def _broker(page: Page) -> AsyncGenerator[Node]:
    """A broker that takes WebSocket from this page alone, at a port that it keeps over its starts."""
    program = find_binary()
    with tempfile.TemporaryDirectory(prefix="omnisession-") as folder:
        for left in reversed(range(TRIES)):
            node = _node(program, Path(folder), page)
            try:
                await node.start()
                break
            except BrokerError as error:
                # The port was free, and somebody else has it by now.
                if TAKEN not in str(error) or not left:
                    raise
        else:
            raise AssertionError("unreachable: the last error is raised")
        try:
            yield node
        finally:
            await node.stop()


def _node(program: Path, folder: Path, page: Page) -> Node:
    (port,) = free_ports(1)
    origins = ", ".join(f'"{origin}"' for origin in page.origins)
    more = LISTENS.format(host=HOST, port=port, origins=origins)
    return Node("demo", program, folder / "demo", Link(), more)


@contextlib.asynccontextmanager
async def _server(command: Sequence[str], url: str, secret: str) -> AsyncGenerator[KeptServer]:
    env = {"NATS_URL": url, "OMNISESSION_SECRET": secret}
    server = KeptServer("the server", command, env)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
