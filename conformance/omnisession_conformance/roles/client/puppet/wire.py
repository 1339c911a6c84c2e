"""The puppet's own connection: what it hears, and what it says in its order."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, TypeAlias

from omnisession_conformance.environment.access import at
from omnisession_conformance.protocol.subjects import tok
from omnisession_conformance.traffic.connection import TapClient, connect_as

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from omnisession_conformance.traffic.connection import Heard

    Note: TypeAlias = Callable[[str, bytes], None]

FLUSHED_WITHIN_S = 10


class Wire:
    """A connection to the broker; whoever says something never waits."""

    def __init__(
        self, client: TapClient, fail: Callable[[Exception], None], note: Note | None
    ) -> None:
        self._client = client
        self._fail = fail
        self._note = note
        self._out: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()
        self._sending = asyncio.create_task(self._send())

    def say(self, subject: str, data: bytes) -> None:
        """Publish, after all that was said before."""
        if self._note is not None:
            self._note(subject, data)
        self._out.put_nowait((subject, data))

    async def flush(self) -> None:
        """Return when all that was said is with the broker, and all that it had by then is heard."""
        await self._out.join()
        await self._client.flush(timeout=FLUSHED_WITHIN_S)

    async def close(self) -> None:
        """Leave the broker."""
        self._sending.cancel()
        await asyncio.gather(self._sending, return_exceptions=True)
        with contextlib.suppress(Exception):
            await self._client.close()
        self._client.drop()

    async def _send(self) -> None:
        while True:
            subject, data = await self._out.get()
            try:
                await self._client.publish(subject, data)
            except Exception as error:  # noqa: BLE001 - whatever it is, the kit cannot go on
                self._fail(error)
            finally:
                self._out.task_done()


@contextlib.asynccontextmanager
async def wire_to(
    url: str,
    user_id: str,
    hear: Callable[[Heard], None],
    fail: Callable[[Exception], None],
    note: Note | None = None,
) -> AsyncGenerator[Wire]:
    """Hear what a user asks and does at the broker at an address, for the length of the block.

    `note` is told of what is said before it is.
    """
    client = await connect_as(lambda: TapClient(hear), at(url), no_echo=True)
    user = tok(user_id)
    own = (f"session.{user}.*.control", f"user.actions.{user}")
    for subject in (*own, "chat.messages", "article.edit.start"):
        await client.listen(subject)
    await client.flush()
    wire = Wire(client, fail, note)
    try:
        yield wire
    finally:
        await wire.close()
