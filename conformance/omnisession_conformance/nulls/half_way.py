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
    from collections.abc import Sequence

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
    address = urlsplit(url if "://" in url else f"nats://{url}")

    async def join(server: StreamReader, to_server: StreamWriter) -> None:
        # Where there is no broker, or one side has left, the other is told by the end of its connection.
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            host, port = address.hostname or "127.0.0.1", address.port or BROKER_PORT
            broker, to_broker = await asyncio.open_connection(host, port)
            away = asyncio.create_task(hand_on_all(server, to_broker))
            try:
                await countdown.hand_on(broker, to_server)
            finally:
                away.cancel()
                to_broker.close()
        to_server.close()

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
    over, ended = asyncio.create_task(countdown.over.wait()), asyncio.create_task(process.wait())
    await asyncio.wait((over, ended), return_when=asyncio.FIRST_COMPLETED)
    if ended.done():
        over.cancel()
        return ended.result()
    process.kill()
    await ended
    return exit_code
