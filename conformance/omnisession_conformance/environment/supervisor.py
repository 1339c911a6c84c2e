"""Starts again what has ended: brokers and servers of commands that run until their user ends them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from omnisession_conformance.environment.target import SpawnedTarget
from omnisession_conformance.errors import BrokerError, KitError, TargetError, first_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from omnisession_conformance.environment.node import Node

SETTLED_S = 5.0
"""What has run for so long was well; what ends sooner, again and again, will not become so."""
MOST_SHORT = 3
PAUSE_S = 0.1
"""After an end that came soon, the next start waits for so long, and then for four times as long."""
LAST_LINE = 300
"""Characters that are told of the last line that it said."""
CONFIGURED = 78
"""The exit code by which a program says that somebody has to look at it first (sysexits.h)."""


class Kept(Protocol):
    """What is started again; `name` is what people read, `failed` the error of its end for good."""

    name: str
    failed: type[KitError]

    async def ended(self) -> int:
        """Wait until it has ended unasked; returns its exit code."""
        ...

    async def start(self) -> None:
        """Start it again; raises its error where it cannot be."""
        ...

    def said(self) -> str:
        """The end of what it has said."""
        ...


@dataclass(slots=True)
class KeptNode:
    """A broker that was started."""

    name: str
    node: Node
    failed: type[KitError] = BrokerError

    async def ended(self) -> int:
        """Wait until it has ended; returns its exit code."""
        return 0 if self.node.child is None else await self.node.child.wait()

    async def start(self) -> None:
        """Start it at its port; BrokerError where it does not come up."""
        await self.node.start()

    def said(self) -> str:
        """The end of what it has said."""
        return "\n".join(self.node.child.output if self.node.child is not None else ())


@dataclass(slots=True)
class KeptServer:
    """A server; its command is told `env`, and each line that it writes is told to `heard`."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    heard: Callable[[str], None] | None = None
    failed: type[KitError] = TargetError
    target: SpawnedTarget = field(init=False)
    _codes: asyncio.Queue[int] = field(init=False, default_factory=asyncio.Queue[int])

    def __post_init__(self) -> None:
        """Make what runs its command."""
        self.target = SpawnedTarget(
            self.command, self.env, on_exit=self._codes.put_nowait, heard=self.heard
        )

    async def ended(self) -> int:
        """Wait until it has ended unasked; returns its exit code."""
        return await self._codes.get()

    async def start(self) -> None:
        """Start it, or start it again; TargetError where it cannot be."""
        self.target.starts = 0  # they are bounded here by how soon it ends
        await self.target.start()

    async def stop(self) -> None:
        """Stop it in order."""
        await self.target.stop()

    def said(self) -> str:
        """The end of what it has said."""
        return self.target.tail()


async def keep(all_of_them: Iterable[Kept], say: Callable[[str], None], end: asyncio.Event) -> None:
    """Start again what has ended, until the end is asked for; `say` is told of each.

    Raises a group with the error of what ends again and again, or is wrong by its own words.
    """
    async with asyncio.TaskGroup() as group:
        again = [group.create_task(_keep(one, say)) for one in all_of_them]
        await end.wait()
        for task in again:
            task.cancel()


async def _keep(one: Kept, say: Callable[[str], None]) -> None:
    clock, short = asyncio.get_running_loop().time, 0
    while True:
        started = clock()
        code = await one.ended()
        short = short + 1 if clock() - started < SETTLED_S else 0
        said = one.said().strip() or "(it said nothing)"
        if code == CONFIGURED:
            raise one.failed(
                f"{_capital(one.name)} cannot go on (exit code {code}). It said:\n{said}"
            )
        if short >= MOST_SHORT:
            raise one.failed(f"{_capital(one.name)} ends again and again. It said:\n{said}")
        last = said.rpartition("\n")[2][:LAST_LINE]
        say(
            f"{one.name} has ended (exit code {code}), and is started again. Its last words: {last}"
        )
        short = await _started(one, short, say)


async def _started(one: Kept, short: int, say: Callable[[str], None]) -> int:
    """Start it; what cannot be started counts as what ends soon. Returns how often that was in a row."""
    while True:
        if short:
            await asyncio.sleep(PAUSE_S * 4 ** (short - 1))
        try:
            await one.start()
        except KitError as error:
            short += 1
            if short >= MOST_SHORT:
                raise
            say(f"{one.name} could not be started, and is tried again: {first_line(str(error))}")
        else:
            return short


def _capital(name: str) -> str:
    return name[0].upper() + name[1:]
