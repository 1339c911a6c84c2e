"""Runs made-up cases by the engine, against the real reference server on a real broker."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from omnisession_conformance.engine.case import Case, Phase
from omnisession_conformance.engine.conduct import conduct
from omnisession_conformance.engine.events import CaseEnded, CaseStarted
from omnisession_conformance.engine.plan import Catalogue, Selection, choose
from omnisession_conformance.engine.stopper import Stopper
from omnisession_conformance.environment.settings import Settings
from omnisession_conformance.protocol.registry import load_registry
from omnisession_conformance.roles.server.role import ServerRole

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from omnisession_conformance.engine.events import CaseResult, Event, RunOutcome
    from omnisession_conformance.engine.sweep import Rule
    from omnisession_conformance.protocol.verdict import Status
    from omnisession_conformance.roles.server.context import Context

REQUIREMENT = "CTRL-001"
A_DAY_MS = 86_400_000
HANGS_S = 120.0
"""No run of these few cases takes so long, on any machine."""
CaseFunction: TypeAlias = "Callable[[Context], Coroutine[Any, Any, None]]"


@dataclass
class Watching:
    """Notes what runs, in order, and how many cases run beside it."""

    ended: list[CaseResult] = field(default_factory=list["CaseResult"])
    running: set[str] = field(default_factory=set[str])
    beside: dict[str, int] = field(default_factory=dict[str, int])

    name = "what the test looks at"

    def on(self, event: Event) -> None:
        if isinstance(event, CaseStarted):
            self.running.add(event.case.name)
            self.beside[event.case.name] = len(self.running) - 1
        elif isinstance(event, CaseEnded):
            self.running.discard(event.result.case.name)
            self.ended.append(event.result)

    @property
    def again(self) -> list[str]:
        return [r.case.name for r in self.ended if r.again]


def run(
    *cases: Case[Any],
    stopper: Stopper | None = None,
    rules: tuple[Rule[Any], ...] = (),
    settings: Settings | None = None,
) -> RunOutcome:
    catalogue = Catalogue(load_registry(), (ServerRole(cases, rules),))
    ran = conduct(settings or Settings(), choose(catalogue, Selection()), (), stopper or Stopper())
    return asyncio.run(asyncio.wait_for(ran, HANGS_S))


def watched(
    *cases: Case[Any], stopper: Stopper | None = None, settings: Settings | None = None
) -> tuple[RunOutcome, Watching]:
    watching = Watching()
    catalogue = Catalogue(load_registry(), (ServerRole(cases, ()),))
    ran = conduct(
        settings or Settings(), choose(catalogue, Selection()), (watching,), stopper or Stopper()
    )
    return asyncio.run(asyncio.wait_for(ran, HANGS_S)), watching


def verdict_of(outcome: RunOutcome, name: str) -> tuple[Status, str]:
    found = next(v for v in outcome.verdicts if v.check.source == name)
    return found.status, found.reason


def case(function: CaseFunction, phase: Phase = Phase.QUIET, limit_ms: int = 4_000) -> Case[Any]:
    return Case(function.__name__, (REQUIREMENT,), function, phase=phase, limit_ms=limit_ms)


async def good(w: Context) -> None:
    session = await w.open(w.user())
    await session.fence()
    w.check(REQUIREMENT, good=True, expected="a pong", seen="a pong")


async def broken(w: Context) -> None:
    w.check(REQUIREMENT, good=True, expected="one", seen="one")
    w.check(REQUIREMENT, good=False, expected="two", seen="three")


async def slow_kit(w: Context) -> None:
    w.check(REQUIREMENT, good=True, expected="one", seen="one")
    w.in_time(good=False, reason="the kit itself was silent for 900 ms")
