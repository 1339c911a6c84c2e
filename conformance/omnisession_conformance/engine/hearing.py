"""Looks from time to time whether the kit may still hear everything that the protocol has.

A broker whose permissions change in the middle of a run keeps messages back from a subscription on `>`
and tells nobody. What the kit missed then looks like the silence of a target.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from omnisession_conformance.errors import BrokerError

if TYPE_CHECKING:
    from omnisession_conformance.engine.scheduler import Engine

LOOK_EVERY_S = 2.0
"""As long as the protocol gives a server to answer: what was missed for less is missed by few cases."""


async def look_at_hearing(engine: Engine) -> None:
    """Look once; the run ends where the kit may not hear any more, and nothing that it saw counts."""
    try:
        why = await engine.driver.deaf_to()
    except BrokerError:
        # One that is gone, or hangs, is noticed by others; it says nothing about rights.
        return
    if why is not None:
        engine.deafen(f"a right was taken away in the middle of the run: {why}")


async def watch_hearing(engine: Engine) -> None:
    """Look until cancelled."""
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        await look_at_hearing(engine)
