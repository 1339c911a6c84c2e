"""Child processes of the kit: started under the guard, stopped by their own handle, gone with the kit."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

GUARD = Path(__file__).with_name("guard.py")
MEMORY = "--memory-mb="
"""How the guard is told of the memory that a command may have."""
KEPT_CHARACTERS = 4_000
"""Of each line: a command may write without end, and without an end of a line."""
KEPT_LINES = 400
"""Lines of a child's output that are kept to explain its exit."""
STOP_GRACE_S = 5.0
"""How long a child may take to stop by itself before it is killed."""


@dataclass(slots=True)
class Child:
    """A running command; `output` is the end of what it wrote on stdout and stderr together."""

    command: tuple[str, ...]
    process: asyncio.subprocess.Process
    output: deque[str] = field(default_factory=lambda: deque(maxlen=KEPT_LINES))
    reader: asyncio.Task[None] | None = None
    """Collects the output until its end."""

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self.process.returncode is None

    async def wait(self) -> int:
        """Wait for its end and the end of its output; return the exit code."""
        code = await self.process.wait()
        if self.reader is not None:
            await asyncio.wait([self.reader], timeout=0.5)
        return code

    async def watch(self) -> int:
        """Wait as `wait` does; raises what stopped the reading of its output, if anything does.

        A command whose output nobody reads stands still before long.
        """
        ended = asyncio.create_task(self.wait())
        try:
            if self.reader is not None:
                await asyncio.wait((ended, self.reader), return_when=asyncio.FIRST_COMPLETED)
                if self.reader.done():
                    self.reader.result()
            return await ended
        finally:
            ended.cancel()

    def send(self, number: signal.Signals) -> None:
        """Pass a signal to the command; one that has ended already is left alone."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)

    async def stop(self, grace_s: float = STOP_GRACE_S) -> int:
        """Ask it to stop, kill it when the grace is over; return the exit code."""
        if self.running:
            self.send(signal.SIGTERM)
            try:
                await asyncio.wait_for(self.process.wait(), grace_s)
            except TimeoutError:
                self.kill()
        return await self.wait()

    def kill(self) -> None:
        """Kill the whole group by letting go of the guard's pipe."""
        if self.process.stdin is not None:
            self.process.stdin.close()


async def start_child(
    command: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    without: Collection[str] = (),
    cwd: Path | None = None,
    memory_mb: int | None = None,
) -> Child:
    """Start a command under the guard with the kit's environment, less `without`, plus `env`.

    One that may have no more memory than `memory_mb` is refused more by the system, and ends.
    """
    bound = () if memory_mb is None else (f"{MEMORY}{memory_mb}",)
    guarded = (*bound, *command)
    inherited = {name: value for name, value in os.environ.items() if name not in without}
    starting = asyncio.create_task(_start(command, guarded, {**inherited, **(env or {})}, cwd))
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        # A start that is cut off ends the guard alone, and the command would outlive the kit.
        with contextlib.suppress(OSError):
            await (await starting).stop()
        raise


async def _start(
    command: Sequence[str], guarded: Sequence[str], env: Mapping[str, str], cwd: Path | None
) -> Child:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        "-S",
        str(GUARD),
        *guarded,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=env,
        cwd=cwd,
        # A Ctrl-C at the terminal reaches the kit only, which then stops its children in order.
        start_new_session=True,
        limit=1 << 20,
    )
    child = Child(tuple(command), process)
    child.reader = asyncio.create_task(_collect(child))
    return child


async def _collect(child: Child) -> None:
    stream = child.process.stdout
    if stream is None:
        return
    while True:
        try:
            line = await stream.readline()
        except ValueError:
            # A line longer than the reader's limit: nothing that explains an exit.
            continue
        if not line:
            return
        child.output.append(line[:KEPT_CHARACTERS].decode("utf-8", "replace").rstrip("\n"))
