"""Listens like a session server, and lets an answerer say what it will."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from omnisession_conformance.environment.access import at
from omnisession_conformance.traffic.connection import TapClient, connect_as

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from omnisession_conformance.nulls.answering import Said
    from omnisession_conformance.traffic.connection import Heard

SUBJECTS = ("session.*.*.control", "user.actions.*", "chat.messages", "article.edit.start")
QUEUE_GROUP = "omnisession"


async def serve(url: str, answer: Callable[[Heard], Sequence[Said]]) -> None:
    """Listen until the process is ended; raises BrokerError where there is no broker."""
    heard: asyncio.Queue[Heard] = asyncio.Queue()
    client = await connect_as(
        lambda: TapClient(heard.put_nowait), at(url), name="omnisession null target", no_echo=True
    )
    for subject in SUBJECTS:
        await client.listen(subject, QUEUE_GROUP)
    await client.flush()
    while True:
        for said in answer(await heard.get()):
            await client.publish(said.subject, said.data)
