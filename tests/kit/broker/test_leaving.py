"""A node that goes takes messages with it: then nothing is judged that comes behind it."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING

import pytest
from tests.kit.command.tool import children_of

from omnisession_conformance.environment.access import at
from omnisession_conformance.environment.broker import Broker, embedded_broker
from omnisession_conformance.environment.topology import CLUSTER, LEAF, SINGLE, BrokerPlan
from omnisession_conformance.protocol.schemas.check import Checker
from omnisession_conformance.traffic.ledger import Ledger
from omnisession_conformance.traffic.log import Log
from omnisession_conformance.traffic.publisher import open_publisher
from omnisession_conformance.traffic.reader import Reader
from omnisession_conformance.traffic.tap import Tap

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.kit.command.inside import Inside

WITHIN_S = 30


async def kill_the_third(broker: Broker) -> None:
    await broker.nodes[2].kill()


async def lame_duck(broker: Broker) -> None:
    child = broker.kit.child
    assert child is not None
    for pid in children_of(child.process.pid):
        os.kill(pid, signal.SIGUSR2)


@pytest.mark.dear
@pytest.mark.parametrize(
    ("shape", "leave", "reason"),
    [
        (CLUSTER, kill_the_third, "the broker's cluster has lost a node, and what was on it"),
        (SINGLE, lame_duck, "the broker is about to end, and closes its connections"),
    ],
)
def test_the_kit_is_told_by_its_own_connection(
    shape: str, leave: Callable[[Broker], Awaitable[None]], reason: str
) -> None:
    async def go() -> list[str]:
        lost: list[str] = []
        log, ledger = Log(), Ledger(shared_broker=False)
        reader = Reader(Checker(), ledger.services, 1.0)
        tap = Tap(log, ledger, reader, "_INBOX.trace.", lost.append)
        async with embedded_broker(plan=BrokerPlan(shape)) as broker:
            await tap.open(at(broker.url))
            # By then all nodes are known to it.
            await tap.settle()
            await leave(broker)
            async with asyncio.timeout(WITHIN_S):
                while not lost:
                    await asyncio.sleep(0)
            if shape == CLUSTER:
                publisher = await open_publisher(at(broker.url), ledger, "test", lost.append)
                await publisher.publish("behind.the.hole", b"")
                await publisher.flush()
                await tap.settle()
                assert not log.records
                await publisher.close()
            await tap.close()
        return lost

    assert asyncio.run(go())[0].startswith(reason)


@pytest.mark.dear
def test_the_end_of_a_node_of_the_kits_own_is_told() -> None:
    async def go() -> list[str]:
        lost: list[str] = []
        async with embedded_broker(plan=BrokerPlan(LEAF)) as broker:
            watch = asyncio.create_task(broker.watch(lost.append))
            await asyncio.sleep(0)
            await broker.target.kill()
            async with asyncio.timeout(WITHIN_S):
                while not lost:
                    await asyncio.sleep(0)
            watch.cancel()
        return lost

    assert asyncio.run(go()) == ["the embedded nats-server hub has ended"]


@pytest.mark.dear
def test_a_broker_that_takes_no_more_connections_ends_the_run(inside: Inside) -> None:
    # Those of the target, of the tap and of the actors; a case that wants one more has none.
    (inside.folder / "omnisession.toml").write_text(
        "[broker]\nextra = 'max_connections: 3'\n", "utf-8"
    )
    ran = inside.omnisession("check", "--only", "LIMIT-002")
    assert ran.code == 3
    told = " ".join(ran.out.split())
    assert "NO VERDICT: the broker takes no more connections of the kit" in told
    assert "Cannot connect to the broker" in told
