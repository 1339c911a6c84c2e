"""Asking again and again, less often each time: a client has nothing that tells when it has changed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")


async def polled(
    look: Callable[[], Awaitable[T | None]], *, first_s: float, last_s: float, within_s: float
) -> T | None:
    """Return what a look finds, None where none does in time; one look at least."""
    loop = asyncio.get_running_loop()
    deadline, wait_s = loop.time() + within_s, first_s
    while (found := await look()) is None and loop.time() < deadline:
        await asyncio.sleep(wait_s)
        wait_s = min(2 * wait_s, last_s)
    return found
