"""A deployment under test: who may do what on a broker."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING

from omnisession_conformance.engine.role import DEPLOYMENT
from omnisession_conformance.protocol.roles import PROFILES_OF
from omnisession_conformance.protocol.subjects import Side
from omnisession_conformance.protocol.verdict import SWEEP, CheckId

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.engine.case import Case
    from omnisession_conformance.engine.role import NullTarget, RunFacts
    from omnisession_conformance.engine.run import Run
    from omnisession_conformance.engine.sweep import Rule
    from omnisession_conformance.environment.settings import Settings
    from omnisession_conformance.environment.target import Target
    from omnisession_conformance.roles.deployment.context import Context
    from omnisession_conformance.roles.deployment.driver import DeploymentDriver
    from omnisession_conformance.traffic.record import Record

Heard = tuple["Record", ...]


@dataclass(frozen=True, slots=True)
class DeploymentRole:
    """What the kit judges deployments by: attempts, and what the broker tells of who receives what."""

    cases: tuple[Case[Context], ...]
    rules: tuple[Rule[Heard], ...] = ()
    name: str = field(default=DEPLOYMENT, init=False)
    side: Side = field(default=Side.SERVER, init=False)
    binds: frozenset[str] = field(default=frozenset({DEPLOYMENT}), init=False)
    whole: bool = field(default=True, init=False)
    profiles: tuple[str, ...] = field(default=PROFILES_OF[DEPLOYMENT], init=False)
    survives: CheckId = field(default=CheckId("SECU-001", SWEEP), init=False)

    def target(self, settings: Settings) -> Target:
        """The deployment that some settings name."""
        target: Target = import_module("omnisession_conformance.roles.deployment.target").target_of(
            settings
        )
        return target

    def drive(self, run: Run) -> DeploymentDriver:
        """The driver of a run."""
        # A driver needs connections; to list what is judged, none of their libraries is loaded.
        module = import_module("omnisession_conformance.roles.deployment.driver")
        driver: DeploymentDriver = module.DeploymentDriver(run)
        return driver

    def read(self, records: Sequence[Record], facts: RunFacts) -> Heard:
        """All of it: no rule reads more of it."""
        del facts
        return tuple(records)

    def nulls(self, command: Sequence[str]) -> tuple[NullTarget, ...]:
        """None that a command starts: a deployment runs already."""
        del command
        return ()
