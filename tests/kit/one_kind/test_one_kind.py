"""Right servers of one kind are conformant, and the core is judged with the kind that they have."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import pytest

from omnisession_conformance.engine.conduct import conduct
from omnisession_conformance.engine.plan import Selection, choose
from omnisession_conformance.engine.stopper import Stopper
from omnisession_conformance.environment.settings import Settings
from omnisession_conformance.protocol.excuses import Excuse
from omnisession_conformance.protocol.verdict import Status
from omnisession_conformance.results.lines import CheckResult, RequirementResult
from omnisession_conformance.results.summary import summarise
from omnisession_conformance.suite import catalogue

if TYPE_CHECKING:
    from omnisession_conformance.engine.events import RunOutcome

pytestmark = pytest.mark.dear

WITHOUT = {
    "url": set[str](),
    "chat": set[str](),
    # Nothing is made, and no list has a limit.
    "user": {"ACTION-024", "LIMIT-008", "STATE-012"},
}
"""By the only kind that is served the requirements of the core that are about something else."""
GOOD = (Status.PASS, Status.WARN)


def run(kind: str, *fault: str, selection: Selection | None = None) -> RunOutcome:
    settings = Settings(command=(sys.executable, "-m", "tests.kit.one_kind", kind, *fault))
    chosen = choose(catalogue(), selection or Selection())
    return asyncio.run(conduct(settings, chosen, (), Stopper()))


def requirements(outcome: RunOutcome) -> dict[str, RequirementResult]:
    checks = [CheckResult.of(verdict, "") for verdict in outcome.verdicts]
    return {r.id: r for r in summarise(checks, catalogue().registry)}


@pytest.mark.parametrize("kind", WITHOUT)
def test_a_right_server_of_one_kind_is_judged_by_all_of_the_core(kind: str) -> None:
    outcome = run(kind)
    assert outcome.lost is None
    found = requirements(outcome)
    failed = {str(v.check): v.observations[:2] for v in outcome.verdicts if v.status is Status.FAIL}
    assert not failed
    core = {r for r in found.values() if r.profile == "core" and r.checks}
    rest = {r.id: r for r in core if r.status not in (*GOOD, Status.NOT_CLAIMED)}
    assert {*rest} == WITHOUT[kind]
    assert {r.excuse for r in rest.values()} <= {Excuse.NOT_SERVED}
    assert not [r.id for r in core if r.status is Status.NOT_CLAIMED and "DISC" not in r.id]


FAULTS = [
    *((kind, "fan-out-after-ack", "ACTION-004") for kind in WITHOUT),
    *((kind, "held-in-order-of-arrival", "ACTION-011") for kind in WITHOUT),
    *((kind, "copy-in-new-session-has-no-result", "ACTION-024") for kind in ("url", "chat")),
]


@pytest.mark.parametrize(("kind", "fault", "requirement"), FAULTS)
def test_a_fault_of_the_core_is_seen_with_one_kind(kind: str, fault: str, requirement: str) -> None:
    outcome = run(kind, fault, selection=Selection(only=(requirement,)))
    assert requirements(outcome)[requirement].status is Status.FAIL
