"""What is wrong with a wire, as a client of a real broker sees it, and one that is not behind that wire."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from tests.kit.proxy.peers import bare, shaken
from tests.kit.proxy.wires import answer, client, listen, nobody_answers, played, take, wired

from omnisession_conformance.environment.proxy.faults import (
    Cut,
    Delay,
    Doubled,
    HalfOpen,
    Hold,
    Outage,
)
from omnisession_conformance.environment.proxy.operations import Op, Pub, Side

if TYPE_CHECKING:
    from omnisession_conformance.environment.proxy.dialogue import Hear
    from omnisession_conformance.environment.proxy.link import Link

pytestmark = pytest.mark.dear


@pytest.mark.parametrize("parsed", [False, True])
def test_what_passes_is_what_was_said(parsed: bool) -> None:
    async def play() -> None:
        async with (
            wired(parsed=parsed) as (broker, proxy),
            client(proxy.url) as there,
            client(broker.url) as here,
        ):
            heard = await listen(there, "a.>")
            echoed = await listen(here, "b.>")
            bodies = [bytes([n]) * size for n, size in enumerate((0, 1, 70_000, 1_000_000, 5))]
            for body in bodies:
                await here.publish("a.1", body, headers={"k": "v"})
                await there.publish("b.1", body)
            assert await take(heard, len(bodies)) == bodies
            assert await take(echoed, len(bodies)) == bodies

    played(play)


def test_a_delay_goes_each_way_and_keeps_the_order() -> None:
    async def play() -> None:
        loop = asyncio.get_running_loop()
        async with (
            wired() as (broker, proxy),
            client(proxy.url) as there,
            client(broker.url) as here,
        ):
            heard = await listen(there, "a")
            await there.flush()
            with proxy.wrong(Delay(to_broker_ms=200, to_client_ms=100, jitter_ms=20)):
                begin = loop.time()
                await there.flush()
                assert loop.time() - begin >= 0.3
                for n in range(300):
                    await here.publish("a", b"%d" % n)
                    if n % 20 == 0:
                        await here.flush()
                begin = loop.time()
                async with client(proxy.url) as late:
                    await late.flush()
                    assert loop.time() - begin >= 0.6, "a link that came later is not late"
            told = [int(told) for told in await take(heard, 300)]
            assert told == list(range(300))

    played(play)


def test_a_cut_is_for_one_or_for_all() -> None:
    async def play() -> None:
        ended: list[str] = []
        came: list[int] = []

        def note(link: Link) -> None:
            ended.append(link.name)

        def greet(link: Link) -> None:
            came.append(link.number)

        async with (
            wired(on_connect=greet, on_end=note) as (_, proxy),
            client(proxy.url, name="a") as a,
            client(proxy.url, name="b") as b,
        ):
            before = await proxy.connected("a")
            proxy.apply(Cut(), before)
            after = await proxy.connected("a")
            assert (before.number, after.number) == (0, 2)
            await proxy.until(lambda: before.over)
            assert ended == ["a"]
            assert b.stats["reconnects"] == 0
            old = proxy.links
            proxy.apply(Cut(reset=True))
            await proxy.connected("a")
            await proxy.connected("b")
            await proxy.until(lambda: all(link.over for link in old))
            assert sorted(ended) == ["a", "a", "b"]
            assert sorted(came) == [0, 1, 2, 3, 4], "each is told once, also when it has ended"
            await a.flush()
            await b.flush()

    played(play)


def test_what_vanishes_never_comes_and_a_cut_ends_it() -> None:
    async def play() -> None:
        lost = asyncio.Event()

        def watch(_: Link) -> Hear:
            def hear(_: Side, op: Op) -> None:
                if isinstance(op, Pub) and op.payload == b"lost":
                    lost.set()

            return hear

        async with wired(watch=watch) as (broker, proxy), client(broker.url) as here:
            heard = await listen(here, "a")
            await here.flush()
            async with bare(proxy.url) as there:
                await shaken(there)
                there.say(b"PUB a 5\r\nfirst\r\nPING\r\n")
                assert await there.line() == b"PONG"
                wrong = proxy.apply(HalfOpen(to_client=False))
                there.say(b"PUB a 4\r\nlost\r\nPING\r\n")
                await lost.wait()
                assert len(proxy.links) == 1
                wrong.end()
                await there.ended()
            async with client(proxy.url) as again:
                await again.publish("a", b"last")
                assert await take(heard, 2) == [b"first", b"last"]

    played(play)


def test_a_half_open_wire_ends_by_itself_after_its_time() -> None:
    async def play() -> None:
        async with wired() as (_, proxy), client(proxy.url, name="a") as there:
            link = await proxy.connected("a")
            wrong = proxy.apply(HalfOpen(for_ms=50))
            assert not wrong.over
            await wrong.ended()
            assert not link.alive
            assert await proxy.connected("a") is not link
            await there.flush()

    played(play)


def test_what_is_held_comes_later_in_its_order() -> None:
    async def play() -> None:
        async with (
            wired() as (broker, proxy),
            client(proxy.url) as there,
            client(broker.url) as here,
        ):
            heard = await listen(there, "a")
            told = await listen(here, "b")
            await there.flush()
            with proxy.wrong(Hold()):
                flushing = asyncio.create_task(there.flush())
                for n in range(10):
                    await here.publish("a", b"%d" % n)
                    await there.publish("b", b"%d" % n)
                await here.flush()
                await here.flush()
                assert not heard.pending_msgs
                assert not told.pending_msgs
                assert not flushing.done()
            await flushing
            for listening in (heard, told):
                assert [int(one) for one in await take(listening, 10)] == list(range(10))

    played(play)


def test_a_doubled_client_is_there_for_the_broker_until_the_cut() -> None:
    async def play() -> None:
        async with (
            wired() as (broker, proxy),
            client(broker.url) as here,
            client(proxy.url, name="a", allow_reconnect=False) as there,
        ):
            await listen(there, "a", answer)
            await there.flush()
            assert (await here.request("a", b"", 5)).data == b"here"
            wrong = proxy.apply(Doubled())
            await proxy.until(lambda: not proxy.links[0].alive)
            with pytest.raises(TimeoutError):
                await here.request("a", b"", 0.2)
            async with client(proxy.url, name="a"):
                assert (await proxy.connected("a")).number == 1
                assert len(proxy.links) == 2
            wrong.end()
            await proxy.until(lambda: not proxy.links)
            await nobody_answers(here, "a")

    played(play)


def test_nobody_connects_in_an_outage_and_who_tries_on_comes_back() -> None:
    async def play() -> None:
        async with wired() as (_, proxy), client(proxy.url, name="a") as there:
            url = proxy.url
            with proxy.wrong(Outage()):
                with pytest.raises(ConnectionRefusedError):
                    await bare(url).__aenter__()
                with proxy.wrong(Outage()):
                    await proxy.until(lambda: not proxy.links)
                with pytest.raises(ConnectionRefusedError):
                    await bare(url).__aenter__()
            await proxy.connected("a")
            await there.flush()
            wrong = proxy.apply(Outage(for_ms=20))
            assert not wrong.over
            await proxy.connected("a")
            assert wrong.over
            assert proxy.url == url

    played(play)


def test_in_an_outage_connections_may_be_taken_and_closed() -> None:
    async def play() -> None:
        async with wired() as (_, proxy), bare(proxy.url) as there:
            await shaken(there)
            with proxy.wrong(Outage(refused=False)):
                await there.ended()
                async with bare(proxy.url) as late:
                    assert await late.reader.read() == b""
                await proxy.until(lambda: not proxy.links)
            async with bare(proxy.url) as again:
                await shaken(again)

    played(play)


def test_a_broker_may_be_started_again_behind_it() -> None:
    async def play() -> None:
        async with wired() as (broker, proxy):
            async with bare(proxy.url) as there:
                await shaken(there)
                await broker.kit.kill()
                await there.ended()
            async with bare(proxy.url) as there:
                assert await there.reader.read() == b""
            await proxy.until(lambda: not proxy.links)
            await broker.kit.start()
            async with bare(proxy.url) as there:
                await shaken(there)

    played(play)
