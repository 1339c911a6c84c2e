"""A client may name any reply subject: the broker looks at none but those of service imports.

What does not begin as an inbox gets nothing (SEC-001), also of a server that has it wrong where the broker
refuses it. Inboxes of others a server cannot tell from those of the client, and answers there.
"""

from __future__ import annotations

import asyncio
import json

import pytest
from nats.aio.client import Client
from tests.kit.permissions.attempts import PATIENCE_S, watching
from tests.kit.permissions.brokers import ALL, PASSWORD, Broker, broker_with, of_client, of_role
from tests.reference.bench import control
from tests.reference.broker import server

SUBJECT = "session.ann.s1.control"
OF_SERVERS = {f"session.bob.s2.{what}" for what in ("control", "state", "events")} | {
    "article.a1.updates"
}
"""On these a server may publish, whatever it is that it publishes there."""
OF_NOBODY = {
    *("session.bob.s2.other", "user.actions.bob", "chat.messages", "article.edit.start"),
    *("$JS.API.STREAM.NAMES", "$JS.API.CONSUMER.CREATE.OMNI_JOURNAL", "$SRV.PING", "omni.j.1"),
    *("_INBOX", "_INBOXx.bob.1", "_R_", "_R_x.1", "inbox.bob.1", "$KV.any.key"),
    "_R_.x.1",  # by the broker itself: a client's message with such a one goes nowhere
}
INBOXES = {"_INBOX.ann.1", "_INBOX.bob.x", "_INBOX.~server.x", "_INBOX.plain"}


async def answered(broker: Broker) -> set[str]:
    """On which reply subjects anything comes, to requests of a client with each of them."""
    ann = Client()

    async def ignore(_: Exception) -> None:
        """What is refused is seen by what does not come."""

    await ann.connect(  # pyright: ignore[reportUnknownMemberType]
        f"nats://{broker.place}",
        user="ann",
        password=PASSWORD,
        inbox_prefix=b"_INBOX.ann",
        error_cb=ignore,
    )
    ping = json.dumps(control("session.ping", "ann", "s1")).encode()
    every = OF_SERVERS | OF_NOBODY | INBOXES
    async with watching(broker.access(ALL)) as watch:
        try:
            for reply in sorted(every):
                await ann.publish(SUBJECT, ping, reply=reply)
            # What is sent on one connection is answered in turn.
            await ann.request(SUBJECT, ping, timeout=PATIENCE_S)
            return await watch.subjects_of(every)
        finally:
            await ann.close()


@pytest.mark.dear
@pytest.mark.parametrize(
    ("arguments", "more"), [((), set[str]()), (("--fault", "answers-anywhere"), OF_SERVERS)]
)
def test_a_server_answers_on_inboxes_and_a_wrong_one_where_its_permissions_end(
    arguments: tuple[str, ...], more: set[str]
) -> None:
    with (
        broker_with({"server": of_role("server"), "ann": of_client("ann")}) as broker,
        server(broker.url_of("server"), *arguments),
    ):
        assert asyncio.run(answered(broker)) == INBOXES | more
