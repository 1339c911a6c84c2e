"""The process of an adapter: its lines in and out, each request with its bound."""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import TYPE_CHECKING

from omnisession_conformance.environment.processes import KILLED, start_child
from omnisession_conformance.roles.client.errors import AdapterError, ContractError, GoneError
from omnisession_conformance.roles.client.testee.lines import Lines, shown
from omnisession_conformance.roles.client.testee.talk import Talk

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence
    from pathlib import Path
    from typing import Any

    from omnisession_conformance.environment.processes import Child
    from omnisession_conformance.roles.client.testee.messages import Answer

CARRIER = {"OMNISESSION_TESTEE": "lines"}
"""All that the environment tells an adapter."""
TOLD_OF_A_BROKER = ("NATS_URL", "OMNISESSION_TESTEE_SUBJECT")
LEAVES_WITHIN_S = 3.0
"""How long an adapter may take to end when its standard input has, before it is told to."""
ENDS_WITHIN_S = 2.0
"""How long after its output a process may end, so that its end is what has happened."""
LAST_LINES = 20
_ENDS_EARLY = (
    " Does the command start an adapter, and that read requests until its standard input ends?"
)
_WAYS_OUT = {
    "hello": " Does the command start the adapter, and that write each answer out at once?",
    "stop": " It answers once its connection is closed: does it wait for a broker that is gone?",
}


class Process:
    """A running adapter: what it breaks, or its end, is raised to whoever waits, and later on."""

    def __init__(
        self, child: Child, write: asyncio.WriteTransport, read: asyncio.ReadTransport
    ) -> None:
        self.child = child
        self.error: AdapterError | None = None
        """Why nothing more can be asked, if so."""
        self._write, self._read = write, read
        self._lines = Lines()
        self._talk = Talk()
        self._waiting: dict[int, asyncio.Future[Answer]] = {}
        self._leaving = False
        self._to_tell: list[Callable[[AdapterError], None]] = []
        self._ended = asyncio.create_task(self._watch())
        self._closing: asyncio.Task[None] | None = None

    async def ask(self, do: str, members: Mapping[str, Any], *, within_s: float) -> Answer:
        """Ask, and return the answer.

        Raises ContractError, or GoneError where it has ended or hangs.
        """
        if self._leaving and self.error is None:
            raise GoneError("The client is being ended.")
        if self.error is not None:
            raise self.error
        asked = self._talk.ask(do, members)
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting[asked.id] = answer
        self._write.write(asked.line)
        try:
            async with asyncio.timeout(within_s):
                return await answer
        except TimeoutError:
            hangs = GoneError(
                f"The client hangs: {do} had no answer within {within_s:g} s.{_WAYS_OUT.get(do, '')}"
            )
            self.fail(hangs)
            raise hangs from None
        finally:
            self._waiting.pop(asked.id, None)

    def came(self, data: bytes) -> None:
        """Take bytes of its standard output in."""
        try:
            for line in self._lines.feed(data):
                answer = self._talk.heard(line)
                waiting = self._waiting.get(answer.id or 0)
                if waiting is not None and not waiting.done():
                    waiting.set_result(answer)
        except ContractError as error:
            self.fail(error)

    def closed(self) -> None:
        """Its standard output has ended; where the process has as well, that is the reason."""
        if self._lines.unended and not self._leaving:
            line = shown(self._lines.unended)
            self.fail(
                ContractError(f"The adapter's output ends within a line, which begins: {line}")
            )
        elif not self._leaving:
            self._closing = asyncio.create_task(self._tell_closed())

    def fail(self, error: AdapterError) -> None:
        """From now on it cannot be asked; the first reason stays."""
        self.error = self.error or error
        for tell in self._to_tell:
            tell(self.error)
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(self.error)
                # Who has stopped waiting does not want it.
                waiting.exception()

    @contextlib.contextmanager
    def telling(self, tell: Callable[[AdapterError], None]) -> Generator[None]:
        """Tell somebody of its end, or of what it breaks, for the length of the block."""
        self._to_tell.append(tell)
        try:
            yield
        finally:
            self._to_tell.remove(tell)

    async def leave(self) -> None:
        """End it: by the end of its standard input, else as any child."""
        self._leaving = True
        self._write.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0 if self.error is not None else LEAVES_WITHIN_S):
                await asyncio.shield(self._ended)
        await self.child.stop()
        await self._ended
        if self._closing is not None:
            await self._closing
        self._read.close()

    async def _watch(self) -> None:
        code = await self.child.wait()
        if not self._leaving:
            asked = ", ".join(self._talk.open)
            before = f" before it had answered {asked}" if asked else ""
            said = "\n".join(list(self.child.output)[-LAST_LINES:])
            told = f" It said:\n{said}" if said else ""
            way_out = _ENDS_EARLY if "hello" in self._talk.open else ""
            ended = f"The client has ended with code {code}{before}.{way_out}{told}"
            self.fail(GoneError(ended, by_itself=code not in KILLED))

    async def _tell_closed(self) -> None:
        # The end of the process closes it as well, and is told a moment later.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ENDS_WITHIN_S):
                await asyncio.shield(self._ended)
        self.fail(ContractError("The adapter has closed its standard output, and runs on."))


class _Output(asyncio.Protocol):
    """Hands on what a process writes."""

    def __init__(self) -> None:
        self.process: Process | None = None
        self._early: list[bytes] = []
        self._over = False

    def attach(self, process: Process) -> None:
        self.process = process
        for data in self._early:
            process.came(data)
        if self._over:
            process.closed()

    def data_received(self, data: bytes) -> None:
        if self.process is None:
            self._early.append(data)
        else:
            self.process.came(data)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._over = True
        if self.process is not None:
            self.process.closed()


async def start_process(command: Sequence[str], *, cwd: Path | None = None) -> Process:
    """Start an adapter under the guard, with pipes of its own for the contract."""
    loop = asyncio.get_running_loop()
    (theirs_in, ours_in), (ours_out, theirs_out) = os.pipe(), os.pipe()
    try:
        child = await start_child(
            command, env=CARRIER, without=TOLD_OF_A_BROKER, cwd=cwd, talks=(theirs_in, theirs_out)
        )
    except BaseException:
        os.close(ours_in)
        os.close(ours_out)
        raise
    finally:
        os.close(theirs_in)
        os.close(theirs_out)
    write, _ = await loop.connect_write_pipe(
        asyncio.BaseProtocol, os.fdopen(ours_in, "wb", buffering=0)
    )
    read, output = await loop.connect_read_pipe(_Output, os.fdopen(ours_out, "rb", buffering=0))
    process = Process(child, write, read)
    output.attach(process)
    return process
