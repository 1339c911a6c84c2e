"""The process around an instance: it ends with all that it needs, and leaves nothing open."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.reference.bench import SECRET

from omnisession_durable import service
from omnisession_durable.journal import Journal, WrongJournalError
from omnisession_reference.access import Access
from omnisession_reference.connection import Connection
from omnisession_reference.core import Settings
from omnisession_reference.discovery import Discovery
from omnisession_reference.log import Log
from omnisession_reference.parts import Parts
from omnisession_reference.service import STOP_SIGNALS, Options, UnreachableError
from omnisession_reference.turns import AT_A_TIME
from omnisession_reference.wire import Incoming

if TYPE_CHECKING:
    from collections.abc import Generator


@pytest.fixture(autouse=True)
def kept_signals() -> Generator[None]:
    before = {number: signal.getsignal(number) for number in STOP_SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture(name="closed")
def without_broker(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let a process believe that it has a broker; returns which connections it has closed."""
    closed: list[str] = []

    async def close(one: Connection) -> None:
        closed.append(type(one).__name__)

    async def nothing(*_: Any) -> None:
        pass

    monkeypatch.setattr(Connection, "close", close)
    monkeypatch.setattr(Connection, "flush", nothing)
    monkeypatch.setattr(Discovery, "start", nothing)
    monkeypatch.setattr(Journal, "prepare", nothing)
    monkeypatch.setattr(service, "connect", nothing)
    return closed


async def run() -> int:
    options = Options(Access("nats://127.0.0.1:9"), SECRET, Log("error"), Parts(), Settings())
    async with asyncio.timeout(20):
        return await service.serve(options)


@pytest.mark.parametrize("place", [(Journal, "follow"), (Journal, "write"), (Connection, "write")])
def test_a_task_that_fails_ends_the_process(
    closed: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    place: tuple[type, str],
) -> None:
    async def fails(*_: Any) -> None:
        raise ValueError("no such thing")

    monkeypatch.setattr(service, "DRAIN_S", 0.1)
    monkeypatch.setattr(*place, fails)
    assert asyncio.run(run()) == 70
    assert closed == ["Journal", "Connection"]
    assert "has ended: ValueError('no such thing')" in capsys.readouterr().err


def test_a_second_connection_that_fails_leaves_the_first_one_closed(
    closed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def connect(one: Connection, *_: Any) -> None:
        if not isinstance(one, Journal):
            raise UnreachableError("not this one")

    monkeypatch.setattr(service, "connect", connect)
    with pytest.raises(UnreachableError):
        asyncio.run(run())
    assert "Journal" in closed


def test_a_stream_of_other_settings_is_for_somebody_to_look_at(
    closed: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def prepare(_: Journal) -> None:
        raise WrongJournalError("it has max_age 1")

    monkeypatch.setattr(Journal, "prepare", prepare)
    assert asyncio.run(run()) == 78
    assert closed == ["Journal", "Connection"]
    assert "it has max_age 1" in capsys.readouterr().err


def test_what_waits_behind_too_much_that_is_not_stored_is_told_so_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Overloaded:
        under_way = service.MOST_UNDER_WAY + 1

    monkeypatch.setattr(service.Process, "term", Overloaded())

    async def told() -> list[str]:
        options = Options(Access("nats://127.0.0.1:9"), SECRET, Log("error"), Parts(), Settings())
        process = service.Process(options)
        process.instance.margins = replace(process.instance.margins, answer=20, tick=5)
        handed: list[str] = []
        all_of_them = asyncio.Event()

        def receive(message: Incoming) -> None:
            handed.append(message.reply)
            if len(handed) > AT_A_TIME:
                all_of_them.set()

        monkeypatch.setattr(process.instance, "receive", receive)
        serving = asyncio.create_task(process.turns.serve(process.pause))
        for number in range(AT_A_TIME + 1):
            process.put(Incoming("user.actions.ann", f"_INBOX.{number}", b"{}"))
        async with asyncio.timeout(20):
            await all_of_them.wait()
        serving.cancel()
        return handed

    assert asyncio.run(told()) == [f"_INBOX.{number}" for number in range(AT_A_TIME + 1)]
