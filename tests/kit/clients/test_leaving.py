"""Leaving a case has a time of its own; who is to blame when that is over is known by the client."""

from __future__ import annotations

import asyncio

import pytest
from tests.kit.core.virtual import run

from omnisession_conformance.roles.client.leaving import LeavingError, leaving


async def never() -> None:
    await asyncio.Event().wait()


def test_what_never_ends_is_a_fault_of_the_kit() -> None:
    async def play() -> None:
        async with leaving("a-case", lambda: False, within_s=60):
            await never()

    with pytest.raises(LeavingError, match="has not left the case a-case within 60 s"):
        run(play())


def test_where_the_client_has_failed_it_is_not() -> None:
    async def play() -> float:
        async with leaving("a-case", lambda: True, within_s=60):
            await never()
        return asyncio.get_running_loop().time()

    assert run(play()) == 60


def test_a_time_that_is_over_within_is_no_matter_of_it() -> None:
    async def play() -> None:
        async with leaving("a-case", lambda: False, within_s=60), asyncio.timeout(1):
            await never()

    with pytest.raises(TimeoutError):
        run(play())


def test_what_ends_in_time_ends() -> None:
    async def play() -> float:
        async with leaving("a-case", lambda: False, within_s=60):
            await asyncio.sleep(59)
        await asyncio.sleep(9)
        return asyncio.get_running_loop().time()

    assert run(play()) == 68
