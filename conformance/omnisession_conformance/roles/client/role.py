"""Clients under test: the kit plays the server, between them and a broker."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING

from omnisession_conformance.engine.role import CLIENT
from omnisession_conformance.protocol.subjects import Side
from omnisession_conformance.protocol.verdict import SWEEP, CheckId
from omnisession_conformance.roles.client.nulls import null_targets
from omnisession_conformance.roles.client.profiles import PROFILES
from omnisession_conformance.roles.client.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.engine.case import Case
    from omnisession_conformance.engine.role import NullTarget
    from omnisession_conformance.engine.run import Run
    from omnisession_conformance.engine.sweep import Rule
    from omnisession_conformance.environment.settings import Settings
    from omnisession_conformance.environment.target import Target
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.driver import ClientDriver
    from omnisession_conformance.roles.client.facts import Facts
    from omnisession_conformance.traffic.record import Record


@dataclass(frozen=True, slots=True)
class ClientRole:
    """What the kit judges of clients by."""

    cases: tuple[Case[Context], ...]
    rules: tuple[Rule[Trace], ...]
    name: str = field(default=CLIENT, init=False)
    side: Side = field(default=Side.CLIENT, init=False)
    binds: frozenset[str] = field(default=frozenset({CLIENT}), init=False)
    whole: bool = field(default=True, init=False)
    profiles: tuple[str, ...] = field(default=PROFILES, init=False)
    survives: CheckId = field(default=CheckId("CLI-029", SWEEP), init=False)

    def target(self, settings: Settings) -> Target:
        """The client that some settings name."""
        target: Target = import_module("omnisession_conformance.roles.client.target").target_of(
            settings
        )
        return target

    def drive(self, run: Run) -> ClientDriver:
        """The driver of a run."""
        # A driver needs connections; to list what is judged, none of their libraries is loaded.
        module = import_module("omnisession_conformance.roles.client.driver")
        driver: ClientDriver = module.ClientDriver(run)
        return driver

    def read(self, records: Sequence[Record], facts: Facts) -> Trace:
        """Read records as what clients have said."""
        return Trace(records, facts)

    def nulls(self, command: Sequence[str]) -> tuple[NullTarget, ...]:
        """What is no adapter, or none of a client."""
        del command
        return null_targets()
