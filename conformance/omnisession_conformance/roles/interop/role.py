"""A server and a client under test together: what they do with each other, and what each says."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING

from omnisession_conformance.engine.role import INTEROP
from omnisession_conformance.protocol.roles import ANY, PROFILES_OF, SIDES
from omnisession_conformance.protocol.subjects import Side
from omnisession_conformance.protocol.verdict import SWEEP, CheckId
from omnisession_conformance.roles.interop.trace import read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.engine.case import Case
    from omnisession_conformance.engine.role import NullTarget
    from omnisession_conformance.engine.run import Run
    from omnisession_conformance.engine.sweep import Rule
    from omnisession_conformance.environment.settings import Settings
    from omnisession_conformance.environment.target import Target
    from omnisession_conformance.roles.interop.context import Context
    from omnisession_conformance.roles.interop.driver import InteropDriver
    from omnisession_conformance.roles.interop.facts import Facts
    from omnisession_conformance.roles.interop.trace import Trace
    from omnisession_conformance.traffic.record import Record


@dataclass(frozen=True, slots=True)
class InteropRole:
    """What the kit judges of pairs by: scenarios, and the rules of both sides on all that is said in them.

    What both sides say is the target's; the kit is a client beside the one under test.
    """

    cases: tuple[Case[Context], ...]
    rules: tuple[Rule[Trace], ...]
    name: str = field(default=INTEROP, init=False)
    side: Side = field(default=Side.SERVER, init=False)
    binds: frozenset[str] = field(default=frozenset({*SIDES, ANY}), init=False)
    whole: bool = field(default=False, init=False)
    profiles: tuple[str, ...] = field(default=PROFILES_OF[INTEROP], init=False)
    survives: CheckId = field(default=CheckId("ERR-005", SWEEP), init=False)

    def target(self, settings: Settings) -> Target:
        """The server and the client that some settings name."""
        target: Target = import_module("omnisession_conformance.roles.interop.target").target_of(
            settings
        )
        return target

    def drive(self, run: Run) -> InteropDriver:
        """The driver of a run."""
        # A driver needs connections; to list what is judged, none of their libraries is loaded.
        module = import_module("omnisession_conformance.roles.interop.driver")
        driver: InteropDriver = module.InteropDriver(run)
        return driver

    def read(self, records: Sequence[Record], facts: Facts) -> Trace:
        """Read records as both sides' rules do."""
        return read(records, facts)

    def nulls(self, command: Sequence[str]) -> tuple[NullTarget, ...]:
        """None of its own: those of either side are tried by themselves."""
        del command
        return ()
