"""A client under test, as the kit asks it: hello, start, dispatch, report, stop."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omnisession_conformance.roles.client.errors import AdapterError, ContractError, DeclinedError
from omnisession_conformance.roles.client.testee.messages import (
    CONTRACT,
    Start,
    check_result,
    read_hello,
    read_report,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence

    from omnisession_conformance.protocol.json import Object
    from omnisession_conformance.roles.client.testee.carrier import Way
    from omnisession_conformance.roles.client.testee.messages import Hello, Report
    from omnisession_conformance.roles.client.testee.process import Process

HELLO_WITHIN_S, PAGE_WITHIN_S, STOP_WITHIN_S, WITHIN_S = 30.0, 60.0, 5.0, 5.0
"""Bounds of the contract, from the request on."""
AT_A_LOOK = ("session_id", "phase", "position", "handled")
"""What is asked for again and again; comparisons ask for everything."""


@dataclass(frozen=True, slots=True)
class Dispatched:
    """What became of a dispatch: the id of the action where it is known by now, or why it was refused."""

    action_id: str | None = None
    refused: str | None = None


class Client:
    """A process of an adapter, and what it has declared."""

    def __init__(self, process: Process, hello: Hello) -> None:
        self.process = process
        self.hello = hello

    async def start(self, start: Start) -> Session:
        """Begin a session; DeclinedError where the client says that it cannot."""
        await _ask(self.process, "start", start.members)
        return Session(self, start)

    async def leave(self) -> None:
        """End the process."""
        await self.process.leave()


@dataclass(frozen=True, slots=True)
class Session:
    """A session of the contract, from its start to its stop."""

    client: Client
    begun: Start
    declined: list[DeclinedError] = field(default_factory=list[DeclinedError])
    """What the client could not do any more."""

    @property
    def failed(self) -> AdapterError | None:
        """Why nothing more comes of this session, if so: its process is gone, or its client fails."""
        gone = self.client.process.error
        return gone or (self.declined[0] if self.declined else None)

    @property
    def name(self) -> str:
        """The kit's name for it."""
        return self.begun.session

    async def dispatch(
        self, type_: str, data: Mapping[str, Any], expect: Mapping[str, Any] | None = None
    ) -> Dispatched:
        """Let the user do something."""
        members: Object = {"session": self.name, "type": type_, "data": dict(data)}
        if expect is not None:
            members["expect"] = dict(expect)
        try:
            result = await _ask(self.client.process, "dispatch", members)
        except DeclinedError:
            # One that it cannot do says nothing of the session, unless it reports no more either.
            await self.report(AT_A_LOOK)
            raise
        return Dispatched(result.get("action_id"), result.get("refused"))

    async def report(self, want: Sequence[str] | None = None) -> Report:
        """Ask what it holds: all, or what is wanted."""
        members: Object = {"session": self.name}
        if want is not None:
            members["want"] = list(want)
        report = read_report(await self._ask("report", members, checked=True))
        if (
            report.handled is None
            and self.client.hello.handled
            and "handled" in (want or AT_A_LOOK)
        ):
            raise ContractError(
                "The adapter declares that its reports count what was handled, and reports no count."
            )
        return report

    async def _ask(self, do: str, members: Object, *, checked: bool = False) -> Object:
        try:
            return await _ask(self.client.process, do, members, checked=checked)
        except DeclinedError as error:
            self.declined.append(error)
            raise

    async def stop(self) -> None:
        """Let the user leave; returns when the connection is closed."""
        await _ask(self.client.process, "stop", {"session": self.name}, within_s=STOP_WITHIN_S)


async def _ask(
    process: Process,
    do: str,
    members: Mapping[str, Any],
    *,
    within_s: float | None = None,
    checked: bool = False,
) -> Object:
    answer = await process.ask(do, members, within_s=within_s or WITHIN_S)
    if answer.failure:
        raise DeclinedError(f"The client declines to {do}: {answer.failure}")
    if not checked:
        check_result(do, answer.result)
    return answer.result


async def greeted(way: Way, *, hello_within_s: float = HELLO_WITHIN_S) -> Client:
    """Have an adapter, and hear what it declares; it is the caller's to end.

    Raises ContractError, or GoneError where it ends or hangs before that.
    """
    process = await way.begin()
    try:
        said = await _ask(
            process, "hello", {"contract": CONTRACT}, within_s=hello_within_s, checked=True
        )
        return Client(process, read_hello(said))
    except BaseException:
        await process.leave()
        raise


@contextlib.asynccontextmanager
async def started(way: Way, *, hello_within_s: float = HELLO_WITHIN_S) -> AsyncGenerator[Client]:
    """Have an adapter for the length of the block; raises as `greeted`."""
    try:
        client = await greeted(way, hello_within_s=hello_within_s)
        try:
            yield client
        finally:
            await client.leave()
    finally:
        await way.close()
