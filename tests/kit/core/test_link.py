"""A flush is a barrier, and a cancellation is heeded even when it comes with the answer."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from nats.aio.msg import Msg

from omnisession_conformance.environment.access import at
from omnisession_conformance.traffic.connection import connect

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from nats.aio.client import Client

INFO = b'INFO {"server_id":"s","version":"2.11.0","max_payload":1048576,"headers":true}\r\n'


@contextlib.asynccontextmanager
async def connected(heard: bytearray) -> AsyncGenerator[Client]:
    """A client of a stand-in of a broker, which keeps what it reads and answers a PING only."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(INFO)
        while line := await reader.readline():
            heard.extend(line)
            if line == b"PING\r\n":
                writer.write(b"PONG\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    client = await connect(at(f"nats://127.0.0.1:{port}"))
    yield client
    await client.close()
    server.close()
    await server.wait_closed()


async def commands_before_the_second_ping() -> bytes:
    heard = bytearray()
    async with connected(heard) as client:
        heard.clear()
        await client.subscribe("here.>")  # pyright: ignore[reportUnknownMemberType]
        await client.publish("there", b"{}")
        await client.flush()
        return bytes(heard)


def test_a_flush_asks_after_what_was_queued() -> None:
    told = asyncio.run(commands_before_the_second_ping())
    assert [line.split(b" ")[0] for line in told.splitlines()] == [b"SUB", b"PUB", b"{}", b"PING"]


async def cancelled_with_its_answer() -> bool:
    """Cancel a request in the very turn of the loop in which its answer comes; whether it was heeded."""
    async with connected(bytearray()) as client:
        asking = asyncio.create_task(client.request("there", b"{}", 5))
        inbox = ""
        while not inbox:
            await asyncio.sleep(0)
            inbox = next(iter(client._resp_map), "")  # pyright: ignore[reportPrivateUsage, reportUnknownMemberType, reportUnknownArgumentType]
        await asyncio.sleep(0)
        client._resp_map[inbox].set_result(Msg(client, data=b"{}"))  # pyright: ignore[reportPrivateUsage, reportUnknownMemberType]
        asking.cancel()
        await asyncio.wait([asking])
        return asking.cancelled()


def test_a_cancellation_that_comes_with_the_answer_is_not_lost() -> None:
    assert asyncio.run(cancelled_with_its_answer())
