"""An adapter as a process: what it may do, and a sentence for each way to break the contract."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from tests.kit.clients.adapters import PATIENCE_S, REFERENCE, adapter, played

from omnisession_conformance.roles.client.errors import (
    AdapterError,
    ContractError,
    DeclinedError,
    GoneError,
)
from omnisession_conformance.roles.client.testee import client as module
from omnisession_conformance.roles.client.testee.client import Client, started
from omnisession_conformance.roles.client.testee.messages import Start
from omnisession_conformance.roles.client.testee.pipes import ByLines

if TYPE_CHECKING:
    from pathlib import Path

START = Start("s", "nats://127.0.0.1:9", "ann", ("chat",))


async def some_requests(client: Client) -> None:
    session = await client.start(START)
    await session.report()
    await session.stop()


def fault_of(command: tuple[str, ...], hello_within_s: float = PATIENCE_S) -> AdapterError:
    """What an adapter is told to have done, at hello or later."""

    async def play() -> None:
        with pytest.raises(AdapterError) as found:
            async with started(ByLines(command), hello_within_s=hello_within_s) as client:
                await some_requests(client)
        raised.append(found.value)

    raised: list[AdapterError] = []
    played(play)
    return raised[0]


@pytest.mark.dear
def test_answers_come_in_any_order(tmp_path: Path) -> None:
    text = """
kept = []
def take(ask):
    if ask["do"] != "report":
        return ok(ask)
    kept.append(ask)
    if len(kept) == 3:
        for one in reversed(kept):
            ok(one, phase=str(one["id"]))
"""

    async def play() -> None:
        async with started(ByLines(adapter(tmp_path, text))) as client:
            assert (client.hello.name, client.hello.profiles) == ("few lines", ("states", "chat"))
            session = await client.start(START)
            reports = await asyncio.gather(*(session.report() for _ in range(3)))
            assert [report.phase for report in reports] == ["3", "4", "5"]

    played(play)


@pytest.mark.dear
@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("write('ready')", "has written a line that is no JSON"),
        ("def take(ask): ok(ask); ok(ask)", "has answered request 1 twice"),
        ("def take(ask): say(id=ask['id'] + 7, ok={})", "answers request 8, which nobody has made"),
        ("HELLO['contract'] = 2", "wants version 2 of the contract"),
        ("def take(ask): ok(ask, phase=1)", "answered report with what is no result of it: /phase"),
        (
            "HELLO['handled'] = True",
            "declares that its reports count what was handled, and reports",
        ),
        ("take = lambda ask: say(id=None, error='no request')", "takes a line of the kit for none"),
        (
            "def take(ask): os.close(1); time.sleep(60)",
            "has closed its standard output, and runs on",
        ),
        (
            "def take(ask): os.write(1, b'{'); os._exit(0)",
            "output ends within a line, which begins: {",
        ),
        ("write('x' * (32 * 1024 * 1024 + 1))", "written a line of more than 33554432 bytes"),
    ],
)
def test_faults_of_an_adapter(tmp_path: Path, text: str, sentence: str) -> None:
    found = fault_of(adapter(tmp_path, text))
    assert sentence in str(found)
    assert isinstance(found, ContractError)
    assert found.exit_code == 3


@pytest.mark.dear
def test_an_adapter_that_ends_is_gone_and_its_last_words_are_shown(tmp_path: Path) -> None:
    text = "def take(ask):\n  ok(ask) if ask['do'] != 'report' else sys.exit('it broke')"
    found = fault_of(adapter(tmp_path, text))
    assert isinstance(found, GoneError)
    told = "The client has ended with code 1 before it had answered report. It said:\nit broke"
    assert str(found) == told


@pytest.mark.dear
def test_an_adapter_that_hangs_is_gone(tmp_path: Path) -> None:
    found = fault_of(adapter(tmp_path, "time.sleep(60)"), hello_within_s=0.2)
    assert isinstance(found, GoneError)
    assert str(found).startswith("The client hangs: hello had no answer within 0.2 s. Does the")


@pytest.mark.dear
def test_each_request_has_its_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WITHIN_S", 1.0)
    text = "def take(ask):\n  if ask['do'] != 'report': ok(ask)"
    found = fault_of(adapter(tmp_path, text))
    assert str(found) == "The client hangs: report had no answer within 1 s."


@pytest.mark.dear
def test_a_command_that_is_none_is_told(tmp_path: Path) -> None:
    found = fault_of((str(tmp_path / "nothing"),))
    assert isinstance(found, GoneError)
    assert "The client has ended with code 127 before it had answered hello" in str(found)
    assert "cannot run" in str(found)


def test_the_reference_client_keeps_the_contract() -> None:
    async def play() -> None:
        async with started(ByLines(REFERENCE)) as client:
            assert client.hello.handled
            assert client.hello.timers
            session = await client.start(START)
            report = await session.report()
            assert (report.phase, report.handled, report.position) == ("offline", 0, None)
            with pytest.raises(DeclinedError, match=r"declines to start: .*runs already"):
                await client.start(START)
            assert (await session.dispatch("chat.send", {"content": "x"})).refused is None
            assert (await session.dispatch("chat.send", {"content": 7})).refused == "invalid"
            await session.stop()
            with pytest.raises(DeclinedError, match="declines to report"):
                await session.report()
        assert client.process.child is not None
        assert not client.process.child.running

    played(play)
