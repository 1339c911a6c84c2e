"""Servers under test: the kit plays the clients."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING

from omnisession_conformance.engine.role import SERVER
from omnisession_conformance.protocol.roles import PROFILES
from omnisession_conformance.protocol.subjects import Side
from omnisession_conformance.protocol.verdict import SWEEP, CheckId
from omnisession_conformance.roles.server.nulls import null_targets
from omnisession_conformance.roles.server.reading.trace import read_trace
from omnisession_conformance.roles.server.target import target_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.engine.case import Case
    from omnisession_conformance.engine.role import NullTarget
    from omnisession_conformance.engine.run import Run
    from omnisession_conformance.engine.sweep import Rule
    from omnisession_conformance.environment.settings import Settings
    from omnisession_conformance.environment.target import Target
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.driver import ServerDriver
    from omnisession_conformance.roles.server.facts import Facts
    from omnisession_conformance.roles.server.reading.trace import Trace
    from omnisession_conformance.traffic.record import Record


@dataclass(frozen=True, slots=True)
class ServerRole:
    """What the kit judges of servers by; requirements of role `any` bind them, too."""

    cases: tuple[Case[Context], ...]
    rules: tuple[Rule[Trace], ...]
    name: str = field(default=SERVER, init=False)
    side: Side = field(default=Side.SERVER, init=False)
    binds: frozenset[str] = field(default=frozenset({SERVER, "any"}), init=False)
    whole: bool = field(default=True, init=False)
    profiles: tuple[str, ...] = field(default=PROFILES, init=False)
    survives: CheckId = field(default=CheckId("ERR-005", SWEEP), init=False)

    def target(self, settings: Settings) -> Target:
        """The server that some settings name."""
        return target_of(settings)

    def drive(self, run: Run) -> ServerDriver:
        """The driver of a run."""
        return _driver(run)

    def read(self, records: Sequence[Record], facts: Facts) -> Trace:
        """Read records as sessions, exchanges and copies of actions, as long as none could be lost."""
        until_ns = facts.broken_ns
        whole = records if until_ns is None else [r for r in records if r.t_ns < until_ns]
        return read_trace(whole, facts)

    def nulls(self, command: Sequence[str]) -> tuple[NullTarget, ...]:
        """What is no session server, or does not stay one."""
        return null_targets(command)


def _driver(run: Run) -> ServerDriver:
    # A driver needs connections; to list what is judged, none of their libraries is loaded.
    module = import_module("omnisession_conformance.roles.server.driver")
    driver: ServerDriver = module.ServerDriver(run)
    return driver
