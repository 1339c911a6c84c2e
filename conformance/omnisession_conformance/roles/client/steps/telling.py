"""A server that goes on telling something, whatever else a case does."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from omnisession_conformance.roles.client.actor import Actor


@contextlib.asynccontextmanager
async def telling_on(actor: Actor, *, every_s: float) -> AsyncGenerator[None]:
    """Change something of a session again and again, for the length of the block."""
    telling = asyncio.create_task(_tell(actor, every_s))
    try:
        yield
    finally:
        telling.cancel()
        await asyncio.wait([telling])


async def _tell(actor: Actor, every_s: float) -> None:
    while True:
        actor.step()
        # Nothing is waited for: this is the pace at which it is told.
        await asyncio.sleep(every_s)
