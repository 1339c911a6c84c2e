"""The server as a micro-service of NATS, on a real broker."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest
from tests.reference.broker import Peer, broker, server

from omnisession_reference import __version__
from omnisession_reference.protocol import LIMITS

if TYPE_CHECKING:
    from collections.abc import Generator

VERBS = ("PING", "INFO", "STATS")


@pytest.fixture(name="url", scope="module")
def start_broker() -> Generator[str]:
    with broker() as url:
        yield url


def test_it_is_found_in_every_way(url: str) -> None:
    async def scenario() -> None:
        peer = await Peer.connect(url)
        opened = (await peer.open("ann", "a"))["data"]
        for verb in VERBS:
            answer = await peer.ask(f"$SRV.{verb}", b"")
            assert answer["type"] == f"io.nats.micro.v1.{verb.lower()}_response"
            assert (answer["name"], answer["version"]) == ("omnisession", __version__)
            for name in ("omnisession", f"omnisession.{answer['id']}"):
                again = await peer.ask(f"$SRV.{verb}.{name}", b"")
                assert again["metadata"] == answer["metadata"]
            assert answer["metadata"]["protocol"] == "1.0"
            assert answer["metadata"]["profiles"] == ",".join(opened["profiles"])
            assert json.loads(answer["metadata"]["limits"]) == opened["limits"] == LIMITS
            assert not answer.get("endpoints")
        await peer.connection.close()

    with server(url) as running:
        asyncio.run(scenario())
        assert not [line for line in running.stop() if line["level"] == "error"]


def test_it_tells_of_the_kinds_served(url: str) -> None:
    async def scenario() -> str:
        peer = await Peer.connect(url)
        answer = await peer.ask("$SRV.PING.omnisession", b"")
        await peer.connection.close()
        return answer["metadata"]["profiles"]

    with server(url, "--kinds", "chat,articles"):
        assert asyncio.run(scenario()) == "core,articles,chat,events,digests"


@pytest.mark.dear
def test_it_answers_to_inboxes_alone_and_repeats_no_header(url: str) -> None:
    async def scenario() -> None:
        peer = await Peer.connect(url)
        for reply in ("session.ann.a.state", "inbox.x", "_INBOX.\xff", ""):
            await peer.connection.publish("$SRV.PING", b"{}", reply=reply)
        inbox = peer.new_inbox()
        headers = {"secret": "x", "Nats-Msg-Id": "1"}
        await peer.connection.publish("$SRV.INFO", b"\xff", reply=inbox, headers=headers)
        await peer.wait_for(inbox)
        await peer.open("ann", "a")  # it goes on serving
        answers = [subject for subject, body in peer.seen if "io.nats" in body["type"]]
        assert answers == [inbox]
        await peer.connection.close()

    with server(url) as running:
        asyncio.run(scenario())
        assert not [line for line in running.stop() if line["level"] == "error"]


@pytest.mark.dear
def test_it_is_found_no_more_once_it_stops(url: str) -> None:
    async def scenario() -> None:
        peer = await Peer.connect(url)
        inbox = peer.new_inbox()
        await peer.connection.publish("$SRV.PING", b"", reply=inbox)
        await peer.connection.flush()
        assert not peer.on(inbox)
        await peer.connection.close()

    with server(url) as running:
        running.stop()
    asyncio.run(scenario())
