"""A process that answers each request with what it got: `python -m tests.durable.figures.echo URLS`."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from tests.durable.figures.loads import ECHO, connected

if TYPE_CHECKING:
    from nats.aio.msg import Msg


async def _answer(message: Msg) -> None:
    await message.respond(message.data)


async def _serve(url: str) -> None:
    connection = await connected(url)
    await connection.subscribe(ECHO, cb=_answer)  # pyright: ignore[reportUnknownMemberType]
    await connection.flush()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1]))
