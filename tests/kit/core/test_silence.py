"""What a target never sends is not waited for in full again and again, and nothing is lost by it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from omnisession_conformance.engine.clock import Clock
from omnisession_conformance.engine.places import Places
from omnisession_conformance.engine.silence import ENOUGH, IN_FULL_EVERY, SHORT_S, Silence
from omnisession_conformance.roles.server.pending import Patience

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

FULL_S = 2.3
PONG = ("an answer", "an answer to session.ping")


def missed(silence: Silence, times: int) -> None:
    for _ in range(times):
        silence.missed(PONG)


def test_a_few_misses_in_full_come_first() -> None:
    silence = Silence()
    for _ in range(ENOUGH):
        assert silence.wait_s(PONG, FULL_S, "one") == FULL_S
        silence.missed(PONG)
    assert silence.wait_s(PONG, FULL_S, "one") == SHORT_S
    assert silence.wait_s(("an answer to session.sync",), FULL_S, "one") == FULL_S


def test_the_full_time_is_waited_now_and_then() -> None:
    silence = Silence()
    missed(silence, ENOUGH)
    full = 0
    for _ in range(10 * IN_FULL_EVERY):
        full += silence.wait_s(PONG, FULL_S, "one") == FULL_S
        silence.missed(PONG)
    assert full == 10


def test_what_was_heard_once_is_waited_for_in_full() -> None:
    silence = Silence()
    silence.heard(PONG)
    missed(silence, 10 * ENOUGH)
    assert silence.wait_s(PONG, FULL_S, "one") == FULL_S
    assert not silence.doubted


def test_cases_that_waited_shortly_for_what_comes_after_all_are_doubted() -> None:
    silence = Silence()
    missed(silence, ENOUGH)
    silence.wait_s(PONG, FULL_S, "one")
    silence.wait_s(("another thing",), FULL_S, "two")
    assert not silence.doubted
    silence.heard(PONG)
    assert silence.doubted == {"one"}


def test_what_was_asked_along_with_something_missed_has_had_its_time() -> None:
    silence = Silence()
    assert silence.wait_s(PONG, FULL_S, "one", passed_s=1.0) == FULL_S
    silence.missed(PONG)
    assert silence.wait_s(PONG, FULL_S, "one", passed_s=1.0) == FULL_S - 1.0
    assert silence.wait_s(PONG, FULL_S, "one", passed_s=9.0) == 0.0


def waited(found: Callable[[int], str | None], times: int) -> tuple[list[float], Silence]:
    """How long each of some waits of one case was, and what is known afterwards."""
    silence, spans = Silence(), list[float]()

    async def run() -> None:
        patience = Patience(Clock(), silence, Places(), "one")
        for number in range(times):
            seconds = 0.0

            def find(timeout_s: float, number: int = number) -> Awaitable[str | None]:
                async def look() -> str | None:
                    nonlocal seconds
                    seconds += timeout_s
                    return found(number)

                return look()

            await patience.wait("an answer", "to session.ping", find)
            spans.append(seconds)

    asyncio.run(run())
    return spans, silence


def test_a_right_server_is_given_the_whole_bound_each_time() -> None:
    # It answers each second request: what is missed is missed after the whole bound.
    spans, silence = waited(lambda n: "pong" if n % 2 == 0 else None, 40)
    assert all(span >= Clock().answer_s for span in spans[1::2])
    assert not silence.doubted


def test_a_dumb_server_costs_little() -> None:
    spans, _ = waited(lambda _: None, 40)
    assert sum(spans) < 0.4 * 40 * Clock().answer_s
    assert all(span >= Clock().answer_s for span in spans[:ENOUGH])


def test_a_place_is_given_up_once() -> None:
    places, free, held = Places(), asyncio.Semaphore(1), list[str]()

    async def case(name: str, gives_up: asyncio.Event | None) -> None:
        async with places.place(name, free):
            held.append(name)
            if gives_up is not None:
                places.give_up(name)
                await gives_up.wait()

    async def run() -> None:
        waiting = asyncio.Event()
        first = asyncio.create_task(case("first", waiting))
        await asyncio.sleep(0)
        await case("second", None)
        assert held == ["first", "second"]
        waiting.set()
        await first
        places.give_up("nobody")
        # One place again, not two.
        await free.acquire()
        assert free.locked()

    asyncio.run(run())
