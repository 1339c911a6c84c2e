"""What a client may try on a broker that it may not, as data; what shows whether it has got through."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from omnisession_conformance.protocol.subjects import tok
from omnisession_conformance.traffic.connection import Heard, OrderedClient, TapClient, connect_as

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Collection, Iterable

    from omnisession_conformance.environment.access import Access

PATIENCE_S = 10
OWN, VICTIM = "s-own", "s-victim"
"""Session ids: of the attacker, of another user."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """Something that is tried: to hear `heard` by a subscription, or to be heard on a subject.

    `{u}` stands for the attacker's token, `{v}` for that of the victim.
    """

    verb: str
    subject: str
    heard: str = ""
    queue: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.verb, self.subject, self.queue)))

    def of(self, attacker: str, victim: str) -> Attempt:
        """The attempt with names in it."""

        def named(text: str) -> str:
            return text.replace("{u}", tok(attacker)).replace("{v}", tok(victim))

        return Attempt(self.verb, named(self.subject), named(self.heard), self.queue)


def hear(subject: str, heard: str = "", queue: str = "") -> Attempt:
    """To hear something by a subscription."""
    return Attempt("hear", subject, heard or subject, queue)


def say(subject: str) -> Attempt:
    """To be heard on a subject."""
    return Attempt("say", subject)


THEIRS = f"session.{{v}}.{VICTIM}"
MINE = f"session.{{u}}.{OWN}"
ATTEMPTS: tuple[Attempt, ...] = (
    hear(f"{THEIRS}.state"),
    hear(f"{THEIRS}.events"),
    hear(f"{THEIRS}.control"),
    hear("session.{v}.*.*", f"{THEIRS}.state"),
    hear("session.*.*.*", f"{THEIRS}.state"),
    hear("session.*.*.state", f"{THEIRS}.state"),
    hear(f"session.*.{VICTIM}.events", f"{THEIRS}.events"),
    hear("session.>", f"{THEIRS}.state"),
    hear("*.*.*.state", f"{THEIRS}.state"),
    hear(">", f"{THEIRS}.state"),
    hear("_INBOX.>", "_INBOX.{v}.1"),
    hear("_INBOX.{v}.>", "_INBOX.{v}.1"),
    hear("_INBOX.*.>", "_INBOX.{v}.1"),
    hear("_INBOX.*", "_INBOX.plain"),
    hear("_INBOX.~server.>", "_INBOX.~server.1"),
    hear("_INBOX.~audit.>", "_INBOX.~audit.1"),
    hear("_INBOX.{v}.~b.>", "_INBOX.{v}.~b.1.1"),
    hear("_R_.>", "_R_.1.2"),
    hear("user.actions.{v}"),
    hear("user.actions.{u}"),
    hear("user.actions.*", "user.actions.{v}"),
    hear("chat.messages"),
    hear("article.edit.start"),
    hear("article.>", "article.edit.start"),
    hear("session.*.*.control", f"{THEIRS}.control", "omnisession"),
    hear("session.{u}.*.control", f"{MINE}.control", "omnisession"),
    hear(f"{MINE}.control", queue="omnisession"),
    hear(f"{MINE}.state", queue="another"),
    *(hear(f"{MINE}.state", queue=queue) for queue in ("a.b", "a.b.c", "*", ">", "*.b", "a..b")),
    hear("_INBOX.{u}.>", "_INBOX.{u}.1", "a.b"),
    hear("user.actions.*", "user.actions.{u}", "omnisession"),
    hear("$SRV.>", "$SRV.PING"),
    hear("omni.>", "omni.j.1"),
    say(f"{THEIRS}.control"),
    say(f"{THEIRS}.state"),
    say(f"{THEIRS}.events"),
    say(f"{MINE}.state"),
    say(f"{MINE}.events"),
    say("user.actions.{v}"),
    say("chat.messages"),
    say("article.edit.start"),
    say("article.a1.updates"),
    say("_INBOX.{v}.1"),
    say("_INBOX.{u}.1"),
    say("_INBOX.~server.1"),
    say("_R_.x.1"),
    say("omni.j.1"),
    say("$SRV.PING"),
    say("$SRV.INFO.omnisession"),
    say("$JS.API.INFO"),
    say("$JS.API.STREAM.NAMES"),
    say("$JS.API.CONSUMER.CREATE.OMNI_JOURNAL"),
    say("$JS.API.STREAM.DELETE.OMNI_JOURNAL"),
    say("$KV.any.key"),
)
RIGHT: tuple[Attempt, ...] = (
    hear(f"{MINE}.state"),
    hear(f"{MINE}.*", f"{MINE}.control"),
    hear("session.{u}.*.*", f"{MINE}.events"),
    hear("_INBOX.{u}.>", "_INBOX.{u}.1.2"),
    hear("article.a1.updates"),
    say(f"{MINE}.control"),
    say("session.{u}.another.control"),
    say("user.actions.{u}"),
)
"""What a client has to be able to do."""


class Watch:
    """A connection that may do everything: it speaks to whoever listens, and hears whoever speaks."""

    def __init__(self, client: TapClient, heard: list[Heard]) -> None:
        self._client = client
        self._heard = heard

    @classmethod
    async def on(cls, access: Access) -> Self:
        """Connect, and hear everything from now on."""
        heard: list[Heard] = []
        client = await connect_as(lambda: TapClient(heard.append), access, no_echo=True)
        await client.listen(">")
        await client.flush()
        return cls(client, heard)

    async def says(self, subject: str, data: bytes) -> None:
        """Publish, and return when the broker has handed it on."""
        await self._client.publish(subject, data)
        await self._client.flush()

    async def has_heard(self, data: bytes) -> bool:
        """Whether a message came, once all that the broker had for it is here."""
        await self._client.flush()
        return any(data == message.data for message in self._heard)

    async def subjects_of(self, those: Collection[str]) -> set[str]:
        """On which of some subjects anything came, once all that the broker had for it is here."""
        await self._client.flush()
        return {message.subject for message in self._heard if message.subject in those}

    async def close(self) -> None:
        """Leave."""
        await self._client.close()


@contextlib.asynccontextmanager
async def watching(access: Access) -> AsyncGenerator[Watch]:
    """A connection that sees, as long as it is needed; it has to be one that may do everything."""
    watch = await Watch.on(access)
    try:
        yield watch
    finally:
        await watch.close()


async def got_through(
    watch: Watch, access: Access, attempts: Iterable[Attempt]
) -> dict[Attempt, bool]:
    """Whether each attempt succeeds, for a user that connects so.

    That nothing came is told by a PONG behind it: what the broker had for a connection comes before.
    """
    async with asyncio.timeout(PATIENCE_S):
        return {one: await _tried(watch, access, one) for one in attempts}


async def _tried(watch: Watch, access: Access, attempt: Attempt) -> bool:
    heard: list[Heard] = []

    async def ignore(_: Exception) -> None:
        """What the broker says to an attempt is no proof: only what has come is."""

    client: OrderedClient = await connect_as(
        lambda: TapClient(heard.append), access, error_cb=ignore, no_echo=True
    )
    mark = secrets.token_hex(8).encode()
    try:
        if attempt.verb == "say":
            await client.publish(attempt.subject, mark)
            await client.flush()
            return await watch.has_heard(mark)
        await client.listen(attempt.subject, attempt.queue)
        await client.flush()
        await watch.says(attempt.heard, mark)
        await client.flush()
        return any(mark == message.data for message in heard)
    finally:
        await client.close()
