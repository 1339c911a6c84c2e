"""The adapter as its own process, on a real broker with the reference server."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from typing import IO, TYPE_CHECKING

import pytest
from tests.client.gate import gate_to
from tests.client.kit import ALL, Adapter, Json
from tests.reference.broker import PATIENCE_S, broker, server
from tests.schemas.contract import faults

from omnisession_client import testee

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = [sys.executable, "-m", "omnisession_client.testee"]
HELLO = b'{"id": 1, "do": "hello", "contract": 1}\n'


def is_live(report: Json) -> bool:
    return report["phase"] == "live" and report["slices"]["user"]["user"] is not None


def contents(report: Json) -> list[str]:
    return [message["content"] for message in reversed(report["slices"]["chat"]["messages"])]


def test_two_sessions_come_to_the_same_slices_over_a_cut() -> None:
    async def scenario(url: str) -> None:
        async with gate_to(url) as gate, Adapter() as adapter:
            await adapter.start("a", gate.url, "Zoë.x")
            await adapter.start("b", url, "Zoë.x")
            await adapter.start("c", url, "bob", features=[])
            for session in "abc":
                report = await adapter.until(session, is_live)
                assert faults("report_result", report) == []
                assert report["handled"] >= len(ALL)
            await adapter.act("b", "chat.send", content="one")
            await adapter.act("b", "user.update", changes={"username": "Zoë"})
            await adapter.until("a", lambda r: contents(r) == ["one"])
            await adapter.act("a", "chat.send", content="two")
            await adapter.until("c", lambda r: contents(r) == ["one", "two"])

            gate.cut()
            for number in range(5):
                await adapter.act("b", "chat.send", content=f"meanwhile {number}")
            await adapter.act("b", "url.create", target_url="https://example.org/")
            all_of_it = ["one", "two", *(f"meanwhile {number}" for number in range(5))]
            await adapter.until("a", lambda r: r["phase"] == "live" and contents(r) == all_of_it)
            assert gate.connections == 2
            await adapter.act("a", "article.create", title="T", content="text")

            at_rest = await adapter.until(
                "b", lambda r: len(r["slices"]["articles"]["articles"]) == 1
            )
            same = await adapter.until("a", lambda r: r["slices"] == at_rest["slices"])
            assert same["session_id"] != at_rest["session_id"]
            assert same["refused"] == []
            assert [len(r["session_id"]) for r in (same, at_rest)] == [32, 32]
            others = await adapter.until("c", lambda r: contents(r) == all_of_it)
            assert others["slices"]["chat"] == same["slices"]["chat"]
            await adapter.done("stop", session="a")
            left = await adapter.until("b", lambda r: len(r["slices"]["user"]["sessions"]) == 1)
            assert left["phase"] == "live"

    with broker() as url, server(url):
        asyncio.run(scenario(url))


@pytest.mark.dear
def test_a_client_outlives_server_and_broker() -> None:
    async def scenario(url: str) -> None:
        async with Adapter() as adapter:
            await adapter.start("a", url, "ann")  # nobody is there yet
            assert (await adapter.done("report", session="a"))["phase"] in ("offline", "opening")
            with server(url) as running:
                first = await adapter.until("a", is_live)
                running.stop()  # which says when to come back
            timers = {"answer_ms": 300, "retry_base_ms": 20, "retry_max_ms": 100}
            await adapter.start("b", url, "ann", timers=timers)
            with server(url):  # it knows no session
                after = await adapter.until("b", is_live)
                assert after["session_id"] != first["session_id"]
                await adapter.until(
                    "a", lambda r: r["session_id"] != first["session_id"] and is_live(r)
                )

    with broker() as url:
        asyncio.run(scenario(url))


@pytest.mark.dear
def test_requests_that_are_none_are_refused_and_nothing_else_happens() -> None:
    async def scenario() -> None:
        async with Adapter("--kinds", "chat,url", "--read-only") as adapter:
            hello = await adapter.done("hello", contract=3)
            assert faults("hello_result", hello) == []
            assert hello["contract"] == 1
            assert hello["profiles"] == ["states", "core", "events", "digests", "chat", "url"]
            for line in (b"hello", b"[]", b"\xff", b"{" * 5_000):
                answer = await adapter.raw(line)
                assert faults("answer", answer) == []
            assert "error" in await adapter.raw(b'{"do": "hello"}')
            await adapter.start("a", "nats://127.0.0.1:9", "ann", kinds=["chat"])
            wrong = [
                await adapter.ask("dance"),
                await adapter.ask("report", session="b"),
                await adapter.ask("report"),
                await adapter.ask("start", session="a"),
                await adapter.ask("dispatch", session="a", type="chat.send", data={}),
                await adapter.ask("stop", session=["a"]),
            ]
            for answer in wrong:
                assert faults("answer", answer) == []
                assert "error" in answer
            report = await adapter.done("report", session="a", want=["phase", "handled"])
            assert report == {"phase": "offline", "handled": 0}
            await adapter.done("stop", session="a")
            assert "error" in await adapter.ask("report", session="a")

    asyncio.run(scenario())


PENDING = {"pure": [], "hybrid": ["hybrid"], "optimistic": ["hybrid", "optimistic"]}


def not_put(_fault: str | None, _variant: str | None) -> None:
    """It would stay in the process of the tests."""


@pytest.mark.parametrize(
    ("options", "mode"),
    [
        ([], "optimistic"),
        (["--mode", "hybrid"], "hybrid"),
        (["--mode", "pure"], "pure"),
        (["--fault", "never-repeats-the-silent"], "pure"),
        (["--variant", "gives-up-at-once", "--mode", "hybrid"], "hybrid"),
        (["--variant", "phase-one", "--fault", "tells-no-nack"], "pure"),
    ],
)
def test_the_mode_is_that_of_the_option_or_of_the_wrong_client(
    monkeypatch: pytest.MonkeyPatch, options: list[str], mode: str
) -> None:
    said: list[Json] = []

    async def serve(adapter: testee.Testee) -> None:
        said.append(await adapter.answer({"id": 1, "do": "hello", "contract": 1}))

    monkeypatch.setattr(testee, "serve", serve)
    monkeypatch.setattr(testee.unlike, "put_in_force", not_put)
    assert testee.main(options) == 0
    profiles = said[0]["ok"]["profiles"]
    assert [one for one in profiles if one in ("hybrid", "optimistic")] == PENDING[mode]


def test_what_only_reads_claims_nothing_of_actions() -> None:
    for mode in testee.ACTING:
        hello = testee.Declared(("chat",), (), actions=False, mode=mode).hello()
        assert hello["profiles"] == ["states", "core", "chat"]


def ran(stdin: IO[bytes] | int) -> tuple[int, bytes, bytes]:
    done = subprocess.run(
        COMMAND, stdin=stdin, capture_output=True, timeout=PATIENCE_S, check=False
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.dear
def test_the_end_of_standard_input_is_the_end(tmp_path: Path) -> None:
    assert ran(subprocess.DEVNULL) == (0, b"", b"")
    (tmp_path / "lines").write_bytes(HELLO.rstrip())
    with (tmp_path / "lines").open("rb") as lines:
        code, out, errors = ran(lines)
    assert (code, errors) == (0, b"")
    assert json.loads(out)["ok"]["contract"] == 1


@pytest.mark.dear
def test_sigterm_ends_it_while_it_waits() -> None:
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        os.write(process.stdin.fileno(), HELLO)
        assert b'"ok"' in process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
