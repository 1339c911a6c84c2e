"""A real server whose process ends after some messages, in the middle of whatever it was at.

It stands between the server and the broker, hands everything on as it is, and counts what comes.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from omnisession_conformance.errors import UsageError

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter
    from collections.abc import Awaitable, Callable, Sequence

    HandOn = Callable[[StreamReader, StreamWriter], Awaitable[None]]

BROKER_PORT = 4222
READ_SIZE = 65_536
_DELIVERIES = (b"MSG ", b"HMSG ")


class Countdown:
    """Lets some messages through, and then none."""

    def __init__(self, messages: int) -> None:
        self.left = messages
        self.over = asyncio.Event()

    async def hand_on(self, broker: StreamReader, server: StreamWriter) -> None:
        """Hand on what the broker sends, until the messages are used up or it has left."""
        while line := await broker.readline():
            body = b""
            if line.startswith(_DELIVERIES):
                if self.left == 0:
                    self.over.set()
                    return
                self.left -= 1
                body = await broker.readexactly(int(line.split()[-1]) + 2)
            server.write(line + body)
            await server.drain()


async def hand_on_all(server: StreamReader, broker: StreamWriter) -> None:
    """Hand on what the server sends, until it has left; then the broker has nobody to send to."""
    with contextlib.suppress(OSError):
        while data := await server.read(READ_SIZE):
            broker.write(data)
            await broker.drain()
    broker.close()


async def run_half_way(command: Sequence[str], url: str, messages: int, exit_code: int) -> int:
    """Run a server until `messages` have come; return `exit_code` then, or its own if it ended first."""
    countdown = Countdown(messages)
    ended = await run_behind(command, url, countdown.hand_on, hand_on_all, countdown.over)
    return exit_code if countdown.over.is_set() else ended


async def run_behind(
    command: Sequence[str],
    url: str,
    to_server: HandOn,
    to_broker: HandOn,
    over: asyncio.Event | None = None,
) -> int:
    """Run a server behind what hands on the messages both ways; return its exit code.

    It is killed once it is `over`. Raises UsageError for a command that cannot be run.
    """
    address = urlsplit(url if "://" in url else f"nats://{url}")

    async def join(server: StreamReader, server_writes: StreamWriter) -> None:
        # Where there is no broker, or one side has left, the other is told by the end of its connection.
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            host, port = address.hostname or "127.0.0.1", address.port or BROKER_PORT
            broker, broker_writes = await asyncio.open_connection(host, port)
            away = asyncio.ensure_future(to_broker(server, broker_writes))
            try:
                await to_server(broker, server_writes)
            finally:
                away.cancel()
                broker_writes.close()
        server_writes.close()

    proxy = await asyncio.start_server(join, "127.0.0.1", 0)
    port = proxy.sockets[0].getsockname()[1]
    user = f"{address.netloc.rpartition('@')[0]}@" if "@" in address.netloc else ""
    near = urlunsplit(address._replace(netloc=f"{user}127.0.0.1:{port}"))
    try:
        process = await asyncio.create_subprocess_exec(
            *command, env={**os.environ, "NATS_URL": near}
        )
    except OSError as error:
        raise UsageError(f"cannot run {command[0]!r}: {error.strerror}") from error
    killed = asyncio.create_task((over or asyncio.Event()).wait())
    ended = asyncio.create_task(process.wait())
    await asyncio.wait((killed, ended), return_when=asyncio.FIRST_COMPLETED)
    if not ended.done():
        process.kill()
    killed.cancel()
    return await ended
