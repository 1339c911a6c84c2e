"""Whoever reads the journal of a server may read it to its end, and end or confirm nothing of others."""

from __future__ import annotations

import asyncio
import contextlib
import json
import tempfile
from typing import TYPE_CHECKING

import pytest
from nats.aio.client import Client
from nats.errors import TimeoutError as NatsTimeoutError
from nats.js.api import ConsumerConfig, StreamConfig
from nats.js.client import JetStreamContext
from tests.kit.permissions.attempts import PATIENCE_S, got_through, hear, say, watching
from tests.kit.permissions.brokers import ALL, PASSWORD, Broker, broker_with, of_client, of_role

if TYPE_CHECKING:
    from collections.abc import Generator

STREAM, SUBJECTS = "OMNI_JOURNAL", "omni.j.*"
ENTRIES, SIZE = 2_000, 2_048
"""More than a consumer is sent before it has to say that it keeps up."""
FORBIDDEN = (
    say("omni.j.1"),
    say("session.bob.s2.state"),
    say("session.bob.s2.control"),
    say("$JS.API.STREAM.DELETE.OMNI_JOURNAL"),
    say("$JS.API.STREAM.PURGE.OMNI_JOURNAL"),
    say("$JS.API.STREAM.MSG.DELETE.OMNI_JOURNAL"),
    say("$JS.API.STREAM.UPDATE.OMNI_JOURNAL"),
    say("$JS.API.STREAM.CREATE.OMNI_JOURNAL"),
    say("$JS.API.CONSUMER.CREATE.ANOTHER.c"),
    say("$JS.API.CONSUMER.DURABLE.CREATE.OMNI_JOURNAL.of_servers"),
    say("$JS.API.CONSUMER.DELETE.OMNI_JOURNAL.of_servers"),
    say("$JS.API.CONSUMER.MSG.NEXT.OMNI_JOURNAL.of_servers"),
    say("$JS.ACK.OMNI_JOURNAL.of_servers.1.1.1.1.1"),
    say("$JS.API.STREAM.INFO.ANOTHER"),
    hear("omni.j.*", "omni.j.1"),
    hear("session.>", "session.bob.s2.state"),
    hear("_INBOX.>", "_INBOX.bob.1"),
)
"""Read-only is not enough: the stream's own subjects are those of servers."""


async def connected(broker: Broker, user: str, inbox: str) -> Client:
    client = Client()

    async def ignore(_: Exception) -> None:
        """What is refused is seen by what does not come."""

    await client.connect(  # pyright: ignore[reportUnknownMemberType]
        f"nats://{broker.place}",
        user=user,
        password=PASSWORD,
        inbox_prefix=inbox.encode(),
        error_cb=ignore,
        allow_reconnect=False,
    )
    return client


async def read(broker: Broker, user: str, inbox: str, patience_s: float = PATIENCE_S) -> int:
    """How many entries a user reads, in order, until there are no more or none come."""
    client = await connected(broker, user, inbox)
    count = 0
    try:
        journal = await JetStreamContext(client).subscribe(
            SUBJECTS, stream=STREAM, ordered_consumer=True
        )
        while count < ENTRIES:
            await journal.next_msg(timeout=patience_s)
            count += 1
    except (NatsTimeoutError, TimeoutError):
        pass
    finally:
        await client.close()
    return count


async def written(broker: Broker) -> None:
    client = await connected(broker, ALL, "_INBOX")
    wanted = StreamConfig(name=STREAM, subjects=[SUBJECTS])
    await JetStreamContext(client).add_stream(wanted)  # pyright: ignore[reportUnknownMemberType]
    for number in range(ENTRIES):
        await client.publish("omni.j.1", str(number).encode().ljust(SIZE))
    await client.flush()
    await client.close()


@contextlib.contextmanager
def journal_for(lines: str) -> Generator[Broker]:
    """A broker that keeps a journal, and an auditor with some permissions."""
    users = {"auditor": lines, "audit": of_client("audit")}
    with (
        tempfile.TemporaryDirectory() as folder,
        broker_with(users, f'jetstream {{ store_dir: "{folder}" }}') as broker,
    ):
        yield broker


@pytest.mark.dear
def test_the_journal_is_read_to_its_end_and_nothing_else_is_allowed() -> None:
    async def run(broker: Broker) -> tuple[int, set[str], set[str]]:
        await written(broker)
        whole = await read(broker, "auditor", "_INBOX.~audit")
        async with watching(broker.access(ALL)) as watch:
            free = await got_through(watch, broker.access(ALL), FORBIDDEN)
            told = await got_through(watch, broker.access("auditor"), FORBIDDEN)
        refused = {str(a) for a, well in free.items() if not well}
        return whole, refused, {str(a) for a, well in told.items() if well}

    with journal_for(of_role("auditor")) as broker:
        assert asyncio.run(run(broker)) == (ENTRIES, set(), set())


@pytest.mark.dear
@pytest.mark.parametrize("left_out", ["$JS.FC.OMNI_JOURNAL", "$JS.API.CONSUMER.CREATE"])
def test_an_auditor_needs_each_of_its_rights(left_out: str) -> None:
    async def run(broker: Broker) -> int:
        await written(broker)
        return await read(broker, "auditor", "_INBOX.~audit", patience_s=2)

    lines = of_role("auditor")
    assert left_out in lines
    with journal_for(lines.replace(left_out, "nothing")) as broker:
        assert asyncio.run(run(broker)) < ENTRIES


OF_SERVERS = "of_servers"
"""A consumer that is another's."""


async def asked(client: Client, subject: str, body: bytes = b"") -> bool:
    """Whether an API of the broker's says that it has done what was asked."""
    try:
        answer = await client.request(subject, body, timeout=1)
    except NatsTimeoutError:
        return False
    return "error" not in json.loads(answer.data)


@pytest.mark.dear
def test_an_auditor_ends_no_consumer_of_another_and_says_where_its_own_delivers() -> None:
    async def run(broker: Broker) -> tuple[bool, bool, bool, bool]:
        await written(broker)
        everything = await connected(broker, ALL, "_INBOX")
        auditor = await connected(broker, "auditor", "_INBOX.~audit")
        api = f"$JS.API.CONSUMER.DELETE.{STREAM}.{OF_SERVERS}"
        journal = JetStreamContext(everything)
        config = ConsumerConfig(name=OF_SERVERS)
        await journal.add_consumer(STREAM, config)  # pyright: ignore[reportUnknownMemberType]
        try:
            by_auditor = await asked(auditor, api)
            heard = await everything.subscribe(  # pyright: ignore[reportUnknownMemberType]
                "session.bob.s2.state"
            )
            wanted = {"deliver_subject": "session.bob.s2.state", "ack_policy": "none"}
            body = json.dumps({"stream_name": STREAM, "config": wanted}).encode()
            made = await asked(auditor, f"$JS.API.CONSUMER.CREATE.{STREAM}", body)
            delivered = bool(await heard.next_msg(timeout=PATIENCE_S))
            return by_auditor, made, delivered, await asked(everything, api)
        finally:
            await auditor.close()
            await everything.close()

    with journal_for(of_role("auditor")) as broker:
        # The page says that an auditor is to be trusted: this is why.
        assert asyncio.run(run(broker)) == (False, True, True, True)
