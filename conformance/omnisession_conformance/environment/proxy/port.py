"""The port that clients find the proxy at: open, or shut while nobody else can take it."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable

HOST = "127.0.0.1"
BACKLOG = 256


class Port:
    """A port of the loopback that listens, refuses, or takes connections and closes them."""

    def __init__(self, client: Callable[[], asyncio.Protocol]) -> None:
        self._client = client
        # Bound and never listening, it keeps the port while that is shut.
        self._kept = _bound(0)
        self._server: asyncio.Server | None = None
        self._opening: asyncio.Task[None] | None = None
        self._refusing = 0
        self._closing = 0
        self.turned_away = 0
        """How many connections were taken and closed."""

    @property
    def number(self) -> int:
        """The port."""
        return cast("int", self._kept.getsockname()[1])

    async def open(self) -> None:
        """Listen."""
        await self._serve(_listening(self.number))

    def shut(self, *, refused: bool) -> None:
        """From now on nobody gets a connection."""
        if not refused:
            self._closing += 1
            return
        self._refusing += 1
        if self._server is not None:
            self._server.close()
            self._server = None

    def unshut(self, *, refused: bool) -> None:
        """Take back what `shut` did; the last one opens the port."""
        if not refused:
            self._closing -= 1
            return
        self._refusing -= 1
        if not self._refusing:
            serving = self._serve(_listening(self.number))
            self._opening = asyncio.get_running_loop().create_task(serving)

    async def close(self) -> None:
        """Give the port back; it is shut, and all connections have ended before."""
        if self._opening is not None:
            await self._opening
        self._kept.close()

    async def _serve(self, listening: socket.socket) -> None:
        server = await asyncio.get_running_loop().create_server(
            self._accept, sock=listening, backlog=BACKLOG
        )
        if self._refusing:
            server.close()
        else:
            self._server = server

    def _accept(self) -> asyncio.Protocol:
        # A connection may be on its way here when the port is shut.
        if not (self._closing or self._refusing):
            return self._client()
        self.turned_away += 1
        return _Closed()


class _Closed(asyncio.Protocol):
    """Closes a connection that was taken."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast("asyncio.Transport", transport).abort()


def _bound(port: int) -> socket.socket:
    # The loop lets small writes go at once only where it is told that this is TCP.
    one = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        one.setblocking(False)
        one.bind((HOST, port))
    except BaseException:
        one.close()
        raise
    return one


def _listening(port: int) -> socket.socket:
    """Who connects from now on is taken, though it may wait a moment."""
    one = _bound(port)
    one.listen(BACKLOG)
    return one
