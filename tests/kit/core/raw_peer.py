"""A peer that publishes what no client library would."""

from __future__ import annotations

import asyncio

RAW = (
    b'CONNECT {"headers":true,"verbose":false}\r\n'
    b"PUB user.actions.\xff 2\r\n{}\r\n"
    b"PUB odd\x0csubject 2\r\n{}\r\n"
    b"PUB odd\x0bsubject odd\x0creply 2\r\n{}\r\n"
    b"HPUB plain 15 17\r\nNATS/1.0\r\n\xff\r\n\r\n{}\r\n"
    b"PUB session.u.s.state 0\r\n\r\n"
    b"PING\r\n"
)


async def publish_raw(url: str) -> None:
    """Write `RAW` to a broker, and return when it has answered what came last."""
    host, _, port = url.removeprefix("nats://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(RAW)
    await writer.drain()
    told = b""
    while not told.endswith(b"PONG\r\n"):
        more = await asyncio.wait_for(reader.read(4096), 5)
        assert more, f"the broker hung up: {told!r}"
        told += more
    writer.close()
    await writer.wait_closed()
