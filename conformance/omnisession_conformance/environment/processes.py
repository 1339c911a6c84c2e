"""Child processes of the kit: started under the guard, stopped by their own handle, gone with the kit."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import sys
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from omnisession_conformance.own_python import environment_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

GUARD = Path(__file__).with_name("guard.py")
MEMORY, MAY_LEAVE, TALKS = "--memory-mb=", "--may-leave", "--talks="
"""How the guard is told of the memory that a command may have, whether what it starts may stay, and where
its standard input and output are."""
FREEZE, THAW = signal.SIGUSR1, signal.SIGUSR2
"""What the guard takes for a word to let the command stand still, and go on."""
KEPT_CHARACTERS = 4_000
"""Of each line: a command may write without end, and without an end of a line."""
LONGEST_LINE = 2**20
KILLED = (-15, -9, 137, 143)
"""Exit codes of what was ended by SIGTERM or SIGKILL, of its own or as a shell tells them."""
KEPT_LINES = 400
"""Lines of a child's output that are kept to explain its exit."""
STOP_GRACE_S = 5.0
"""How long a child may take to stop by itself before it is killed."""
LAST_WORDS_S = 0.5
"""How long the end of its output is waited for: a process that it left behind may hold it open."""
MARK = "OMNISESSION_GUARDED"
"""A variable by which those are known whose guard was killed."""


@dataclass(slots=True)
class Child:
    """A running command; `output` is the end of what it wrote on stdout and stderr together.

    Of one that talks it is what it wrote on stderr.
    """

    command: tuple[str, ...]
    process: asyncio.subprocess.Process
    mark: str
    pipe: asyncio.ReadTransport
    said: asyncio.StreamReader
    output: deque[str] = field(default_factory=lambda: deque(maxlen=KEPT_LINES))
    reader: asyncio.Task[None] | None = None
    """Collects the output until its end."""
    heard: Callable[[str], None] | None = None
    """Is told each line of it; raises nothing."""

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self.process.returncode is None

    async def wait(self) -> int:
        """Wait for its end and the end of its output; return the exit code."""
        code = await self.process.wait()
        if code < 0:
            # Somebody has killed the guard itself, which kills no more.
            end_marked(self.mark)
        if self.reader is not None:
            await asyncio.wait([self.reader], timeout=LAST_WORDS_S)
        # Open ones outlive the loop, and complain of that at the end.
        self.pipe.close()
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

    def freeze(self) -> None:
        """Let the command and all that it started stand still."""
        self.send(FREEZE)

    def thaw(self) -> None:
        """Let it go on."""
        self.send(THAW)

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
        """Kill it with all that it started by letting go of the guard's pipe."""
        if self.process.stdin is not None:
            self.process.stdin.close()


async def start_child(
    command: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    without: Collection[str] = (),
    cwd: Path | None = None,
    memory_mb: int | None = None,
    may_leave: bool = False,
    talks: tuple[int, int] | None = None,
    heard: Callable[[str], None] | None = None,
) -> Child:
    """Start a command under the guard with the kit's environment, less `without`, plus `env`.

    One that may have no more memory than `memory_mb` is refused more by the system, and ends. What a
    command starts ends with it, wherever it has gone; one that `may_leave` may start what stays. One that
    `talks` has these two descriptors, which stay the caller's to close, as its standard input and output.
    Each line of its output is told to `heard`.
    """
    bound = () if memory_mb is None else (f"{MEMORY}{memory_mb}",)
    leaves = (MAY_LEAVE,) if may_leave else ()
    apart = () if talks is None else (f"{TALKS}{talks[0]},{talks[1]}",)
    guarded = (*bound, *leaves, *apart, *command)
    mark = secrets.token_hex(16)
    inherited = {name: value for name, value in os.environ.items() if name not in without}
    told = environment_of(command, {**inherited, **(env or {})})
    if not may_leave:
        told[MARK] = mark
    starting = asyncio.create_task(_start(command, guarded, told, cwd, mark, talks or (), heard))
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        # A start that is cut off ends the guard alone, and the command would outlive the kit.
        with contextlib.suppress(OSError):
            await (await starting).stop()
        raise


async def _start(
    command: Sequence[str],
    guarded: Sequence[str],
    env: Mapping[str, str],
    cwd: Path | None,
    mark: str,
    talks: tuple[int, ...],
    heard: Callable[[str], None] | None,
) -> Child:
    # A pipe of our own: that of a subprocess is closed by nobody while a process left behind holds it.
    ours, theirs = os.pipe()
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            "-S",
            str(GUARD),
            *guarded,
            stdin=asyncio.subprocess.PIPE,
            stdout=theirs,
            stderr=theirs,
            env=env,
            cwd=cwd,
            pass_fds=talks,
            # A Ctrl-C at the terminal reaches the kit only, which then stops its children in order.
            start_new_session=True,
        )
    except BaseException:
        os.close(ours)
        raise
    finally:
        os.close(theirs)
    stream = asyncio.StreamReader(limit=LONGEST_LINE)
    pipe, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(stream), os.fdopen(ours, "rb", buffering=0)
    )
    child = Child(tuple(command), process, mark, pipe, stream, heard=heard)
    child.reader = asyncio.create_task(_collect(child))
    return child


def end_marked(mark: str) -> None:
    """Kill the processes that have a mark in their environment, where the system tells of that."""
    sign = f"{MARK}={mark}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if sign in (folder / "environ").read_bytes().split(b"\0"):
                os.kill(int(folder.name), signal.SIGKILL)


async def _collect(child: Child) -> None:
    while True:
        try:
            line = await child.said.readline()
        except ValueError:
            # A line longer than the reader's limit: nothing that explains an exit.
            continue
        if not line:
            return
        text = line[:KEPT_CHARACTERS].decode("utf-8", "replace").rstrip("\n")
        child.output.append(text)
        if child.heard is not None:
            child.heard(text)
