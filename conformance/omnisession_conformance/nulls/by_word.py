"""A real server that says that what it has acked outlives it, and keeps everything in its memory.

This stands between the server and the broker, as `half_way` does, and adds the profile to what it says.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING

from omnisession_conformance.nulls.half_way import READ_SIZE, run_behind
from omnisession_conformance.protocol.json import as_list, as_object

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter
    from collections.abc import Sequence

DURABLE = "durable"
_END = b"\r\n"


def declaring(payload: bytes) -> bytes:
    """The same, with the profile among those that a `session.opened` tells."""
    if b'"session.opened"' not in payload:
        return payload
    body = as_object(json.loads(payload))
    data = as_object(body.get("data"))
    data["profiles"] = [*as_list(data.get("profiles")), DURABLE]
    return json.dumps({**body, "data": data}).encode()


def declaring_operation(line: bytes, body: bytes) -> bytes:
    """An operation of a publisher, with its payload as `declaring` has it; `body` is behind its line."""
    words = line.split()
    payload = len(body) - len(_END)
    headers = int(words[-2]) if words[0] == b"HPUB" else 0
    said = body[:headers] + declaring(body[headers:payload])
    return b" ".join((*words[:-1], b"%d" % len(said))) + _END + said + _END


async def declare_all(server: StreamReader, broker: StreamWriter) -> None:
    """Hand on what the server sends, and declare the profile wherever it opens a session."""
    with contextlib.suppress(OSError, asyncio.IncompleteReadError):
        while line := await server.readline():
            if line.startswith((b"PUB ", b"HPUB ")):
                body = await server.readexactly(int(line.split()[-1]) + len(_END))
                line = declaring_operation(line, body)
            broker.write(line)
            await broker.drain()
    broker.close()


async def hand_on_all(broker: StreamReader, server: StreamWriter) -> None:
    """Hand on what the broker sends, until it has left."""
    while data := await broker.read(READ_SIZE):
        server.write(data)
        await server.drain()


async def run_by_word(command: Sequence[str], url: str) -> int:
    """Run a server that declares what it is not; return its exit code."""
    return await run_behind(command, url, hand_on_all, declare_all)
