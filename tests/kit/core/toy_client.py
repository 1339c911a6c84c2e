"""A client of a few lines: asks `session.open` once it is told to go, and waits for its answer.

It is told the broker by NATS_URL, as any target is.
"""

from __future__ import annotations

import asyncio
import json
import os

from omnisession_conformance.environment.access import at
from omnisession_conformance.traffic.connection import connect

SUBJECT = "session.ann.s-1.control"
GO, DONE = "toy.go", "toy.done"


async def main() -> None:
    client = await connect(at(os.environ["NATS_URL"]), name="toy")
    go = await client.subscribe(GO)  # pyright: ignore[reportUnknownMemberType]
    await client.flush()
    while True:
        message = await go.next_msg(timeout=None)
        if message.data == b"ready?":
            await message.respond(b"{}")
            continue
        body = {"v": "1.0", "type": "session.open", "user_id": "ann", "session_id": "s-1"}
        answer = await client.request(SUBJECT, json.dumps(body).encode(), timeout=10)
        await client.publish(DONE, answer.data)


if __name__ == "__main__":
    asyncio.run(main())
