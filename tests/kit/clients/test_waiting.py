"""Waiting: for whatever gate or puppet do, with a bound, and with what has failed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.kit.clients.adapters import played
from tests.kit.clients.puppetbench import Bench

from omnisession_conformance.roles.client.puppet.puppet import UntrueError
from omnisession_conformance.roles.client.stage import Stage
from omnisession_conformance.roles.client.testee.messages import Report
from omnisession_conformance.roles.client.waiting import Bell


def test_what_is_there_is_found_at_once_and_what_never_comes_is_none() -> None:
    async def play() -> None:
        bell = Bell()
        assert await bell.until(lambda: 7, within_s=0) == 7
        assert await bell.until(lambda: "", within_s=0.01) is None

    played(play)


def test_who_waits_wakes_when_it_rings_and_at_no_other_time() -> None:
    async def play() -> None:
        bell, looked = Bell(), list[int]()

        def find() -> bool:
            looked.append(len(looked))
            return len(looked) == 3

        waiting = asyncio.create_task(bell.until(find, within_s=10))
        for _ in range(4):
            await asyncio.sleep(0)
        assert looked == [0]
        for _ in range(2):
            bell.ring()
            for _ in range(3):
                await asyncio.sleep(0)
        assert await waiting
        assert looked == [0, 1, 2]

    played(play)


def test_what_the_puppet_does_by_itself_wakes_as_well() -> None:
    async def play() -> None:
        bench = Bench()
        session = bench.open(kinds=["chat"])
        for deliver in (True, False):
            seq = session.seq + 1
            waiting = asyncio.create_task(
                bench.bell.until(lambda s=seq: session.seq >= s, within_s=10)
            )
            await asyncio.sleep(0)
            bench.puppet.step(session, deliver=deliver)
            async with asyncio.timeout(5):
                assert await waiting

    played(play)


def test_what_has_failed_is_raised_to_all_who_wait_now_and_later() -> None:
    async def play() -> None:
        bell = Bell()
        waiting = [asyncio.create_task(bell.until(lambda: 0, within_s=10)) for _ in range(2)]
        await asyncio.sleep(0)
        bell.fail(ValueError("first"))
        bell.fail(ValueError("second"))
        for one in (*waiting, bell.until(lambda: 1, within_s=10)):
            with pytest.raises(ValueError, match="first"):
                await one

    played(play)


class Silent:
    """A session whose reports never show anything."""

    async def report(self, _want: object = None) -> Report:
        return Report()


def never(_: Report) -> bool:
    return False


def test_where_the_kit_itself_has_failed_nobody_waits_for_a_report() -> None:
    async def play() -> None:
        bell = Bell()
        parts: Any = (None, None, Silent(), None)
        stage = Stage(bell, *parts)
        assert await stage.reported(never, within_s=0.01) is None
        bell.fail(UntrueError("no server says this"))
        for waits in (
            stage.reported(never, within_s=10),
            stage.reported_of("refused", never, within_s=10),
        ):
            with pytest.raises(UntrueError):
                await waits

    played(play)
