"""Leaving a case: in a time of its own, so that no run waits for what never ends."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from omnisession_conformance.engine.stops import Unfit
from omnisession_conformance.errors import KitError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

LEAVES_WITHIN_S = 60.0
"""What the client is asked meanwhile has bounds of its own, of some seconds each."""


class LeavingError(KitError, Unfit):
    """The kit cannot leave a case, though the client answers: the run ends without a verdict (exit 3)."""


@contextlib.asynccontextmanager
async def leaving(
    case: str, client_failed: Callable[[], bool], *, within_s: float = LEAVES_WITHIN_S
) -> AsyncGenerator[None]:
    """Bound what is done within: once its time is over it is broken off.

    Where the client has failed by then, that is the client's fault, and told elsewhere; LeavingError where
    it has not.
    """
    bound = asyncio.timeout(within_s)
    try:
        async with bound:
            yield
    except TimeoutError:
        if not bound.expired():
            raise
        if not client_failed():
            raise LeavingError(
                f"The kit has not left the case {case} within {within_s:g} s, though the client has "
                "answered all that it was asked: run it again, and if it comes again, tell its makers."
            ) from None
