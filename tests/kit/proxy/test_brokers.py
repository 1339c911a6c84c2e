"""Questions and counts hold while a real broker and a real client are busy, and ask on their own."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import pytest
from tests.kit.proxy.peers import PATIENCE_S
from tests.kit.proxy.wires import client, listen, played, wired

from omnisession_conformance.environment.broker import embedded_broker
from omnisession_conformance.environment.proxy.faults import Cut
from omnisession_conformance.environment.proxy.link import LinkEndedError
from omnisession_conformance.environment.proxy.operations import Ping, Side
from omnisession_conformance.environment.proxy.proxy import faulty_proxy
from omnisession_conformance.environment.topology import CLUSTER, BrokerPlan

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine
    from typing import Any

    from nats.aio.client import Client
    from nats.aio.msg import Msg

    from omnisession_conformance.environment.proxy.dialogue import Hear
    from omnisession_conformance.environment.proxy.link import Link
    from omnisession_conformance.environment.proxy.operations import Op

pytestmark = pytest.mark.dear
CLIENT, BROKER = Side.CLIENT, Side.BROKER


@contextlib.asynccontextmanager
async def load(nc: Client, *subjects: str) -> AsyncGenerator[None]:
    """Publish to subjects in turn for the length of the block."""
    going = True

    async def publish() -> None:
        while going:
            for _ in range(50):
                for subject in subjects:
                    await nc.publish(subject, b"x" * 50)
            # Its task ends by itself: a library whose flush is cancelled hears nothing any more.
            await nc.flush()

    publishing = asyncio.create_task(publish())
    try:
        yield
    finally:
        going = False
        await publishing


class Counter:
    """Counts what a subscription of the library hands over."""

    def __init__(self) -> None:
        self.number = 0
        self.more = asyncio.Event()

    async def take(self, _: Msg) -> None:
        self.number += 1
        self.more.set()

    async def reach(self, number: int) -> None:
        while self.number < number:
            self.more.clear()
            await self.more.wait()


async def asked(link: Link) -> bool:
    """Ask both sides; whether they answered before the connection ended."""
    try:
        await asyncio.gather(link.ping(BROKER), link.ping(CLIENT))
    except LinkEndedError:
        return False
    return True


def test_a_broker_s_own_pings_are_outstanding_and_each_gets_its_own_answer() -> None:
    async def play() -> None:
        questions: list[asyncio.Task[bool]] = []
        enough = asyncio.Event()

        def watch(link: Link) -> Hear:
            def hear(side: Side, op: Op) -> None:
                if side is BROKER and isinstance(op, Ping) and link.ready:
                    questions.append(asyncio.create_task(asked(link)))
                    if len(questions) == 20:
                        enough.set()

            return hear

        async with (
            asyncio.timeout(PATIENCE_S),
            embedded_broker('ping_interval: "10ms"\nping_max: 500\n') as broker,
            faulty_proxy(broker.url, watch=watch) as proxy,
            client(proxy.url, name="a", allow_reconnect=False) as nc,
        ):
            link = await proxy.connected("a")
            await enough.wait()
            await nc.flush()
            assert all(await asyncio.gather(*questions[:20]))
            assert nc.is_connected
            assert link.alive
            await asyncio.wait(questions)

    played(play)


def test_an_unsub_under_load_leaves_the_counts_right() -> None:
    async def play() -> None:
        async with (
            wired(parsed=True) as (broker, proxy),
            client(proxy.url, name="a") as there,
            client(broker.url) as here,
        ):
            link = await proxy.connected("a")
            for _ in range(6):
                old, new = Counter(), Counter()
                before = await listen(there, "a", old.take)
                async with load(here, "a", "b"):
                    await old.reach(100)
                    await before.unsubscribe()
                    after = await listen(there, "b", new.take)
                    await new.reach(100)
                await here.flush()
                await link.ping(BROKER)
                (live,) = link.dialogue.subscriptions.live
                assert (live.subject, live.sid) == (b"b", b"%d" % after._id)  # pyright: ignore[reportPrivateUsage]
                await new.reach(live.delivered)
                await link.ping(CLIENT)
                assert new.number == live.delivered
                over = link.dialogue.subscriptions.by_sid[b"%d" % before._id]  # pyright: ignore[reportPrivateUsage]
                assert over.over
                assert over.delivered >= old.number
                await after.unsubscribe()

    played(play)


def test_cuts_under_load_leave_no_question_and_the_counts_right() -> None:
    async def play() -> None:
        async with (
            wired(parsed=True) as (broker, proxy),
            client(proxy.url, name="a") as there,
            client(broker.url) as here,
        ):
            got = Counter()
            await listen(there, "a", got.take)
            async with load(here, "a"):
                for _ in range(8):
                    link = await proxy.connected("a")
                    await got.reach(got.number + 50)
                    questions = [asyncio.create_task(asked(link)) for _ in range(20)]
                    await asyncio.sleep(0)
                    proxy.apply(Cut())
                    assert not any(await asyncio.gather(*questions))
                link = await proxy.connected("a")
                assert await asked(link)
            got.number = 0
            await here.flush()
            await link.ping(BROKER)
            (live,) = link.dialogue.subscriptions.live
            passed = live.delivered
            for _ in range(30):
                await here.publish("a", b"")
            await here.flush()
            await link.ping(BROKER)
            assert live.delivered == passed + 30

    played(play)


async def _nodes(play: Callable[[Any], Coroutine[Any, Any, None]]) -> None:
    async with (
        asyncio.timeout(2 * PATIENCE_S),
        embedded_broker(plan=BrokerPlan(CLUSTER)) as broker,
    ):
        await play(broker)


@pytest.mark.parametrize("known", [False, True])
def test_a_client_learns_of_no_node_but_by_its_proxy(known: bool) -> None:
    async def play(broker: Any) -> None:
        first, second, _ = (node.url for node in broker.nodes)
        async with faulty_proxy(second) as other:
            others = {second.removeprefix("nats://"): other.place} if known else {}
            async with (
                faulty_proxy(first, others=others) as proxy,
                client(proxy.url, name="a") as nc,
            ):
                await nc.flush()
                named = {server.netloc for server in nc.servers}
                assert named == {proxy.place, *([other.place] if known else [])}
                assert (await proxy.connected("a")).dialogue.names_others

    asyncio.run(_nodes(play))
