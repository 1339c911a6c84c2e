"""The carrier of lines: requests on an adapter's standard input, answers on its standard output."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omnisession_conformance.environment.processes import start_child
from omnisession_conformance.roles.client.errors import ContractError
from omnisession_conformance.roles.client.testee import words
from omnisession_conformance.roles.client.testee.lines import Lines, shown
from omnisession_conformance.roles.client.testee.process import Process

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from omnisession_conformance.roles.client.testee.talk import Asked

CARRIER = {"OMNISESSION_TESTEE": "lines"}
"""All that the environment tells an adapter."""
TOLD_OF_A_BROKER = ("NATS_URL", "NATS_WS_URL", "OMNISESSION_TESTEE_SUBJECT")
LEAVES_WITHIN_S = 3.0
"""How long an adapter may take to end when its standard input has, before it is told to."""
ENDS_WITHIN_S = 2.0
"""How long after its output a process may end, so that its end is what has happened."""
_WAYS_OUT = {
    "hello": " Does the command start the adapter, and that write each answer out at once?",
    "stop": " It answers once its connection is closed: does it wait for a broker that is gone?",
}


class Pipes(asyncio.Protocol):
    """The pipes of one process; see `Carrier`."""

    words = words.LINES
    leaves_within_s = LEAVES_WITHIN_S
    ends_early = (
        " Does the command start an adapter, and that read requests until its standard input ends?"
    )

    def __init__(self) -> None:
        self._lines = Lines()
        self._early: list[bytes] = []
        self._over = False
        self._process: Process | None = None
        self._write: asyncio.WriteTransport
        self._read: asyncio.ReadTransport
        self._closing: asyncio.Task[None] | None = None

    async def connect(self, theirs: int, ours: int) -> None:
        """Take the end of its standard input that is written, and that of its output that is read."""
        loop = asyncio.get_running_loop()
        self._write, _ = await loop.connect_write_pipe(
            asyncio.BaseProtocol, os.fdopen(theirs, "wb", buffering=0)
        )
        self._read, _ = await loop.connect_read_pipe(
            lambda: self, os.fdopen(ours, "rb", buffering=0)
        )

    def attach(self, process: Process) -> None:
        """From now on what comes is of a process; so is what has come before."""
        self._process = process
        for data in self._early:
            self._came(process, data)
        if self._over:
            self._closed(process)

    def unanswered(self, do: str) -> str:
        """See `Carrier`."""
        return _WAYS_OUT.get(do, "")

    async def send(self, asked: Asked) -> None:
        """See `Carrier`."""
        self._write.write(asked.line)

    def finish(self) -> None:
        """End its standard input."""
        self._write.close()

    async def close(self) -> None:
        """See `Carrier`."""
        if self._closing is not None:
            await self._closing
        self._read.close()

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        if self._process is None:
            self._early.append(data)
        else:
            self._came(self._process, data)

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.Protocol."""
        del exc
        self._over = True
        if self._process is not None:
            self._closed(self._process)

    def _came(self, process: Process, data: bytes) -> None:
        try:
            for line in self._lines.feed(data):
                process.heard(line)
        except ContractError as error:
            process.fail(error)

    def _closed(self, process: Process) -> None:
        """Its standard output has ended; where the process has as well, that is the reason."""
        if process.leaving:
            return
        if self._lines.unended:
            line = shown(self._lines.unended)
            process.fail(
                ContractError(f"The adapter's output ends within a line, which begins: {line}")
            )
        else:
            self._closing = asyncio.create_task(_tell_closed(process))


async def _tell_closed(process: Process) -> None:
    # The end of the process closes it as well, and is told a moment later.
    await process.ended(within_s=ENDS_WITHIN_S)
    process.fail(ContractError("The adapter has closed its standard output, and runs on."))


@dataclass(frozen=True, slots=True)
class ByLines:
    """Starts an adapter under the guard, with pipes of its own for the contract; see `Way`."""

    command: Sequence[str]
    cwd: Path | None = None
    starts = True

    async def begin(self) -> Process:
        """See `Way`."""
        (theirs_in, ours_in), (ours_out, theirs_out) = os.pipe(), os.pipe()
        try:
            child = await start_child(
                self.command,
                env=CARRIER,
                without=TOLD_OF_A_BROKER,
                cwd=self.cwd,
                talks=(theirs_in, theirs_out),
            )
        except BaseException:
            os.close(ours_in)
            os.close(ours_out)
            raise
        finally:
            os.close(theirs_in)
            os.close(theirs_out)
        pipes = Pipes()
        await pipes.connect(ours_in, ours_out)
        process = Process(child, pipes)
        pipes.attach(process)
        return process

    async def close(self) -> None:
        """See `Way`; nothing is left."""
