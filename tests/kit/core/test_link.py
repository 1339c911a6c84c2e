"""A flush is a barrier: what was queued before it reaches the broker before its PING does."""

from __future__ import annotations

import asyncio

from omnisession_conformance.link import connect

INFO = b'INFO {"server_id":"s","version":"2.11.0","max_payload":1048576,"headers":true}\r\n'


async def commands_before_the_second_ping() -> bytes:
    """Talk to a stand-in of a broker that keeps what it reads."""
    heard = bytearray()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(INFO)
        while line := await reader.readline():
            heard.extend(line)
            if line == b"PING\r\n":
                writer.write(b"PONG\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    client = await connect(f"nats://127.0.0.1:{port}", {})
    heard.clear()
    await client.subscribe("here.>")  # pyright: ignore[reportUnknownMemberType]
    await client.publish("there", b"{}")
    await client.flush()
    told = bytes(heard)
    await client.close()
    server.close()
    await server.wait_closed()
    return told


def test_a_flush_asks_after_what_was_queued() -> None:
    told = asyncio.run(commands_before_the_second_ping())
    assert [line.split(b" ")[0] for line in told.splitlines()] == [b"SUB", b"PUB", b"{}", b"PING"]
