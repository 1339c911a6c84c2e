"""The carrier of a subject: what an adapter is told there, and a sentence for each way to break it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import TYPE_CHECKING

import pytest
from tests.kit.clients.adapters import PATIENCE_S, REFERENCE, adapter, played

from omnisession_conformance.environment.access import at
from omnisession_conformance.environment.node import free_ports
from omnisession_conformance.errors import BrokerError
from omnisession_conformance.roles.client.errors import AdapterError, ContractError, GoneError
from omnisession_conformance.roles.client.testee import client as module
from omnisession_conformance.roles.client.testee.client import started
from omnisession_conformance.roles.client.testee.contract_broker import Ports
from omnisession_conformance.roles.client.testee.keeping import Keeper
from omnisession_conformance.roles.client.testee.messages import Start
from omnisession_conformance.roles.client.testee.subject import BySubject
from omnisession_conformance.traffic.connection import connect

if TYPE_CHECKING:
    from pathlib import Path

    from nats.aio.msg import Msg

START = Start("s", "nats://127.0.0.1:9", "ann", ("chat",))
ROOT = __file__.partition("/tests/")[0]
pytestmark = pytest.mark.dear


def bridged(command: tuple[str, ...], how: str = "") -> tuple[str, ...]:
    told = (f"PYTHONPATH={ROOT}", f"BRIDGE={how}")
    return ("env", *told, sys.executable, "-m", "tests.kit.clients.bridge", *command)


def fault_of(command: tuple[str, ...], hello_within_s: float = PATIENCE_S) -> AdapterError:
    """What an adapter is told to have done, at hello or later."""

    async def play() -> None:
        with pytest.raises(AdapterError) as found:
            await lives()
        raised.append(found.value)

    async def lives() -> None:
        async with started(BySubject(command), hello_within_s=hello_within_s) as client:
            session = await client.start(START)
            await session.report()
            await session.report()

    raised: list[AdapterError] = []
    played(play)
    return raised[0]


def test_the_reference_client_keeps_the_contract_on_a_subject_too() -> None:
    async def play() -> None:
        async with started(BySubject(bridged(REFERENCE))) as client:
            assert client.hello.handled
            session = await client.start(START)
            reports = await asyncio.gather(*(session.report() for _ in range(20)))
            assert {report.phase for report in reports} == {"offline"}
            await session.stop()
        assert client.process.child is not None
        assert not client.process.child.running

    played(play)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("def take(ask): ok(ask); ok(ask)", "has answered request 1 twice. The message begins: "),
        (
            "def take(ask):\n  ok(ask) if ask['do'] != 'report' else write('oh')",
            "has sent a message that is no JSON; reply subjects carry nothing but answers",
        ),
        ("take = lambda ask: say(id=None, error='what?')", "takes a message of the kit for none"),
        (
            "def take(ask):\n  ok(ask) if ask['do'] != 'report' else ok(ask, more='x' * (8 << 20))",
            "bytes, and on a subject one has at most 8388608. It begins: {",
        ),
    ],
)
def test_faults_of_an_adapter(tmp_path: Path, text: str, sentence: str) -> None:
    found = fault_of(bridged(adapter(tmp_path, text)))
    assert sentence in str(found)
    assert isinstance(found, ContractError)
    assert found.exit_code == 3


@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        ("silent", "hello had no answer within 2 s. Nothing has come on omni.testee."),
        ("again", "has begun anew: it is ready for the second time"),
        ("leaves", "takes no more requests on omni.testee."),
    ],
)
def test_one_that_is_not_there_is_gone(
    tmp_path: Path, how: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WITHIN_S", 2.0)
    text = "" if how != "leaves" else "def take(ask):\n  ok(ask) if ask['do'] != 'report' else 0"
    command = bridged(adapter(tmp_path, text), how)
    found = gone_of(command) if how == "leaves" else fault_of(command, 2.0)
    assert isinstance(found, GoneError)
    assert sentence in str(found)


def gone_of(command: tuple[str, ...]) -> AdapterError:
    """What is told to the second who asks while the first waits."""
    raised: list[AdapterError] = []

    async def play() -> None:
        async with started(BySubject(command)) as client:
            session = await client.start(START)
            first = asyncio.create_task(session.report())
            later: list[asyncio.Task[object]] = []
            while client.process.error is None:
                later.append(asyncio.create_task(session.report()))
                await asyncio.sleep(0.02)
            with pytest.raises(GoneError) as found:
                await first
            await asyncio.gather(*later, return_exceptions=True)
            raised.append(found.value)

    played(play)
    return raised[0]


def test_one_that_is_ready_and_takes_no_requests_breaks_the_contract(tmp_path: Path) -> None:
    found = fault_of(bridged(adapter(tmp_path), "hasty"))
    assert isinstance(found, ContractError)
    assert ".ready that it is, and nobody takes requests on omni.testee." in str(found)


def test_a_command_that_only_opens_a_page_is_told_to_stay() -> None:
    found = fault_of(("true",))
    assert isinstance(found, GoneError)
    assert str(found).startswith(
        "The client has ended with code 0 before it had answered hello. A command that opens a page goes on"
    )


def test_one_that_ends_is_started_again_on_another_subject(tmp_path: Path) -> None:
    text = "def take(ask):\n  ok(ask) if ask['do'] != 'report' else sys.exit(4)"

    async def play() -> None:
        keeper = Keeper(BySubject(bridged(adapter(tmp_path, text))))
        try:
            session = await (await keeper.client()).start(START)
            with pytest.raises(GoneError, match="has ended with code 4"):
                await session.report()
            await (await keeper.client()).start(START)
            assert keeper.started == 2
        finally:
            await keeper.leave()

    played(play)


def test_an_adapter_is_told_where_to_take_requests_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "told"
    text = f"open({str(file)!r}, 'w').write(json.dumps(dict(os.environ)))"
    outer = set(os.environ)

    async def play() -> None:
        async with started(BySubject(bridged(adapter(tmp_path, text)))):
            pass

    played(play)
    told = set(json.loads(file.read_text()))
    assert {name for name in told - outer if name.startswith(("NATS", "OMNI"))} >= {
        "NATS_URL",
        "NATS_WS_URL",
        "OMNISESSION_TESTEE",
        "OMNISESSION_TESTEE_SUBJECT",
    }


class Attached:
    """A client that runs already: it answers hello, and lives over the end of the kit."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.asked: list[bytes] = []
        self.here = asyncio.Event()

    async def run(self) -> None:
        while True:
            try:
                client = await connect(at(f"nats://127.0.0.1:{self.port}"))
            except BrokerError:
                await asyncio.sleep(0.02)
                continue
            break

        async def take(msg: Msg) -> None:
            data = msg.data
            self.asked.append(data)
            hello = b'{"contract":1,"client":{"name":"page","version":"1"},"profiles":["states","chat"]}'
            number = data.partition(b",")[0].rpartition(b" ")[2]
            await msg.respond(b'{"id":' + number + b',"ok":' + hello + b"}")

        await client.subscribe("omni.testee.mine", cb=take)  # pyright: ignore[reportUnknownMemberType]
        await client.publish("omni.testee.mine.ready", b"{}")
        await client.flush()
        self.here.set()
        try:
            await asyncio.Event().wait()
        finally:
            await client.close()


def test_a_client_that_runs_already_is_waited_for_and_not_ended() -> None:
    async def play() -> None:
        ports = Ports(*free_ports(2))
        running = Attached(ports.nats)
        task = asyncio.create_task(running.run())
        way = BySubject(subject="omni.testee.mine", ports=ports)
        keeper = Keeper(way)
        assert not way.starts
        client = await keeper.client()
        assert client.hello.name == "page"
        await keeper.renew()
        # It was there before anybody asked, and says nothing of that again.
        assert (await keeper.client()).hello.name == "page"
        keeper.kill()
        assert len(running.asked) == 2
        assert not task.done()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await keeper.leave()

    played(play)


def test_a_port_that_is_taken_is_told() -> None:
    async def play() -> None:
        ports = Ports(*free_ports(2))
        first = BySubject(subject="omni.testee.mine", ports=ports)
        process = await first.begin()
        other = BySubject(subject="omni.testee.mine", ports=ports)
        with pytest.raises(BrokerError, match="one of them is taken: does another run wait"):
            await other.begin()
        await process.leave()
        await first.close()
        await other.close()

    played(play)
