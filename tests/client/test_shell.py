"""What the shell does on a connection, seen by one who plays the server by hand."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import nats
import pytest
from nats.aio.transport import TcpTransport
from tests.client.bench import NOW, opened, position
from tests.client.gate import gate_to
from tests.reference.broker import PATIENCE_S, broker, publish_raw

from omnisession_client import shell
from omnisession_client.effects import Renewed
from omnisession_client.shell import CrashedError, Shell
from omnisession_client.values import Config, Timings
from omnisession_reference.wire import tok

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Generator

    from nats.aio.client import Client
    from nats.aio.msg import Msg

    from omnisession_client.values import Mode

EMPTY: dict[str, Any] = {"messages": [], "participants": [], "typing_indicators": []}
CONFIG = Config("Zoë.x", ("chat",), ("events",), None, Timings(20, 100, 200, 4_000))


@pytest.fixture(name="url", scope="module")
def running_broker() -> Generator[str]:
    with broker() as url:
        yield url


class Hand:
    """Hears what clients ask, and answers when it is told to."""

    def __init__(self, connection: Client) -> None:
        self.connection = connection
        self.asked: asyncio.Queue[Msg] = asyncio.Queue()
        self.acted: asyncio.Queue[Msg] = asyncio.Queue()
        self.lets_go = True

    async def on_request(self, message: Msg) -> None:
        self.asked.put_nowait(message)
        if self.lets_go and json.loads(message.data)["type"] == "session.close":
            await self.answer(message, "session.closed")

    async def on_action(self, message: Msg) -> None:
        self.acted.put_nowait(message)

    async def next(self, type_: str) -> Msg:
        """The next request of a type."""
        async with asyncio.timeout(PATIENCE_S):
            while json.loads((message := await self.asked.get()).data)["type"] != type_:
                pass
        return message

    async def answer(self, request: Msg, type_: str, **data: Any) -> None:
        body = json.loads(request.data)
        await self.connection.publish(request.reply, written({**body, "type": type_, "data": data}))

    async def open(self) -> str:
        """Let a client in, and return its session id."""
        request = await self.next("session.open")
        await self.answer(request, "session.opened", **opened(CONFIG))
        return json.loads(request.data)["session_id"]


def written(body: Any) -> bytes:
    return json.dumps(body).encode()


@contextlib.asynccontextmanager
async def hand(url: str) -> AsyncGenerator[Hand]:
    connection = await nats.connect(url)  # pyright: ignore[reportUnknownMemberType]
    playing = Hand(connection)
    subjects = ("session.*.*.control", playing.on_request), ("user.actions.*", playing.on_action)
    for subject, take in subjects:
        await connection.subscribe(subject, cb=take)  # pyright: ignore[reportUnknownMemberType]
    await connection.flush()
    yield playing
    await connection.close()


@contextlib.asynccontextmanager
async def client(url: str, mode: Mode = "pure") -> AsyncGenerator[Shell]:
    running = Shell(replace(CONFIG, mode=mode), url, 20)
    yield running
    await running.stop()


async def until(running: Shell, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    async with asyncio.timeout(PATIENCE_S):
        while not holds(found := await running.report()):
            await asyncio.sleep(0.01)
    return found


def play(scenario: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        await scenario()

    asyncio.run(whole())


def subject(session_id: str, last: str) -> str:
    return f"session.{tok(CONFIG.user_id)}.{session_id}.{last}"


def body(session_id: str, seq: int, type_: str, **data: Any) -> bytes:
    told = {"v": "1.0", "type": type_, "user_id": CONFIG.user_id, "session_id": session_id}
    place = {"timestamp": NOW, "epoch": 1, "seq": seq, "last_action_seq": 0}
    return written({**told, **place, "data": data})


def test_every_message_of_the_subscription_counts_once_it_is_handled(url: str) -> None:
    async def scenario() -> None:
        async with hand(url) as server, client(url) as running:
            session_id = await server.open()
            await until(running, lambda r: r["phase"] == "live")
            for last, data in (
                ("state", body(session_id, 1, "session.state", type="weather")),
                ("events", body(session_id, 2, "x-acme.thing_done")),
                ("events", body(session_id, 2, "x-acme.thing_done")),
                ("control", b"\xff"),
                ("control", written({"v": "1.0", "type": "session.news"})),
                ("more", b"{}"),
                ("events", body("another", 3, "x-acme.thing_done")),
            ):
                await server.connection.publish(subject(session_id, last), data)
            report = await until(running, lambda r: r["handled"] == 7)
            assert report["position"] == {"epoch": 1, "seq": 2, "last_action_seq": 0}
            assert report["session_id"] == session_id

    play(scenario)


def test_no_subject_and_no_header_stops_it(url: str) -> None:
    async def scenario() -> None:
        async with hand(url) as server, client(url) as running:
            session_id = await server.open()
            await until(running, lambda r: r["phase"] == "live")
            name = subject(session_id, "").encode()
            odd = [b"PUB " + name + last + b" 2\r\n{}\r\n" for last in (b"\xff", b"a\x0cb", b"=")]
            header = b"NATS/1.0\r\n: \xff\r\nno header\r\n\r\n"
            size = f"{len(header)} {len(header) + 2}".encode()
            odd.append(b"HPUB " + name + b"events " + size + b"\r\n" + header + b"{}\r\n")
            await asyncio.to_thread(publish_raw, url, b"".join(odd))
            data = body(session_id, 1, "x-acme.thing_done")
            await server.connection.publish(subject(session_id, "events"), data)
            report = await until(running, lambda r: r["handled"] == len(odd) + 1)
            assert report["phase"] == "recovering", "a body of no use asks for states"

    play(scenario)


def test_what_a_message_made_it_send_has_left_when_it_counts(url: str) -> None:
    async def scenario() -> None:
        async with hand(url) as server, client(url) as running:
            session_id = await server.open()
            await until(running, lambda r: r["phase"] == "live")
            gap = body(session_id, 9, "x-acme.thing_done")
            await server.connection.publish(subject(session_id, "events"), gap)
            await until(running, lambda r: r["handled"] == 1)
            assert running.state.recovery.number is not None
            request = await server.next("session.resume")
            assert json.loads(request.data)["data"] == {"epoch": 1, "seq": 0}

    play(scenario)


def test_nobody_there_is_no_answer_and_is_known_at_once(url: str) -> None:
    async def scenario() -> None:
        async with client(url) as running:
            await until(running, lambda _: running.state.recovery.failures >= 3)
            assert running.handled == 0, "it does not hear itself"
            async with hand(url) as server:
                first = await server.open()
                report = await until(running, lambda r: r["phase"] == "live")
                assert report["session_id"] == first

    play(scenario)


def test_a_new_session_has_a_subscription_and_a_count_of_its_own(url: str) -> None:
    async def scenario() -> None:
        async with hand(url) as server, client(url) as running:
            first = await server.open()
            for seq in range(1, 4):
                data = body(first, seq, "x-acme.thing_done")
                await server.connection.publish(subject(first, "events"), data)
            await until(running, lambda r: r["handled"] == 3)
            error = {"code": 4041, "name": "SESSION_UNKNOWN", "message": "x", "retryable": False}
            await server.answer(await server.next("session.ping"), "error", error=error)
            second = await server.open()
            assert second != first
            data = body(first, 4, "x-acme.thing_done")
            await server.connection.publish(subject(first, "events"), data)
            data = body(second, 1, "x-acme.thing_done")
            await server.connection.publish(subject(second, "events"), data)
            report = await until(running, lambda r: r["handled"] == 1)
            assert (report["session_id"], report["position"]["seq"]) == (second, 1)

    play(scenario)


def test_what_is_pending_is_sent_once_the_session_is_live_and_again_after_a_cut(url: str) -> None:
    async def scenario() -> None:
        async with (
            gate_to(url) as gate,
            hand(url) as server,
            client(gate.url, "optimistic") as running,
        ):
            first, _ = await running.dispatch("chat.send", {"content": "ü"}, None)
            assert (await running.report())["pending"] == [{"action_id": first, "client_seq": None}]
            await server.open()
            sent = await server.acted.get()
            gate.cut()
            await until(running, lambda r: r["phase"] != "live")
            second, _ = await running.dispatch("chat.send", {"content": "x"}, None)
            request = await server.next("session.resume")
            assert server.acted.empty(), "before the answer nothing is due"
            await server.answer(
                request, "session.resumed", mode="current", messages=[], **position(0)
            )
            async with asyncio.timeout(PATIENCE_S):
                again, other = await server.acted.get(), await server.acted.get()
            assert again.data == sent.data
            assert json.loads(other.data)["action_id"] == second
            assert 0 < running.state.steady_ms <= shell.steady_ms() < running.state.now_ms
            shown = (await running.report())["view"]["chat"]["messages"]
            assert [one["id"] for one in shown] == [f"local:{second}", f"local:{first}"]

    play(scenario)


def test_actions_and_copies_have_the_same_bytes_and_nothing_waits_for_a_lost_connection(
    url: str,
) -> None:
    async def scenario() -> None:
        async with gate_to(url) as gate, hand(url) as server, client(gate.url) as running:
            session_id = await server.open()
            await until(running, lambda r: r["phase"] == "live")
            action_id, refused = await running.dispatch("chat.send", {"content": "ü"}, None)
            assert refused is None
            first = await server.acted.get()
            assert json.loads(first.data)["action_id"] == action_id
            gate.cut()
            await until(running, lambda r: r["phase"] != "live")
            assert (await running.dispatch("chat.send", {"content": "x"}, None))[1] == "not_live"
            request = await server.next("session.resume")
            assert server.acted.empty(), "before the answer nothing is due"
            await server.answer(
                request, "session.resumed", mode="current", messages=[], **position(0)
            )
            async with asyncio.timeout(PATIENCE_S):
                again = await server.acted.get()
            assert (again.data, again.subject) == (first.data, first.subject)
            assert json.loads(again.data)["session_id"] == session_id

    play(scenario)


def test_a_client_that_leaves_tells_the_server(url: str) -> None:
    async def scenario() -> None:
        async with hand(url) as server:
            server.lets_go = False
            async with client(url) as running:
                await server.open()
                await until(running, lambda r: r["phase"] == "live")
                leaving = asyncio.create_task(running.stop())
                request = await server.next("session.close")
                assert not leaving.done()
                await server.answer(request, "session.closed")
                async with asyncio.timeout(PATIENCE_S):
                    await leaving

    play(scenario)


def test_a_client_that_never_found_a_broker_can_leave() -> None:
    async def scenario() -> None:
        with socket.socket() as taken:  # bound, so nobody else listens there; not listening itself
            taken.bind(("127.0.0.1", 0))
            running = Shell(CONFIG, f"nats://127.0.0.1:{taken.getsockname()[1]}", 1)
            assert (await running.report())["phase"] == "offline"
            async with asyncio.timeout(PATIENCE_S):
                await running.stop()

    play(scenario)


def test_a_client_leaves_by_a_socket_that_is_reset_meanwhile(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def is_reset(_self: object) -> None:
        raise ConnectionResetError

    async def scenario() -> None:
        async with hand(url) as server, client(url) as running:
            await server.open()
            await until(running, lambda r: r["phase"] == "live")
            monkeypatch.setattr(TcpTransport, "wait_closed", is_reset)
            async with asyncio.timeout(PATIENCE_S):
                await running.stop()

    play(scenario)


def test_a_core_that_fails_is_told_and_says_nothing_more(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def scenario() -> None:
        async with client(url) as running:
            with pytest.raises(CrashedError):
                await until(running, lambda _: False)
            with pytest.raises(CrashedError):
                await running.dispatch("chat.send", {"content": "x"}, None)

    def fails(*_: object) -> None:
        raise RuntimeError("not as planned")

    monkeypatch.setattr(shell, "update", fails)
    play(scenario)
    assert "not as planned" in capsys.readouterr().err


def test_the_user_hears_of_the_end_and_renews(url: str) -> None:
    async def scenario() -> None:
        warned: asyncio.Queue[int] = asyncio.Queue()
        running = Shell(replace(CONFIG, token="t-old"), url, 20, on_expiring=warned.put_nowait)
        async with hand(url) as server:
            session_id = await server.open()
            place = body(session_id, 1, "session.state", type="chat", **EMPTY)
            await server.connection.publish(subject(session_id, "state"), place)
            ending = body(session_id, 0, "auth.expiring", expires_at=NOW + 5_000)
            await server.connection.publish(subject(session_id, "control"), ending)
            async with asyncio.timeout(PATIENCE_S):
                assert await warned.get() == NOW + 5_000
            renewal = asyncio.create_task(running.renew("t-fresh"))
            request = await server.next("session.open")
            assert json.loads(request.data)["data"]["auth"]["token"] == "t-fresh"
            answer = opened(CONFIG, 1, expires_at=NOW + 9_000)
            await server.answer(request, "session.opened", **answer)
            async with asyncio.timeout(PATIENCE_S):
                assert await renewal == Renewed(moved=True, expires_at=NOW + 9_000)
            await running.stop()

    play(scenario)


def test_whoever_waits_no_more_for_a_renewal_leaves_the_session_alive(url: str) -> None:
    async def scenario() -> None:
        running = Shell(replace(CONFIG, token="t-old"), url, 20)
        async with hand(url) as server:
            session_id = await server.open()
            place = body(session_id, 1, "session.state", type="chat", **EMPTY)
            await server.connection.publish(subject(session_id, "state"), place)
            renewal = asyncio.create_task(running.renew("t-fresh"))
            request = await server.next("session.open")
            renewal.cancel()
            await asyncio.wait((renewal,))
            answer = opened(CONFIG, 1, expires_at=NOW + 9_000)
            await server.answer(request, "session.opened", **answer)
            again = asyncio.create_task(running.renew("t-later"))
            request = await server.next("session.open")
            assert json.loads(request.data)["data"]["auth"]["token"] == "t-later"
            await server.answer(request, "session.opened", **answer)
            async with asyncio.timeout(PATIENCE_S):
                assert (await again).moved
            await running.stop()

    play(scenario)
