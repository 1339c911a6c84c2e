"""Servers that are none: started by the tests as `python null_target.py silent|echo|garbage|late-exit`.

Each subscribes like a session server, so that only what it answers tells it from one.
"""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING

import nats

if TYPE_CHECKING:
    from nats.aio.msg import Msg

SUBJECTS = ("session.*.*.control", "user.actions.*", "chat.messages", "article.edit.start")


async def serve(kind: str) -> None:
    """Answer in the way of `kind` until killed."""
    client = await nats.connect(os.environ["NATS_URL"])  # pyright: ignore[reportUnknownMemberType]

    async def answer(message: Msg) -> None:
        if not message.reply or kind == "silent":
            return
        body = message.data if kind == "echo" else b"\xff\x00 not json"
        await client.publish(message.reply, body)

    for subject in SUBJECTS:
        await client.subscribe(subject, queue="omnisession", cb=answer)  # pyright: ignore[reportUnknownMemberType]
    await client.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
