"""Other connections to the broker, and more on them than the protocol asks for."""

import time
from typing import Any

from nats.aio.client import Client
from nats.micro.request import Request

from omnisession_faults.variants.registry import variant
from omnisession_reference.connection import Connection
from omnisession_reference.discovery import Discovery
from omnisession_reference.errors import Refusal
from omnisession_reference.router import Router
from omnisession_reference.turns import Turns
from omnisession_reference.wire import Incoming, JsonObject, WireError, decode


@variant("one-line-for-all")
class OneLineForAll(Turns):
    """Messages are handled in the order in which they came, and each action takes 3 ms."""

    def user_of(self, message: Incoming) -> str:
        """Put everybody into one queue."""
        del message
        return ""

    def next(self) -> None:
        """Take a while, as a server does that asks its store."""
        if self._users[""].messages[0][0].subject.startswith("user.actions."):
            time.sleep(0.003)
        super().next()


@variant("echo-on")
class EchoOn(Connection):
    """The server hears what it publishes itself, and ignores it."""

    async def connect(self, *args: Any, **options: Any) -> None:
        """Leave echo as it is."""
        await super().connect(*args, **{**options, "no_echo": False})  # pyright: ignore[reportUnknownMemberType]


@variant("service-with-endpoints")
class WithEndpoints(Discovery):
    """The micro-service has an endpoint of its own, outside the protocol."""

    async def start(self, connection: Client) -> None:
        """Offer one thing more."""
        await super().start(connection)
        if self._service is not None:
            group = self._service.add_group(name="acme")
            await group.add_endpoint(name="health", handler=_health)


async def _health(request: Request) -> None:
    await request.respond(b"well")


@variant("errors-name-what-they-can")
class NamingErrors(Router):
    """Errors have the ids of the body where its subject has none."""

    def refuse(
        self, message: Incoming, refusal: Refusal, user_id: str | None, session_id: str | None
    ) -> None:
        """Look into the body, if there is one."""
        if not message.subject.startswith("session."):
            named = _ids(message.data)
            user_id = named.get("user_id") if message.subject[:5] != "user." else user_id
            session_id = named.get("session_id")
        super().refuse(message, refusal, user_id, session_id)


def _ids(data: bytes) -> JsonObject:
    try:
        body = decode(data)
    except WireError:
        return {}
    return {name: value for name, value in body.items() if isinstance(value, str) and value}
