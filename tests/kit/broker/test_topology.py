"""The brokers that the kit starts: one, three, a leaf; each node ends and comes again by its handle."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from omnisession_conformance.environment.access import Access, at
from omnisession_conformance.environment.broker import Broker, embedded_broker
from omnisession_conformance.environment.nodes import OwnNodes
from omnisession_conformance.environment.settings import Settings, read_settings
from omnisession_conformance.environment.topology import CLUSTER, LEAF, NODES, SINGLE, BrokerPlan
from omnisession_conformance.errors import BrokerError, UsageError
from omnisession_conformance.traffic.connection import Heard, TapClient, connect, connect_as

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

WITHIN_S = 20.0
dear = pytest.mark.dear
SHAPES = [SINGLE, pytest.param(CLUSTER, marks=dear), pytest.param(LEAF, marks=dear)]


async def passes(broker: Broker) -> None:
    """Say something where the target is until it is heard where the kit is."""
    heard = asyncio.Event()

    def hear(message: Heard) -> None:
        if message.subject == "a.word":
            heard.set()

    tap = await connect_as(lambda: TapClient(hear), at(broker.url))
    speaker = await connect(at(broker.target_url))
    try:
        await tap.listen(">")
        await tap.flush()
        async with asyncio.timeout(WITHIN_S):
            while not heard.is_set():
                await speaker.publish("a.word", b"")
                await speaker.flush()
                await asyncio.sleep(0)
    finally:
        await tap.close()
        await speaker.close()


@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_said_at_the_targets_node_is_heard_at_the_kits(shape: str) -> None:
    async def go() -> None:
        async with embedded_broker(plan=BrokerPlan(shape)) as broker:
            assert (broker.url == broker.target_url) == (shape == SINGLE)
            await passes(broker)

    asyncio.run(go())


@pytest.mark.dear
@pytest.mark.parametrize("shape", [SINGLE, CLUSTER, LEAF])
def test_a_node_that_was_killed_comes_again_at_its_place_with_its_streams(shape: str) -> None:
    async def go() -> None:
        async with embedded_broker(plan=BrokerPlan(shape)) as broker:
            for node in broker.nodes:
                url, others = node.url, [other for other in broker.nodes if other is not node]
                (node.folder / "js" / "mine").mkdir(parents=True)
                await node.kill()
                assert not node.running
                assert all(other.running for other in others)
                await node.start()
                await node.linked()
                assert node.url == url
                assert (node.folder / "js" / "mine").is_dir()
            assert len({node.folder for node in broker.nodes}) == len(broker.nodes)
            await passes(broker)

    asyncio.run(go())


@pytest.mark.dear
def test_lines_that_a_node_does_not_take_are_told_as_it_told_them() -> None:
    async def go() -> None:
        async with embedded_broker(plan=BrokerPlan(CLUSTER, extra="no_such_option: 7")):
            raise AssertionError("unreachable")

    with pytest.raises(
        BrokerError, match=r"n1 did not come up\. It said:\n(.*\n)*.*no_such_option"
    ):
        asyncio.run(go())


@pytest.mark.dear
def test_of_nodes_that_may_end_each_does_and_the_kit_hears_on() -> None:
    async def go() -> None:
        async with embedded_broker(plan=BrokerPlan(NODES)) as broker:
            nodes, lost = OwnNodes(broker), list[str]()
            watching = asyncio.create_task(broker.watch(lost.append))
            urls = broker.target_url.split(",")
            assert len(urls) == nodes.count == 3
            assert broker.url not in urls
            assert await nodes.are_current()
            tap = await connect(at(broker.url))
            for number in range(1, nodes.count + 1):
                await nodes.kill(number)
                await nodes.start(number)
                assert await nodes.are_current()
            await nodes.start(1)  # it runs: nothing is done
            assert tap.is_connected
            assert not lost
            # Whoever connects elsewhere is not told of the kit's.
            speaker = await connect(at(urls[0]))
            place = broker.url.rpartition("/")[2]
            assert place not in str(speaker.servers + speaker.discovered_servers)
            await speaker.close()
            await tap.close()
            await passes(broker)
            watching.cancel()

    asyncio.run(go())


# -- settings --------------------------------------------------------------------------------------


def read(
    folder: Path, broker: Mapping[str, str], url: str | None = None, option: str | None = None
) -> Settings:
    lines = [f"{name} = {json.dumps(value)}" for name, value in broker.items()]
    file = folder / "omnisession.toml"
    file.write_text("\n".join(["[broker]", *lines, ""]), "utf-8")
    return read_settings(file, url, None, None, topology=option)[0]


def test_the_option_comes_before_the_file(tmp_path: Path) -> None:
    program = tmp_path / "nats-server"
    program.touch()
    told = {"topology": "leaf", "extra": "debug: true", "program": str(program)}
    assert read(tmp_path, told).broker == BrokerPlan(LEAF, "debug: true", program)
    assert read(tmp_path, told, option=CLUSTER).broker.topology == CLUSTER
    assert read(tmp_path, {}).broker == BrokerPlan()


def test_lines_may_give_the_broker_users_of_which_the_kit_is_one(tmp_path: Path) -> None:
    settings = read(tmp_path, {"extra": "port: 1", "user": "a", "password": "b"})
    assert settings.access is None
    assert settings.login.login.user == "a"
    assert settings.secrets[0] == "b"
    assert read(tmp_path, {}).login == Access()


STARTED = "this is for a broker that the kit starts, and one that is running is named"


@pytest.mark.parametrize(
    ("broker", "url", "option", "told"),
    [
        (
            {"topology": "claster"},
            None,
            None,
            "broker.topology: there is no topology 'claster'; did",
        ),
        ({"topology": "mesh"}, None, None, "known are single, cluster, leaf"),
        ({"topology": ""}, None, None, "broker.topology: a text that is not empty is needed here"),
        ({"program": "/no/where"}, None, None, "broker.program: there is no file '/no/where'"),
        ({"url": "nats://h", "topology": "leaf"}, None, None, f"broker.topology: {STARTED}"),
        ({"extra": "debug: true"}, "nats://h", None, f"broker.extra: {STARTED}"),
        ({}, "nats://h", "leaf", "--topology is for a broker that the kit starts"),
        (
            {"topology": "leaf", "token": "t"},
            None,
            None,
            "broker.token: this is for a broker that is",
        ),
    ],
)
def test_what_does_not_fit_is_named(
    broker: dict[str, str], url: str | None, option: str | None, told: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError) as caught:
        read(tmp_path, broker, url, option)
    assert told in str(caught.value)


def test_nodes_that_may_end_are_a_shape_of_their_own(tmp_path: Path) -> None:
    file = tmp_path / "omnisession.toml"
    file.write_text("[cluster]\nnodes = 3\n", "utf-8")
    settings = read_settings(file, None, None, None)[0]
    assert (settings.nodes, settings.broker) == (3, BrokerPlan(NODES))
    assert read_settings(file, None, None, None, nodes=1)[0].broker == BrokerPlan()
    with pytest.raises(UsageError, match="a shape of their own: leave out either"):
        read_settings(file, None, None, None, topology=CLUSTER)
    running = read_settings(file, "nats://127.0.0.1:1", None, None)[0]
    assert running.nodes == 3


@pytest.mark.parametrize("value", ["2", "0", "true", '"3"'])
def test_there_are_three_nodes_or_one(tmp_path: Path, value: str) -> None:
    file = tmp_path / "omnisession.toml"
    file.write_text(f"[cluster]\nnodes = {value}\n", "utf-8")
    with pytest.raises(UsageError, match=r"cluster\.nodes: 1 or 3 is needed here"):
        read_settings(file, None, None, None)
