"""Deployments that are wrong in one way each, with what this breaks; and unusual right ones."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.kit.deployment.places import ALL, ODD, Place, right
from tests.kit.permissions.brokers import PASSWORD, of_client, of_role

from omnisession_conformance.environment.access import at
from omnisession_conformance.traffic.connection import connect

if TYPE_CHECKING:
    from collections.abc import Generator

REPLIED = 5
"""Words of the line of a message that names a reply subject."""
SLOW_S = 0.7
STORE = "jetstream { max_memory_store: 10MB, max_file_store: 0 }"


@dataclass(frozen=True)
class Wrong:
    """A deployment, and the requirements that are broken there."""

    place: Place
    breaks: frozenset[str]


def of_ann(old: str, new: str) -> Place:
    """A place where ann's permissions have another line in them."""
    return Place({**right(), "ann": lines_of_ann(old, new)})


def lines_of_ann(old: str, new: str) -> str:
    """Ann's permissions with another line in them."""
    lines = of_client("ann")
    assert old in lines, f"{old} is not in:\n{lines}"
    return lines.replace(old, new)


def more(direction: str, subject: str) -> Place:
    """A place where ann's permissions have one more subject in them."""
    return Place({**right(), "ann": lines_with(direction, subject)})


def lines_with(direction: str, subject: str) -> str:
    """Ann's permissions with one more subject in them."""
    after = {"publish": '"user.actions.ann"', "subscribe": '"_INBOX.ann.>"'}[direction]
    return lines_of_ann(after, f"{after}, {json.dumps(subject)}")


def wrong(requirement: str, place: Place) -> Wrong:
    """A deployment that breaks one requirement."""
    return Wrong(place, frozenset({f"SECU-{requirement}"}))


def third(after: str, subject: str) -> Place:
    """A third client with one more subject in its permissions, behind another one."""
    lines = of_client("eve")
    assert f'"{after}"' in lines, f"{after} is not in:\n{lines}"
    return Place({**right(), "eve": lines.replace(f'"{after}"', f'"{after}", "{subject}"')})


@contextlib.contextmanager
def listening_in(place: str) -> Generator[None]:
    """Somebody who may hear everything does."""
    host, port = place.split(":")
    says = {"user": ALL, "pass": PASSWORD, "name": "curious", "verbose": False, "pedantic": False}
    with socket.create_connection((host, int(port))) as line:
        line.sendall(f"CONNECT {json.dumps(says)}\r\nSUB session.> 1\r\nPING\r\n".encode())
        heard = b""
        while b"PONG" not in heard:
            heard += line.recv(4_096)
        yield


@contextlib.contextmanager
def with_stream(place: str, subject: str) -> Generator[None]:
    """A stream takes what comes on a subject, and says so."""

    async def make() -> None:
        client = await connect(at(f"nats://{ALL}:{PASSWORD}@{place}"))
        asked = {"name": "ALL", "subjects": [subject], "storage": "memory"}
        told = await client.request("$JS.API.STREAM.CREATE.ALL", json.dumps(asked).encode(), 10)
        assert b'"error"' not in told.data, told.data
        await client.close()

    asyncio.run(make())
    yield


@contextlib.contextmanager
def storing_slowly(place: str) -> Generator[None]:
    """Somebody answers the last of a row of requests as a stream does whose replicas are far away."""
    ready, over = threading.Event(), threading.Event()
    host, port = place.split(":")

    def store() -> None:
        says = {"user": ALL, "pass": PASSWORD, "verbose": False, "pedantic": False}
        with socket.create_connection((host, int(port))) as line:
            line.sendall(f"CONNECT {json.dumps(says)}\r\nSUB session.*.*.control 1\r\n".encode())
            line.sendall(b"PING\r\n")
            line.settimeout(0.05)
            heard, last, at_s = b"", "", 0.0
            while not over.is_set():
                with contextlib.suppress(TimeoutError):
                    heard += line.recv(65_536)
                if b"PONG" in heard:
                    ready.set()
                *whole, heard = heard.split(b"\r\n")
                for words in (one.decode("utf-8", "replace").split() for one in whole):
                    if words[:1] == ["MSG"] and len(words) == REPLIED:
                        last, at_s = words[3], time.monotonic()
                if last and time.monotonic() > at_s + SLOW_S:
                    ack = '{"stream":"FAR","seq":1}'
                    line.sendall(f"PUB {last} {len(ack)}\r\n{ack}\r\n".encode())
                    last = ""

    thread = threading.Thread(target=store)
    thread.start()
    try:
        assert ready.wait(10)
        yield
    finally:
        over.set()
        thread.join()


SILENT = Place(meanwhile=listening_in)
WRONG: dict[str, Wrong] = {
    "open-sessions": wrong("001", more("subscribe", "session.>")),
    "open-states": wrong("001", more("subscribe", "session.*.*.state")),
    "open-control": wrong("001", more("subscribe", "session.*.*.control")),
    "victim-named": wrong("001", more("subscribe", "session.bob.*.*")),
    "third-opens-sessions": wrong("001", third("_INBOX.eve.>", "session.>")),
    "third-forges-actions": wrong("002", third("user.actions.eve", "user.actions.*")),
    "control-writable": wrong("002", more("publish", "session.*.*.control")),
    "actions-writable": wrong("002", more("publish", "user.actions.*")),
    "actions-below": wrong("002", more("publish", "user.actions.>")),
    "states-writable": wrong("003", of_ann('"session.ann.*.control"', '"session.ann.*.*"')),
    "hints-writable": wrong("003", more("publish", "article.*.updates")),
    "inboxes-open": wrong("004", of_ann('"_INBOX.ann.>"', '"_INBOX.>"')),
    "plain-inboxes-open": wrong("004", more("subscribe", "_INBOX.*")),
    "server-inboxes-open": wrong("004", more("subscribe", "_INBOX.~server.>")),
    "imports-open": wrong("004", more("subscribe", "_R_.>")),
    "inboxes-writable": wrong("005", more("publish", "_INBOX.>")),
    "own-inboxes-writable": wrong("005", more("publish", "_INBOX.ann.>")),
    "allow-responses": wrong(
        "005", of_ann("permissions {", "permissions {\n  allow_responses: true")
    ),
    "actions-heard": wrong("006", more("subscribe", "user.actions.*")),
    "own-actions-heard": wrong("006", more("subscribe", "user.actions.ann")),
    "edits-heard": wrong("006", more("subscribe", "article.>")),
    "queues-open": wrong("007", of_ann('"> >"', '"nothing"')),
    "dotted-queues-open": wrong("007", of_ann('"> >"', '"> *"')),
    "jetstream-open": wrong("008", more("publish", "$JS.API.>")),
    "consumer-create": wrong("008", more("publish", "$JS.API.CONSUMER.CREATE.>")),
    "stores-open": wrong("008", more("publish", "$KV.>")),
    "services-asked": wrong("008", more("publish", "$SRV.>")),
    "services-heard": wrong("008", more("subscribe", "$SRV.>")),
    "private-writable": wrong("008", more("publish", "omni.>")),
    "shared": wrong("009", Place({**right(), "ann": of_client("ann", shared=True)})),
    "raw-id": Wrong(
        Place({**right(), ODD: of_client(ODD).replace("=2a", "*")}),
        # It is one of the clients, too, and opens what it opens for all of them.
        frozenset({"SECU-001", "SECU-002", "SECU-004", "SECU-010"}),
    ),
    "anonymous": wrong("011", Place(more='no_auth_user: "ann"')),
    "silent-listener": wrong("012", SILENT),
    "capturing-stream": wrong(
        "013",
        Place(more=STORE, meanwhile=lambda place: with_stream(place, "session.*.*.control")),
    ),
    "stream-that-stores-slowly": wrong("013", Place(meanwhile=storing_slowly)),
    "stream-of-actions": wrong(
        "013", Place(more=STORE, meanwhile=lambda place: with_stream(place, "user.actions.>"))
    ),
    "one-account": wrong("014", Place(of_tenant=of_client("ann"), apart=False)),
    "server-hears-inboxes": wrong(
        "015",
        Place({**right(), "server": of_role("server").replace("_INBOX.~server.>", "_INBOX.>")}),
    ),
    "server-hears-alone": wrong(
        "015",
        Place({**right(), "server": of_role("server").replace("control omnisession", "control")}),
    ),
}
"""By name; all is caught by what it breaks, and nothing else is said to be broken."""

RIGHT: dict[str, Place] = {
    "as-printed": Place(),
    "with-jetstream": Place(more=STORE),
    "a-tenant-apart": Place(of_tenant=of_client("ann")),
    "one-who-may-listen": Place(meanwhile=listening_in, trusted=("curious",)),
    "inboxes-of-sessions": Place(inboxes={"ann": "_INBOX.ann.s1"}),
    "no-server": Place({k: v for k, v in right().items() if k != "server"}),
}
