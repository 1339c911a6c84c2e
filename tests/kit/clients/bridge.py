"""Puts an adapter of lines on a subject: `python -m tests.kit.clients.bridge COMMAND…`.

It is told what `docs/reference/testee.md` says by the environment, and ends when its adapter does. The
variable BRIDGE says what it does wrong: `silent` is never ready, `hasty` is ready and takes no requests,
`again` is ready twice, `leaves` gives up its connection at the first report.
"""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING

from omnisession_conformance.environment.access import at
from omnisession_conformance.traffic.connection import connect

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.aio.msg import Msg

LONGEST = 2**26
HOW = os.environ.get("BRIDGE", "")


async def take(adapter: asyncio.subprocess.Process, client: Client, subject: str) -> None:
    """Carry requests in and answers out; one that answers nothing goes where the last is expected."""
    replies: dict[bytes, str] = {}
    leaving: list[asyncio.Task[None]] = []
    assert adapter.stdin is not None
    stdin = adapter.stdin

    async def asked(msg: Msg) -> None:
        # An id is the first member, as the kit writes it.
        replies[msg.data.partition(b",")[0].rpartition(b" ")[2]] = msg.reply
        stdin.write(msg.data)
        if HOW == "leaves" and b'"report"' in msg.data:
            leaving.append(asyncio.create_task(client.close()))

    if HOW != "hasty":
        await client.subscribe(subject, cb=asked)  # pyright: ignore[reportUnknownMemberType]
    if HOW != "silent":
        await client.publish(f"{subject}.ready", b"{}")
        await client.flush()
    assert adapter.stdout is not None
    while line := await adapter.stdout.readline():
        number = line.partition(b",")[0].rpartition(b" ")[2]
        reply = replies.get(number) or list(replies.values())[-1]
        if not client.is_closed:
            await client.publish(reply, line.rstrip(b"\n"))
            if HOW == "again":
                await client.publish(f"{subject}.ready", b"{}")


async def main(command: list[str]) -> int:
    """Run the adapter, and go on until it ends."""
    adapter = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "OMNISESSION_TESTEE": "lines"},
        limit=LONGEST,
    )
    client = await connect(at(os.environ["NATS_URL"]))
    try:
        await take(adapter, client, os.environ["OMNISESSION_TESTEE_SUBJECT"])
    finally:
        await client.close()
    return await adapter.wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
