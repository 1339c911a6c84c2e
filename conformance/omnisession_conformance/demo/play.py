"""The demo as a whole: a broker, a server and a page, each started again or ended by its handle."""

from __future__ import annotations

import asyncio
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
from omnisession_conformance.environment.target import SpawnedTarget
from omnisession_conformance.environment.topology import Link
from omnisession_conformance.errors import BrokerError, TargetError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping, Sequence

LISTENS = """\
websocket {{ listen: "{host}:{port}", no_tls: true, allowed_origins: [{origins}] }}
"""
SETTLED_S = 5.0
"""What has run for so long was well; what ends sooner, again and again, will not become so."""
MOST_SHORT = 3


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
    page = Page(wanted.port, wanted.files)
    with contextlib.closing(page):
        async with _broker(page) as broker, _server(wanted.command, broker.url) as server:
            with page.serving(broker.websocket_url, partial(with_tokens, server.secret)):
                told(page.url)
                await _watch(broker, server, say, end)


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


@dataclass(slots=True)
class Server:
    """The session server as a process of its own, and the secret by which it knows its users."""

    target: SpawnedTarget
    secret: str
    ended: asyncio.Event

    async def start(self) -> None:
        """Start it, or start it again; TargetError where it cannot be."""
        self.ended.clear()
        await self.target.start()

    def why(self) -> str:
        """The end of what it said."""
        return self.target.tail() or "(it said nothing)"


@contextlib.asynccontextmanager
async def _server(command: Sequence[str], url: str) -> AsyncGenerator[Server]:
    secret, ended = secrets.token_urlsafe(32), asyncio.Event()
    env = {"NATS_URL": url, "OMNISESSION_SECRET": secret}
    target = SpawnedTarget(command, env, on_exit=lambda _: ended.set())
    server = Server(target, secret, ended)
    await server.start()
    try:
        yield server
    finally:
        await target.stop()


async def _watch(
    broker: Node, server: Server, say: Callable[[str], None], end: asyncio.Event
) -> None:
    """Start again what has ended, until the end is asked for."""
    async with asyncio.TaskGroup() as group:
        again = (
            group.create_task(_keep_broker(broker, say)),
            group.create_task(_keep_server(server, say)),
        )
        await end.wait()
        for task in again:
            task.cancel()


async def _keep_broker(broker: Node, say: Callable[[str], None]) -> None:
    ends = _Ends()
    while broker.child is not None:
        await broker.child.process.wait()
        if ends.too_many():
            raise BrokerError(f"The broker ends again and again. It said:\n{_said(broker)}")
        say("the broker has ended, and is started again")
        await broker.start()


def _said(broker: Node) -> str:
    return "\n".join(broker.child.output if broker.child is not None else ())


async def _keep_server(server: Server, say: Callable[[str], None]) -> None:
    ends = _Ends()
    while True:
        await server.ended.wait()
        if ends.too_many():
            raise TargetError(f"The server ends again and again. It said:\n{server.why()}")
        say("the server has ended, and is started again")
        await server.start()


class _Ends:
    """Counts the ends that came soon after a start."""

    def __init__(self) -> None:
        self._short = 0
        self._since = asyncio.get_running_loop().time()

    def too_many(self) -> bool:
        """Note one more end; whether it is one too many."""
        now = asyncio.get_running_loop().time()
        self._short = self._short + 1 if now - self._since < SETTLED_S else 0
        self._since = now
        return self._short >= MOST_SHORT
