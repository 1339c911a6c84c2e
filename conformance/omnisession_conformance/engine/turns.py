"""How what cases send goes out: as they send it, or each message once the one before was answered."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Coroutine, Generator
    from typing import Any

    from omnisession_conformance.traffic.log import Log

ANSWERED_WITHIN_S = 0.25
"""How long a message waits for the answer to the one before: some have none, and some come much later."""


@dataclass(slots=True)
class Turns:
    """Lets messages out one by one, where that is wanted: then few are open when a target ends."""

    one_by_one: bool = False
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @contextmanager
    def kept(self) -> Generator[None]:
        """Let messages out one by one for a while."""
        self.one_by_one = True
        try:
            yield
        finally:
            self.one_by_one = False

    async def send(self, publish: Coroutine[Any, Any, None], log: Log, reply: str) -> None:
        """Publish a message, and wait for its answer on `reply` where it is its turn."""
        if not self.one_by_one:
            await publish
            return
        async with self._turn:
            await publish
            if reply:
                await log.wait((reply,), lambda: log.on(reply) or None, timeout_s=ANSWERED_WITHIN_S)
