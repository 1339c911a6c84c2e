"""A tap that does not hear is never green: each way to go deaf is put into a run, which has no verdict."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from nats.errors import Error as NatsError
from tests.kit.command.tool import QUICK

from omnisession_conformance.cli.main import cli
from omnisession_conformance.engine.scheduler import Engine
from omnisession_conformance.environment.access import at
from omnisession_conformance.environment.broker import embedded_broker
from omnisession_conformance.errors import BrokerError
from omnisession_conformance.exits import Exit
from omnisession_conformance.protocol.schemas.check import Checker
from omnisession_conformance.report import TRANSCRIPT_FILE
from omnisession_conformance.results.jsonl import read_text
from omnisession_conformance.traffic import tap as taps
from omnisession_conformance.traffic.connection import TapClient, connect_as
from omnisession_conformance.traffic.ledger import Ledger
from omnisession_conformance.traffic.log import Log
from omnisession_conformance.traffic.reader import Reader
from omnisession_conformance.traffic.tap import DEAF, Tap

if TYPE_CHECKING:
    from pathlib import Path

    from nats.aio.subscription import Subscription

    from omnisession_conformance.traffic.record import Record

RECORDED = 8
LIMITED = "authorization {{ users: [{{ user: kit, password: kit, permissions: {{ {} }} }}] }}\n"


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of its own, and an environment that names no broker."""
    monkeypatch.chdir(tmp_path)
    for name in ("NATS_URL", "OMNISESSION_SECRET"):
        monkeypatch.delenv(name, raising=False)


def check(folder: Path) -> tuple[int, str, set[str]]:
    """Run a few cases: the exit code, the reason that the footer tells, and the statuses of checks."""
    code = cli.main(["check", *QUICK], standalone_mode=False)
    text = (folder / "report" / "results.jsonl").read_text("utf-8")
    lines: list[dict[str, Any]] = [json.loads(line) for line in text.splitlines()]
    statuses = {line["status"] for line in lines if line["line"] == "check"}
    return code, lines[-1]["reason"], statuses


@pytest.mark.dear
def test_a_tap_whose_subscription_is_not_in_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def forgotten(*_: object) -> None:
        return None

    monkeypatch.setattr(TapClient, "listen", forgotten)
    code, reason, statuses = check(tmp_path)
    assert (code, statuses) == (Exit.NO_VERDICT, {"NOT_RUN"})
    assert DEAF in reason
    assert "`omnisession doctor`" in reason


def test_a_tap_that_stops_reading_ends_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = Log.append

    def stumbles(self: Log, record: Record) -> None:
        if record.n == RECORDED:
            raise RuntimeError("a fault of the test")
        append(self, record)

    monkeypatch.setattr(Log, "append", stumbles)
    why = "the tap failed to read a message: RuntimeError: a fault of the test"
    assert check(tmp_path) == (Exit.NO_VERDICT, why, {"NOT_RUN"})
    transcript = read_text(tmp_path / "report" / TRANSCRIPT_FILE)
    assert transcript.count('"line":"message"') == RECORDED


@pytest.mark.dear
def test_a_tap_that_has_lost_its_subscription_when_the_cases_are_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscriptions: list[Subscription] = []
    listen, run_cases = TapClient.listen, Engine.run_cases

    async def kept(self: TapClient, subject: str) -> None:
        subscriptions.append(await listen(self, subject))

    async def then_deaf(self: Engine) -> None:
        await run_cases(self)
        assert all(result.reason == "" for result in self.results.values())
        await subscriptions[0].unsubscribe()

    monkeypatch.setattr(TapClient, "listen", kept)
    monkeypatch.setattr(Engine, "run_cases", then_deaf)
    monkeypatch.setattr(taps, "SETTLE_TIMEOUT_S", 0.5)
    assert check(tmp_path) == (Exit.NO_VERDICT, DEAF, {"NOT_RUN"})


def test_an_answer_that_nobody_waits_for_any_more_makes_nobody_deaf() -> None:
    heard: list[str] = []

    async def run() -> None:
        async with embedded_broker() as broker:
            client = await connect_as(
                lambda: TapClient(lambda message: heard.append(message.subject)), at(broker.url)
            )
            await client.listen(">")
            flush = asyncio.create_task(client.flush())
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            flush.cancel()
            await asyncio.wait([flush])
            assert flush.cancelled()
            await client.publish("afterwards", b"")
            assert await client.hears_itself("_INBOX.mark", within_s=10)
            await client.close()
            with pytest.raises(NatsError):
                await client.publish("afterwards", b"")
            assert not await client.hears_itself("_INBOX.mark", within_s=10)

    asyncio.run(run())
    assert heard == ["afterwards"]


@pytest.mark.parametrize(
    ("permissions", "what"),
    [
        ('subscribe: ["_INBOX.>"]', 'permissions violation for subscription to ">"'),
        ('publish: ["session.>"], subscribe: ">"', "permissions violation for publish"),
    ],
)
def test_a_broker_that_does_not_allow_it(permissions: str, what: str) -> None:
    lost: list[str] = []

    async def run() -> None:
        async with embedded_broker(LIMITED.format(permissions)) as broker:
            ledger = Ledger(shared_broker=True)
            reader = Reader(Checker(), ledger.services, 1.0)
            tap = Tap(Log(), ledger, reader, "_INBOX.trace.", lost.append)
            try:
                await tap.open(at(broker.url.replace("://", "://kit:kit@")))
            finally:
                await tap.close()

    with pytest.raises(BrokerError) as caught:
        asyncio.run(run())
    assert what in str(caught.value).lower()
    assert "publish on `_INBOX.>`" in str(caught.value)
    assert what in lost[0].lower()
