"""Connections of the kit that take note of its own marks alone: what others say is counted, never kept."""

from __future__ import annotations

import asyncio
import secrets
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from omnisession_conformance.traffic.connection import Heard, TapClient, connect_as

if TYPE_CHECKING:
    from collections.abc import Callable

    from omnisession_conformance.environment.access import Access


def mark() -> bytes:
    """A body that nobody else sends."""
    return secrets.token_hex(12).encode()


@dataclass(slots=True)
class Ears:
    """What a connection has heard of marks."""

    marks: defaultdict[bytes, asyncio.Event] = field(
        default_factory=lambda: defaultdict(asyncio.Event)
    )
    replies: dict[bytes, str] = field(default_factory=dict[bytes, str])
    subjects: dict[str, int] = field(default_factory=dict[str, int])
    """How many messages came on a subject that is looked at, whatever they say."""
    others: int = 0

    def hear(self, message: Heard) -> None:
        """Take note of a message."""
        if message.subject in self.subjects:
            self.subjects[message.subject] += 1
        if message.data not in self.marks:
            self.others += 1
            return
        self.replies[message.data] = message.reply
        self.marks[message.data].set()

    def expect(self, data: bytes) -> bytes:
        """Take note of a mark when it comes."""
        self.marks[data].clear()
        return data

    def has(self, data: bytes) -> bool:
        """Whether a mark has come."""
        return self.marks[data].is_set()

    async def comes(self, data: bytes, within_s: float) -> bool:
        """Wait for a mark; False where it has not come in its time."""
        try:
            async with asyncio.timeout(within_s):
                await self.marks[data].wait()
        except TimeoutError:
            return False
        return True


async def _ignore(_: Exception) -> None:
    """What the broker says to an attempt is no proof: what has come is."""


@dataclass(slots=True)
class Line:
    """A connection with ears; `enter` is told what it publishes."""

    client: TapClient
    ears: Ears
    enter: Callable[[str, str, bytes], None]

    @classmethod
    async def open(
        cls,
        access: Access,
        name: str | None,
        enter: Callable[[str, str, bytes], None],
        *,
        echo: bool = False,
    ) -> Self:
        """Connect, and hear itself too with `echo`; BrokerError where the broker does not take it."""
        ears = Ears()
        client = await connect_as(
            lambda: TapClient(ears.hear), access, name=name, no_echo=not echo, error_cb=_ignore
        )
        return cls(client, ears, enter)

    @property
    def node(self) -> str:
        """The id of the node that it is connected to."""
        return self.client.place[0]

    async def listen(self, subject: str, queue: str = "") -> None:
        """Subscribe."""
        await self.client.listen(subject, queue)

    async def say(
        self, subject: str, data: bytes, reply: str = "", headers: dict[str, str] | None = None
    ) -> None:
        """Publish."""
        self.enter(subject, reply, data)
        await self.client.publish(subject, data, reply, headers)

    async def flush(self, within_s: float) -> None:
        """Return when the broker has taken all that was published, and all that it had for it is here."""
        await self.client.flush(timeout=within_s)  # pyright: ignore[reportArgumentType]

    async def close(self) -> None:
        """Leave the broker."""
        try:
            if not self.client.is_closed:
                await self.client.close()
        finally:
            self.client.drop()
