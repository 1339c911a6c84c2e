"""Nodes of a broker that may end, each with a number from 1 on: the kit's own, or those that hooks end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from omnisession_conformance.environment.target import run_to_its_end

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omnisession_conformance.environment.broker import Broker

OF_NODES = frozenset({"hook:kill_node", "hook:start_node"})
"""Hooks that do something to one node."""
LOOK_S = 0.1
"""A node tells nobody that it has caught up: there is nothing to wait on but what its monitoring says."""
CURRENT_WITHIN_S = 60.0


class Nodes(Protocol):
    """What cases ask of the nodes of a broker."""

    @property
    def count(self) -> int:
        """How many may end; one alone may not."""
        ...

    def hooks(self) -> frozenset[str]:
        """What can be done to each of them."""
        ...

    async def kill(self, number: int) -> None:
        """End one without a word."""
        ...

    async def start(self, number: int) -> None:
        """Start one again that was killed, and no other."""
        ...

    async def are_current(self) -> bool:
        """Wait until each has what the others have; False where that takes too long."""
        ...


@dataclass(frozen=True, slots=True)
class OwnNodes:
    """Nodes of the kit's own, but for the one that it is at itself."""

    broker: Broker

    @property
    def count(self) -> int:
        """See `Nodes`."""
        return len(self.broker.told) or 1

    def hooks(self) -> frozenset[str]:
        """See `Nodes`."""
        return OF_NODES

    async def kill(self, number: int) -> None:
        """See `Nodes`."""
        await self.broker.told[number - 1].take_away()

    async def start(self, number: int) -> None:
        """See `Nodes`; BrokerError where it does not come up."""
        await self.broker.told[number - 1].bring_back()

    async def are_current(self) -> bool:
        """See `Nodes`."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + CURRENT_WITHIN_S
        while not all([await node.is_current() for node in self.broker.told]):
            if loop.time() > deadline:
                return False
            await asyncio.sleep(LOOK_S)
        return True


@dataclass(slots=True)
class HookedNodes:
    """Nodes that somebody else runs; hooks are commands of the configuration, `{node}` is the number."""

    commands: Mapping[str, Sequence[str]]
    count: int = 1
    _ended: set[int] = field(default_factory=set[int], init=False)

    def hooks(self) -> frozenset[str]:
        """See `Nodes`: the hooks that the configuration has commands for."""
        return frozenset(f"hook:{name}" for name in self.commands) & OF_NODES

    async def kill(self, number: int) -> None:
        """See `Nodes`; TargetError where the hook fails."""
        self._ended.add(number)
        await self._run("kill_node", number)

    async def start(self, number: int) -> None:
        """See `Nodes`; TargetError where the hook fails."""
        if number in self._ended:
            await self._run("start_node", number)
            self._ended.discard(number)

    async def are_current(self) -> bool:
        """See `Nodes`: the hook that starts one returns only when it has caught up."""
        return True

    async def _run(self, name: str, number: int) -> None:
        words = [word.replace("{node}", str(number)) for word in self.commands[name]]
        await run_to_its_end(name, words)
