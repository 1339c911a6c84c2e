"""The server as its own process on a real broker."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.reference.bench import SECRET, Body, action, control
from tests.reference.broker import PATIENCE_S, Peer, Server, broker, publish_raw, server

if TYPE_CHECKING:
    from collections.abc import Generator


@pytest.fixture(name="url", scope="module")
def running_broker() -> Generator[str]:
    with broker() as url:
        yield url


@pytest.fixture(name="running")
def running_server(url: str) -> Generator[Server]:
    with server(url) as running:
        yield running


def test_a_session_from_open_to_the_drain(url: str, running: Server) -> None:
    async def scenario() -> None:
        peer = await Peer.connect(url)
        opened = (await peer.open("ann", "a", "events", "digests", heartbeat_ms=200))["data"]
        epoch = opened["position"]["epoch"]
        await peer.open("bob", "b")
        created = await peer.act("ann", "a", 1, "article.create", title="T", content="text")
        article_id = created["result"]["article_id"]
        again = await peer.act("ann", "a", 1, "article.create", title="T", content="text")
        assert again == {**created, "status": "duplicate"}
        await peer.act("ann", "a", 2, "article.publish", article_id=article_id)
        [*_, state] = await peer.stream("bob", "b")
        assert [a["id"] for a in state["data"]["articles"]] == [article_id]

        stream = await peer.stream("ann", "a")
        assert [m["seq"] for m in stream] == [1, 2, 3, 4]
        resumed = await peer.request("ann", "a", "session.resume", epoch=epoch, seq=1)
        assert resumed["data"]["messages"] == stream[1:]
        [hint] = await peer.wait_for(f"article.{article_id}.updates")
        assert hint["event_id"] == stream[2]["event_id"]
        beats = await peer.wait_for("session.ann.a.control", 4)
        assert beats[-1]["type"] == "session.heartbeat"

        running.process.terminate()
        closing = await peer.wait_for("session.bob.b.control")
        assert (closing[-1]["type"], closing[-1]["data"]["reconnect"]) == ("session.closing", True)
        await peer.connection.close()

    asyncio.run(scenario())
    assert running.ready["event"] == "ready"
    assert running.stop()[-1]["event"] == "stopped"


@pytest.mark.dear
def test_a_silent_session_expires_and_its_edit_with_it(url: str, running: Server) -> None:
    async def scenario() -> None:
        peer = await Peer.connect(url)
        await peer.open("ann", "stays", "events")
        await peer.open("ann", "goes", heartbeat_ms=200, resume_window_ms=1_000)
        created = await peer.act("ann", "goes", 1, "article.create", title="T")
        article = created["result"]
        await peer.act("ann", "goes", 2, "article.edit_start", **article)
        [*_, ended] = await peer.wait_for("session.ann.stays.events", 3)
        assert (ended["type"], ended["actor"]) == ("article.edit_ended", None)
        answer = await peer.request("ann", "goes", "session.ping")
        assert answer["data"]["error"]["code"] == 4101
        await peer.connection.close()

    asyncio.run(scenario())
    assert running.process.poll() is None


HOSTILE = [
    b"PUB user.actions.\xff 2\r\n{}\r\n",
    b"PUB session.\xc3.s.control 2\r\n{}\r\n",
    b"PUB user.actions.a\x0bb\x0c 2\r\n{}\r\n",
    b"PUB user.actions.\x00 2\r\n{}\r\n",
    b"PUB user.actions.ann _INBOX.\xff\x0b 2\r\n{}\r\n",
    b"PUB user.actions.ann _INBOX.>.* 2\r\n{}\r\n",
    b"PUB user.actions.ann _INBOX..a. 2\r\n{}\r\n",
    b"PUB user.actions.ann session.bob.b.state 2\r\n{}\r\n",
    b"HPUB user.actions.ann 8 10\r\nNATS/1.0{}\r\n",
    b"HPUB user.actions.ann 2 4\r\n\xff\xfe{}\r\n",
    b"PUB chat.messages 20000\r\n" + b"[" * 20_000 + b"\r\n",
    b"PUB article.edit.start 3\r\n\xff\xfe\x00\r\n",
    b"PUB session.ann.a.control 0\r\n\r\n",
]


@pytest.mark.dear
def test_nothing_that_anybody_publishes_stops_it(url: str, running: Server) -> None:
    async def scenario() -> None:
        # The client library of the tests would itself stop at a subject that is not UTF-8.
        peer = await Peer.connect(url, "_INBOX.peer.*", "session.ann.a.*", "session.bob.b.*")
        await peer.open("ann", "a")
        for lines in HOSTILE:
            await asyncio.to_thread(publish_raw, url, lines)
            answer = await peer.request("ann", "a", "session.ping")
            assert answer["data"]["position"]["seq"] == 1
        answer = await peer.ask("user.actions.ann", b'{"a":' * 10_000)
        assert answer["data"]["error"]["code"] == 4000
        assert peer.on("session.bob.b.state") == []
        await peer.connection.close()

    asyncio.run(scenario())
    log = running.stop()
    assert {line["event"] for line in log} >= {"refused", "forged_reply"}
    assert not [line for line in log if line["event"] == "disconnected"][1:]


@pytest.mark.dear
def test_actions_over_three_subjects_keep_their_order(url: str, running: Server) -> None:
    async def scenario() -> None:
        peer = await Peer.connect(url)
        await peer.open("ann", "a", "events", gap_ms=0)
        article = (await peer.act("ann", "a", 1, "article.create", title="T"))["result"]
        for number in range(2, 92):
            body: Body = action("ann", "a", number, "article.edit_start") | article
            subject = "article.edit.start"
            if number % 3 == 0:
                body, subject = action("ann", "a", number, "chat.send"), "chat.messages"
                body["content"] = "hello"
            elif number % 3 == 1:
                body, subject = action("ann", "a", number, "session.noop"), "user.actions.ann"
            await peer.connection.publish(subject, json.dumps(body).encode())
        told = await peer.wait_for("session.ann.a.control", 91)
        assert [t["data"]["client_seq"] for t in told] == list(range(1, 92))
        assert {t["type"] for t in told} == {"action.ack"}
        await peer.connection.close()

    asyncio.run(scenario())
    assert running.process.poll() is None


@pytest.mark.dear
def test_requests_are_handled_in_the_order_sent(url: str, running: Server) -> None:
    async def scenario() -> None:
        peer = await Peer.connect(url)
        await peer.open("ann", "a")
        types = ["session.ping", "session.sync", "session.ping", "session.close", "session.ping"]
        inboxes = [peer.new_inbox() for _ in types]
        for inbox, type_ in zip(inboxes, types, strict=True):
            data = json.dumps(control(type_, "ann", "a")).encode()
            await peer.connection.publish("session.ann.a.control", data, reply=inbox)
        answers = [(await peer.wait_for(inbox))[0] for inbox in inboxes]
        assert [a["type"] for a in answers] == [
            "session.pong",
            "session.syncing",
            "session.pong",
            "session.closed",
            "error",
        ]
        assert [a["data"]["position"]["seq"] for a in answers[:3]] == [1, 1, 2]
        await peer.connection.close()

    asyncio.run(scenario())
    assert running.process.poll() is None


def test_a_fault_is_put_in_by_its_name(url: str) -> None:
    async def scenario() -> Body:
        peer = await Peer.connect(url)
        await peer.open("ann", "a")
        [state] = await peer.wait_for("session.ann.a.state")
        await peer.connection.close()
        return state

    with server(url, "--fault", "null-list"):
        assert asyncio.run(scenario())["data"]["articles"] is None


@pytest.mark.dear
def test_a_rate_is_kept_by_its_option(url: str) -> None:
    async def scenario() -> list[int | None]:
        peer = await Peer.connect(url)
        await peer.open("ann", "a", gap_ms=0)
        outcomes = [await peer.act("ann", "a", number, "session.noop") for number in (1, 2)]
        await peer.connection.close()
        return [outcome.get("error", {}).get("code") for outcome in outcomes]

    with server(url, "--rate", "1"):
        assert asyncio.run(scenario()) == [None, 4290]


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    names = ("NATS_URL", "OMNISESSION_SECRET", "OMNISESSION_FAULT")
    kept = {name: value for name, value in os.environ.items() if name not in names}
    return subprocess.run(
        [sys.executable, "-m", "omnisession_reference", *arguments],
        env={**kept, **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def test_wrong_usage_says_the_way_out() -> None:
    unknown = run("--secret", "s", OMNISESSION_FAULT="no-such-fault")
    assert unknown.returncode == 4
    assert "there is no fault 'no-such-fault'; --list-faults names them all" in unknown.stderr


@pytest.mark.dear
def test_so_does_each_other_wrong_usage() -> None:
    assert "OMNISESSION_SECRET" in (missing := run()).stderr
    assert missing.returncode == 4
    assert run("--no-such-option").returncode == 4
    assert run("--secret", "s", "--rate", "0").returncode == 4
    early = run("--secret", "s", "--window-ms", "5000", "--outcomes-ms", "4999")
    assert early.returncode == 4
    assert "--outcomes-ms is below --window-ms" in early.stderr
    kinds = run("--secret", "s", "--kinds", "chat,x")
    assert kinds.returncode == 4
    assert "there is no kind 'x'; --kinds takes some of articles, chat, url, user" in kinds.stderr
    keys = run("--keys", __file__)
    assert keys.returncode == 4
    assert f"--keys: {__file__}: is neither a public key in PEM" in keys.stderr
    listed = run("--list-faults")
    assert listed.returncode == 0
    assert "null-list\tENV-005\tAn empty list of articles is null.\n" in listed.stdout


@pytest.mark.dear
def test_no_broker_is_told_at_once() -> None:
    with socket.socket() as taken:  # bound, so nobody else listens there; not listening itself
        taken.bind(("127.0.0.1", 0))
        address = f"nats://127.0.0.1:{taken.getsockname()[1]}"
        refused = run("--nats", address, "--secret", SECRET)
    assert refused.returncode == 3
    assert "no broker answered" in refused.stderr
