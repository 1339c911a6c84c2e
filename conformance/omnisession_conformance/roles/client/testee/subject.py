"""The carrier of a subject: requests of a broker of the kit's own, for what has no standard input.

The kit hears nothing of it beside the contract, so neither its tokens nor its messages are in a transcript.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nats.errors import Error as NatsError

from omnisession_conformance.environment.access import at
from omnisession_conformance.environment.processes import start_child
from omnisession_conformance.roles.client.errors import ContractError, GoneError
from omnisession_conformance.roles.client.testee import words
from omnisession_conformance.roles.client.testee.contract_broker import ANY, Ports, contract_broker
from omnisession_conformance.roles.client.testee.lines import shown
from omnisession_conformance.roles.client.testee.process import Process
from omnisession_conformance.traffic.connection import TapClient, connect_as

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from typing import Any

    from omnisession_conformance.environment.node import Node
    from omnisession_conformance.roles.client.errors import AdapterError
    from omnisession_conformance.roles.client.testee.talk import Asked
    from omnisession_conformance.traffic.connection import Heard

LONGEST = 8 * 1_024 * 1_024
"""Of an answer, in bytes."""
_NOBODY = b"NATS/1.0 503"
"""What the headers of a broker's answer begin with where nobody listens."""


def environment_of(node: Node, subject: str) -> Mapping[str, str]:
    """All that the environment tells an adapter."""
    return {
        "OMNISESSION_TESTEE": "subject",
        "OMNISESSION_TESTEE_SUBJECT": subject,
        "NATS_URL": node.url,
        "NATS_WS_URL": node.websocket_url,
    }


class _Client(TapClient):
    """Is told as well where nobody listens."""

    def __init__(self, hear: Callable[[Heard], None], nobody: Callable[[], None]) -> None:
        super().__init__(hear)
        self._nobody = nobody

    async def _process_msg(
        self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: Any
    ) -> None:
        if headers and bytes(headers).startswith(_NOBODY):
            self._nobody()
        else:
            await super()._process_msg(sid, subject, reply, data, headers)


class Subject:
    """A subject on which one adapter takes requests; see `Carrier`.

    The first request waits until the adapter is ready. One that `runs` already may have said so before
    anybody listened: it is asked at once, and where nobody listens again when it is ready.
    """

    words = words.MESSAGES
    leaves_within_s = 0.0
    ends_early = (
        " A command that opens a page goes on until it is told to end, and ends the page then."
    )

    def __init__(self, subject: str, *, runs: bool) -> None:
        self.subject = subject
        self._runs = runs
        self._inbox = f"_INBOX.{secrets.token_hex(8)}"
        self._ready = False
        self._answered = False
        """Whether it has answered anything."""
        self._first: Asked | None = None
        self._waits = False
        """Whether the first request is put off until the adapter is ready."""
        self._process: Process | None = None
        self._client: _Client
        self._sending: set[asyncio.Task[None]] = set()

    async def connect(self, url: str) -> None:
        """Hear what is said here from now on."""
        self._client = await connect_as(
            lambda: _Client(self._hear, self._nobody), at(url), disconnected_cb=self._lost
        )
        for subject in (f"{self.subject}.ready", f"{self._inbox}.*"):
            await self._client.listen(subject)
        await self._client.flush()

    def attach(self, process: Process) -> None:
        """From now on a process takes its requests here."""
        self._process = process

    def unanswered(self, do: str) -> str:
        """See `Carrier`."""
        if do != "hello":
            return ""
        if not self._waits:
            return (
                f" Does it take requests on {self.subject}, and answer each on its reply subject?"
            )
        return (
            f" Nothing has come on {self.subject}.ready: does a page connect to the omni_kit of its "
            "address, a program to NATS_URL, and publish there once it takes requests?"
        )

    async def send(self, asked: Asked) -> None:
        """See `Carrier`."""
        self._first = self._first or asked
        self._waits = not (self._ready or self._answered or self._runs)
        if not self._waits:
            await self._publish(asked)

    def finish(self) -> None:
        """Nothing is said: a page is ended by what has opened it."""

    async def close(self) -> None:
        """See `Carrier`."""
        for task in self._sending:
            task.cancel()
        with contextlib.suppress(Exception):
            await self._client.close()
        self._client.drop()

    async def _publish(self, asked: Asked) -> None:
        try:
            await self._client.publish(self.subject, asked.line, f"{self._inbox}.{asked.id}")
        except NatsError:
            await self._lost()

    async def _lost(self) -> None:
        self._fail(ContractError("The kit has lost its own broker, which carries the contract."))

    def _hear(self, heard: Heard) -> None:
        if heard.subject.startswith(self._inbox):
            self._answer(heard.data)
        elif self._answered:
            self._gone("has begun anew: it is ready for the second time, with no session of before")
        else:
            self._ready = True
            if self._waits and self._first is not None:
                self._waits = False
                task = asyncio.create_task(self._publish(self._first))
                self._sending.add(task)
                task.add_done_callback(self._sending.discard)

    def _answer(self, data: bytes) -> None:
        self._answered = True
        if len(data) > LONGEST:
            self._fail(
                ContractError(
                    f"The adapter has sent a message of {len(data)} bytes, and on a subject one has at "
                    f"most {LONGEST}. It begins: {shown(data)}"
                )
            )
        elif self._process is not None:
            self._process.heard(data)

    def _nobody(self) -> None:
        """Nobody has listened when something was asked."""
        if self._answered:
            self._gone(
                f"takes no more requests on {self.subject}: its page is closed, or has lost its "
                "connection to the broker of the contract"
            )
        elif not self._ready:
            self._waits = True
        else:
            self._fail(
                ContractError(
                    f"The adapter has said on {self.subject}.ready that it is, and nobody takes requests "
                    f"on {self.subject}: subscribe before, on the same connection."
                )
            )

    def _gone(self, what: str) -> None:
        self._fail(GoneError(f"The client {what}.", by_itself=True))

    def _fail(self, error: AdapterError) -> None:
        if self._process is not None and not self._process.leaving:
            self._process.fail(error)


@dataclass(slots=True)
class BySubject:
    """An adapter on a subject; see `Way`.

    Without a `command` somebody else runs it, on the `subject` and at the `ports` that are known.
    """

    command: Sequence[str] | None = None
    subject: str | None = None
    ports: Ports = ANY
    program: Path | None = None
    _node: Node | None = field(default=None, init=False)
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack, init=False)

    @property
    def starts(self) -> bool:
        """See `Way`."""
        return self.command is not None

    async def begin(self) -> Process:
        """See `Way`; BrokerError where the kit's broker does not come up."""
        if self._node is None:
            around = contract_broker(self.program, self.ports)
            self._node = await self._stack.enter_async_context(around)
        # A page that was left behind hears nothing of the next.
        subject = Subject(
            self.subject or f"omni.testee.{secrets.token_hex(6)}", runs=self.command is None
        )
        await subject.connect(self._node.url)
        try:
            child = None
            if self.command is not None:
                told = environment_of(self._node, subject.subject)
                child = await start_child(self.command, env=told)
        except BaseException:
            await subject.close()
            raise
        process = Process(child, subject)
        subject.attach(process)
        return process

    async def close(self) -> None:
        """See `Way`; the broker ends."""
        self._node = None
        await self._stack.aclose()
