"""The client under test as the engine sees it: its process is kept by the role, for all its sessions."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from omnisession_conformance.environment.carriers import SUBJECT
from omnisession_conformance.environment.target import TAIL_LINES
from omnisession_conformance.own_python import program
from omnisession_conformance.roles.client.testee.contract_broker import KNOWN
from omnisession_conformance.roles.client.testee.keeping import Keeper
from omnisession_conformance.roles.client.testee.pipes import ByLines
from omnisession_conformance.roles.client.testee.subject import BySubject

if TYPE_CHECKING:
    from omnisession_conformance.environment.settings import Settings
    from omnisession_conformance.roles.client.testee.carrier import Way

REFERENCE_COMMAND = program("omnisession_client.testee")


@dataclass(slots=True)
class Testee:
    """An adapter that the kit starts, and again where it has ended."""

    keeper: Keeper
    label: str
    """The command line, or where somebody else runs it."""
    mode: str = "spawn"
    gone_ns: int | None = field(default=None, init=False)
    running: bool = field(default=True, init=False)
    """It is started where a case needs it."""

    def hooks(self) -> frozenset[str]:
        """None: what ends a client is its own matter."""
        return frozenset()

    def wires(self) -> frozenset[str]:
        """None beside the gates that every case has."""
        return frozenset()

    async def start(self) -> None:
        """Start it where it does not run; see `Keeper.client` for errors."""
        await self.keeper.client()

    async def stop(self) -> int | None:
        """End it, by the end of its standard input."""
        await self.keeper.leave()
        return None

    async def kill(self) -> None:
        """End it at once."""
        self.keeper.kill()

    def tail(self) -> str:
        """The last lines that it wrote on its standard error."""
        return "\n".join(self.keeper.output[-TAIL_LINES:])


def target_of(settings: Settings) -> Testee:
    """The client of the command of some settings, the one that they attach to, or the reference client."""
    subject, program = settings.attach, settings.broker.program
    way: Way
    if subject is not None:
        way = BySubject(subject=subject, ports=KNOWN, program=program)
        keeper = Keeper(way, hello_within_s=settings.start_timeout_s)
        return Testee(keeper, f"on {subject}", "attach")
    command = settings.command or REFERENCE_COMMAND
    way = BySubject(command, program=program) if settings.carrier == SUBJECT else ByLines(command)
    return Testee(Keeper(way, hello_within_s=settings.start_timeout_s), shlex.join(command))
