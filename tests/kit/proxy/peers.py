"""Peers of a proxy that say what they are told to: a client over a bare socket, a broker that is none."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

PATIENCE_S = 20
INFO = b'INFO {"server_id":"s","host":"0.0.0.0","port":1,"max_payload":1048576,"headers":true}\r\n'
HELLO = b'CONNECT {"name":"bare","verbose":false,"headers":true,"no_responders":true}\r\nPING\r\n'


@dataclass
class Bare:
    """A connection that is read line by line."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def say(self, data: bytes) -> None:
        self.writer.write(data)

    async def line(self) -> bytes:
        """The next line, without its end; empty at the end of all."""
        async with asyncio.timeout(PATIENCE_S):
            return (await self.reader.readline()).rstrip(b"\r\n ")

    async def lines(self, number: int) -> list[bytes]:
        return [await self.line() for _ in range(number)]

    async def until(self, last: bytes) -> list[bytes]:
        """The lines up to one, and that one."""
        told = [await self.line()]
        while told[-1] != last:
            assert told[-1], f"the connection ended before {last!r}: {told}"
            told.append(await self.line())
        return told

    async def ended(self) -> None:
        """Wait for the end, whichever way it comes."""
        async with asyncio.timeout(PATIENCE_S):
            with contextlib.suppress(ConnectionError):
                while await self.reader.read(1 << 16):
                    pass

    def close(self) -> None:
        self.writer.close()


@contextlib.asynccontextmanager
async def bare(url: str) -> AsyncGenerator[Bare]:
    """A client that has said nothing yet."""
    place = urlsplit(url)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    try:
        yield Bare(reader, writer)
    finally:
        writer.transport.abort()


async def shaken(client: Bare, hello: bytes = HELLO) -> None:
    """Do what a library does first."""
    assert (await client.line()).startswith(b"INFO ")
    client.say(hello)
    assert await client.line() == b"PONG"


@dataclass
class StandIn:
    """A broker that says nothing but its INFO by itself; `clients` come as they connect."""

    url: str
    clients: asyncio.Queue[Bare] = field(default_factory=asyncio.Queue[Bare])

    async def behind(self) -> Bare:
        """The first client that comes through a proxy: before that, the proxy has looked at the INFO."""
        async with asyncio.timeout(PATIENCE_S):
            await self.clients.get()
            return await self.clients.get()


@contextlib.asynccontextmanager
async def stand_in(info: bytes = INFO) -> AsyncGenerator[StandIn]:
    """A stand-in of a broker; who uses it waits for its clients, or their sockets outlive the test."""
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        writer.write(info)
        told.clients.put_nowait(Bare(reader, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    told = StandIn(f"nats://127.0.0.1:{port}")
    try:
        yield told
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()
        await server.wait_closed()
