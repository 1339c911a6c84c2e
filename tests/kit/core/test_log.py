"""Waits are queries on the log: what came before counts, and nothing is lost between two of them."""

from __future__ import annotations

import asyncio
import time

import pytest
from tests.kit.core.records import record

from omnisession_conformance.protocol.subjects import Side
from omnisession_conformance.traffic.log import SLOW_LOOK_S, Log, RunOver, session_topic
from omnisession_conformance.traffic.record import Party, Record


def first(log: Log, subject: str) -> Record | None:
    return log.on(subject)[0] if log.on(subject) else None


def test_what_is_there_already_is_found_at_once() -> None:
    async def run() -> None:
        log = Log()
        made = record(log, "a")
        assert await log.wait(["a"], lambda: first(log, "a"), timeout_s=0) is made

    asyncio.run(run())


def test_a_wait_ends_when_the_record_comes() -> None:
    async def run() -> None:
        log = Log()
        waiting = asyncio.create_task(log.wait(["a"], lambda: first(log, "a"), timeout_s=30))
        await asyncio.sleep(0)
        record(log, "b")
        made = record(log, "a")
        assert await waiting is made

    asyncio.run(run())


def test_a_wait_ends_with_none_at_its_deadline() -> None:
    async def run() -> None:
        log = Log()
        assert await log.wait(["a"], lambda: first(log, "a"), timeout_s=0.01) is None

    asyncio.run(run())


def test_a_session_topic_hears_all_three_subjects() -> None:
    async def run() -> None:
        log = Log()
        seen: list[int] = []

        def three() -> bool | None:
            seen.append(log.mark())
            return True if log.mark() == 3 else None

        waiting = asyncio.create_task(log.wait([session_topic("u", "s")], three, timeout_s=30))
        for name in ("state", "events", "control"):
            await asyncio.sleep(0)
            record(log, f"session.u.s.{name}")
        assert await waiting is True
        assert seen[-1] == 3

    asyncio.run(run())


def test_the_end_of_the_run_ends_waits_now_and_later() -> None:
    async def run() -> None:
        log = Log()
        waiting = asyncio.create_task(log.wait(["a"], lambda: None, timeout_s=30))
        await asyncio.sleep(0)
        log.end("the target is gone")
        with pytest.raises(RunOver, match="the target is gone"):
            await waiting
        with pytest.raises(RunOver, match="the target is gone"):
            await log.wait(["a"], lambda: None, timeout_s=30)

    asyncio.run(run())


def test_streams_hold_what_the_server_published_whoever_it_is() -> None:
    log = Log()
    state = record(log, "session.u.s.state", Party.KIT, Side.SERVER)
    record(log, "session.u.s.state", Party.TARGET, Side.CLIENT)
    record(log, "session.u.s.state", Party.STRANGER)
    push = record(log, "session.u.s.control", Party.KIT, Side.SERVER)
    record(log, "session.u.s.control", Party.TARGET, Side.CLIENT)
    assert list(log.stream("u", "s")) == [state]
    assert list(log.control("u", "s")) == [push]


def test_streams_hold_what_the_target_published_only() -> None:
    log = Log()
    state = record(log, "session.u.s.state")
    record(log, "session.u.s.state", Party.KIT)
    event = record(log, "session.u.s.events")
    push = record(log, "session.u.s.control")
    record(log, "session.u.s.control", Party.KIT)
    record(log, "session.u.other.state")
    assert list(log.stream("u", "s")) == [state, event]
    assert list(log.control("u", "s")) == [push]


def test_what_looks_through_a_flood_takes_a_part_of_the_time() -> None:
    async def run() -> tuple[int, int]:
        log, looks, came = Log(), 0, 0

        def find() -> Record | None:
            nonlocal looks
            looks += 1
            # What it takes to look through very many messages.
            end = time.perf_counter() + 2 * SLOW_LOOK_S
            while time.perf_counter() < end:
                pass
            return log.on("last")[0] if log.on("last") else None

        wait = asyncio.create_task(log.wait(("a",), find, timeout_s=60))
        for _ in range(100):
            record(log, "a")
            came += 1
            await asyncio.sleep(SLOW_LOOK_S / 10)
        record(log, "last")
        assert await wait is not None
        return looks, came

    looks, came = asyncio.run(run())
    assert looks * 4 < came


def test_what_a_case_was_sent_is_found_without_a_look_at_all_others() -> None:
    log = Log()
    for number in range(10):
        record(log, "a", case="one" if number % 2 else "two")
    record(log, "b", Party.KIT, case="one")
    assert [r.n for r in log.of_case("one")] == [1, 3, 5, 7, 9]
    assert list(log.of_case("none")) == []
