"""The tap hears everything, whatever a peer publishes, and knows its own messages from others'."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.kit.core.raw_peer import publish_raw
from tests.kit.core.taps import new_tap

from omnisession_conformance.environment.access import at
from omnisession_conformance.environment.broker import embedded_broker
from omnisession_conformance.environment.private import kept_from_clients
from omnisession_conformance.protocol.subjects import classify
from omnisession_conformance.results import read_transcript, write_transcript
from omnisession_conformance.traffic.connection import Heard, connect, read_headers
from omnisession_conformance.traffic.ledger import Ledger
from omnisession_conformance.traffic.log import Log
from omnisession_conformance.traffic.publisher import open_publisher
from omnisession_conformance.traffic.record import Party
from omnisession_conformance.traffic.redact import Redactor

if TYPE_CHECKING:
    from pathlib import Path

UNHEARD = ("omni.j.0", "_INBOX.~server.1", "_INBOX.~server.1.2")
BESIDE = ("omni.j", "omni.j.0.1", "omni.k.0", "_INBOX.~servers.1", "a.word")


def test_nothing_that_a_peer_publishes_makes_it_deaf(tmp_path: Path) -> None:
    log, lost = Log(), list[str]()

    async def run() -> None:
        async with embedded_broker() as broker:
            tap = new_tap(log, Ledger(shared_broker=False), lost)
            await tap.open(at(broker.url))
            await publish_raw(broker.url)
            await tap.settle()
            await tap.close()

    asyncio.run(run())
    assert [r.subject for r in log.records] == [
        "user.actions.\udcff",
        "odd\x0csubject",
        "odd\x0bsubject",
        "plain",
        "session.u.s.state",
    ]
    assert log.records[-1].body is None
    assert not lost
    path = tmp_path / "transcript.jsonl"
    assert write_transcript(path, log.records, Redactor()) == 5
    assert len(read_transcript(path)) == 5


def test_what_no_client_hears_is_passed_over() -> None:
    log = Log()

    async def run() -> None:
        async with embedded_broker() as broker:
            tap = new_tap(log, Ledger(shared_broker=False), [])
            tap.unheard = kept_from_clients()
            await tap.open(at(broker.url))
            speaker = await connect(at(broker.url))
            for subject in (*UNHEARD, *BESIDE):
                await speaker.publish(subject, b"")
            await speaker.flush()
            await tap.settle()
            await tap.close()
            await speaker.close()

    asyncio.run(run())
    assert tuple(record.subject for record in log.records) == BESIDE


def test_own_messages_are_known_once() -> None:
    log, ledger = Log(), Ledger(shared_broker=False)
    lost: list[str] = []

    async def run() -> None:
        async with embedded_broker() as broker:
            tap = new_tap(log, ledger, [])
            await tap.open(at(broker.url))
            publisher = await open_publisher(at(broker.url), ledger, "test", lost.append)
            await publisher.publish("session.u.s.control", b"{}", reply="_INBOX.a", case="mine")
            # An echo is the target's, although every byte of it is the kit's.
            await publisher.client.publish("session.u.s.control", b"{}", "_INBOX.a")
            await publisher.flush()
            await tap.settle()
            await publisher.close()
            await tap.close()

    asyncio.run(run())
    assert not lost, "it was closed, and had not failed"
    assert [(r.party, r.case) for r in log.records] == [
        (Party.KIT, "mine"),
        (Party.TARGET, None),
    ]


def test_on_a_shared_broker_others_are_strangers() -> None:
    ledger = Ledger(shared_broker=True)
    ledger.own("u", "s", "mine")
    ledger.marks.learn("q7Wz0TnB4kLm", before="usr-")

    def told(subject: str, data: bytes = b"{}") -> tuple[Party, str | None]:
        return ledger.attribute(classify(subject), subject, data)

    assert told("session.u.s.state") == (Party.TARGET, "mine")
    assert told("session.other.s.state") == (Party.STRANGER, None)
    assert told("something.else") == (Party.STRANGER, None)
    assert told("something.else", b'{"user_id":"usr-q7Wz0TnB4kLm"}') == (Party.TARGET, None)
    assert told("something.q7wz0tnb4klm") == (Party.TARGET, None), "in another case"
    assert told("something.else", b"Cx-q7Wz0TnB4kLm") == (Party.TARGET, None), "behind something"
    assert told("something.usr-q7Wz0TnB4kLn") == (Party.STRANGER, None)
    assert told("something.else", b'{"user_id":"usr-q7Wz0T"}') == (Party.STRANGER, None)
    assert told("article.a.updates") == (Party.TARGET, None)


def test_what_a_stream_says_once_more_is_nobodys() -> None:
    log, ledger = Log(), Ledger(shared_broker=True, repeats=True)
    ledger.marks.learn("q7wz0tnb4klm")
    tap = new_tap(log, ledger, [])
    first, again = "session.u.q7wz0tnb4klm.state", "audit.session.u.q7wz0tnb4klm.state"
    for subject, data, named in (
        (first, b'{"tag":"q7wz0tnb4klm"}', ""),
        (again, b'{"tag":"q7wz0tnb4klm"}', first),
        # What nobody has said before is said by whoever says it, whatever its headers are.
        (again, b'{"tag":"q7wz0tnb4klm","more":1}', first),
        (again, b'{"tag":"q7wz0tnb4klm"}', "session.u.q7wz0tnb4klm.events"),
        (again, b'{"tag":"q7wz0tnb4klm"}', ""),
    ):
        headers = {"Nats-Subject": named} if named else {}
        tap._on_message(Heard(subject, "", data, headers))  # pyright: ignore[reportPrivateUsage]
    assert [record.party for record in log.records] == [
        *(Party.TARGET, Party.STRANGER),
        *[Party.TARGET] * 3,
    ]


def test_losing_the_connection_is_told() -> None:
    lost: list[str] = []

    async def run() -> None:
        async with embedded_broker() as broker:
            tap = new_tap(Log(), Ledger(shared_broker=False), lost)
            await tap.open(at(broker.url))
            await broker.kit.stop()
            async with asyncio.timeout(5):
                while not lost:
                    await asyncio.sleep(0)
            await tap.close()

    asyncio.run(run())
    assert "the tap" in lost[0]


def test_headers_as_they_come() -> None:
    raw = b"NATS/1.0 503 No\r\na: 1\r\nno header\r\na: 2\r\nb:\xff\r\n\r\n"
    assert read_headers(raw) == {"a": "1", "b": "\udcff"}
