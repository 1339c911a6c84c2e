"""A server on a journal needs what the command grants it, and no more; a client reaches no journal."""

from __future__ import annotations

import asyncio
import contextlib
import json
import tempfile
from typing import TYPE_CHECKING

import nats
import pytest
from tests.durable.clients import Client, Listener
from tests.durable.processes import Server
from tests.kit.permissions.attempts import Attempt, got_through, hear, say, watching
from tests.kit.permissions.brokers import ALL, Broker, broker_with, of_client

from omnisession_conformance.cli.permissions import as_conf
from omnisession_conformance.protocol.permissions import granted, roles
from omnisession_durable.stream import CONFIG

if TYPE_CHECKING:
    from collections.abc import Generator

USER = "peer"
"""The user whose inboxes are those of the clients of tests."""
JOURNAL = (
    hear("omni.>", "omni.j.0"),
    hear("omni.j.*", "omni.j.0"),
    hear("omni.j.0"),
)
OUT_OF_REACH = (
    *JOURNAL,
    say("omni.j.0"),
    say("omni.j.beat"),
    say("$JS.API.INFO"),
    say("$JS.API.STREAM.INFO.OMNI_JOURNAL"),
    say("$JS.API.STREAM.CREATE.OMNI_JOURNAL"),
    say("$JS.API.STREAM.MSG.GET.OMNI_JOURNAL"),
    say("$JS.API.DIRECT.GET.OMNI_JOURNAL"),
    say("$JS.API.CONSUMER.CREATE.OMNI_JOURNAL"),
    say("$JS.API.CONSUMER.CREATE.OMNI_JOURNAL.name"),
    say("$JS.FC.OMNI_JOURNAL.name.1"),
)
"""What no client may do; all of it gets through without permissions."""
NOT_NEEDED = (
    *JOURNAL,
    hear("_INBOX.>", "_INBOX.peer.1"),
    say("omni.i.0"),
    say("$JS.API.STREAM.DELETE.OMNI_JOURNAL"),
    say("$JS.API.STREAM.PURGE.OMNI_JOURNAL"),
    say("$JS.API.STREAM.UPDATE.OMNI_JOURNAL"),
    say("$JS.API.STREAM.CREATE.ANOTHER"),
    say("$JS.API.CONSUMER.CREATE.ANOTHER.name"),
    say("$JS.API.CONSUMER.DELETE.OMNI_JOURNAL.name"),
    say("$JS.API.DIRECT.GET.OMNI_JOURNAL"),
)
"""What a server does not do either."""
ENTRIES, SIZE = 2_000, 2_048
"""More than a consumer is sent before it has to say that it keeps up."""


def of_server() -> str:
    """The lines that the command prints for a server with a journal."""
    return as_conf(granted(roles()["server"], journal=True))


@contextlib.contextmanager
def journal_for(lines: str) -> Generator[Broker]:
    """A broker with JetStream, a server with some permissions, and a client with those of a client."""
    users = {"server": lines, USER: of_client(USER)}
    with (
        tempfile.TemporaryDirectory() as folder,
        broker_with(users, f'jetstream {{ store_dir: "{folder}" }}') as broker,
    ):
        yield broker


async def through(broker: Broker, user: str, attempts: tuple[Attempt, ...]) -> set[str]:
    """The attempts of a user that get through."""
    async with watching(broker.access(ALL)) as watch:
        found = await got_through(watch, broker.access(user), attempts)
    return {str(one) for one, well in found.items() if well}


async def served(broker: Broker, servers: list[Server]) -> None:
    """Have a client with its permissions served by one server, and by the next one."""
    peer = await Listener.connect(broker.url_of(USER), "_INBOX.peer.>", f"session.{USER}.s.*")
    client = Client(peer, USER)
    try:
        await client.open()
        first = await client.say(1)
        assert await asyncio.to_thread(servers[-1].stop) == 0
        servers.append(Server(broker.url_of("server")))
        await client.say(2)
        # What was told before is told again: it has come by the journal.
        assert await client.say(1) == first
        assert len(peer.epochs_of(USER)) == 2
        kept = {str(one) for one in OUT_OF_REACH}
        assert await through(broker, ALL, OUT_OF_REACH) == kept
        assert await through(broker, USER, OUT_OF_REACH) == set()
        assert await through(broker, "server", NOT_NEEDED) == set()
        # What others have written into the journal meanwhile counts for nothing.
        await client.say(3)
    finally:
        await peer.connection.close()


def test_it_serves_and_is_started_again_and_no_client_reaches_its_journal() -> None:
    with journal_for(of_server()) as broker:
        servers = [Server(broker.url_of("server"))]
        try:
            asyncio.run(served(broker, servers))
            assert servers[-1].stop() == 0
            logs = [line for server in servers for line in server.log]
            assert [line for line in logs if line["event"] == "broker_error"] == []
        finally:
            for server in servers:
                server.kill()


async def fill(url: str) -> None:
    """Have a journal with more than is handed over at once, none of it an entry."""
    client = await nats.connect(url)  # pyright: ignore[reportUnknownMemberType]
    await client.request("$JS.API.STREAM.CREATE.OMNI_JOURNAL", json.dumps(CONFIG).encode())
    for number in range(ENTRIES):
        await client.publish("omni.j.0", str(number).encode().ljust(SIZE))
    await client.close()


def refusals(lines: str, *, filled: bool, until: str) -> int:
    """How often a broker refuses something to a server with some permissions, until it has logged this."""
    with journal_for(lines) as broker:
        if filled:
            asyncio.run(fill(broker.url))
        server = Server(broker.url_of("server"))
        try:
            server.wait_for(until)
            return [line["event"] for line in server.log].count("broker_error")
        finally:
            server.kill()


@pytest.mark.dear
def test_with_all_of_its_rights_nothing_is_refused_to_it() -> None:
    assert refusals(of_server(), filled=True, until="speaks") == 0


@pytest.mark.dear
@pytest.mark.parametrize("left_out", roles()["server"].journal)
def test_it_needs_each_of_its_rights(left_out: str) -> None:
    lines = of_server()
    assert f'"{left_out}"' in lines
    less = lines.replace(f'"{left_out}"', '"nothing"')
    filled = "STREAM.CREATE" not in left_out
    assert refusals(less, filled=filled, until="broker_error")
