"""Three faulty servers, each of another area, are caught by the requirement that they break.

`make selftest` tries every fault, with the variants that must not be caught.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from omnisession_conformance.engine.conduct import conduct
from omnisession_conformance.engine.plan import Selection, choose
from omnisession_conformance.engine.stopper import Stopper
from omnisession_conformance.environment.settings import Settings
from omnisession_conformance.protocol.areas import area_of
from omnisession_conformance.protocol.verdict import Status
from omnisession_conformance.selftest.judging import uncovered
from omnisession_conformance.selftest.listing import Fault, parse_faults
from omnisession_conformance.selftest.plan import Wish, demanded
from omnisession_conformance.suite import catalogue

if TYPE_CHECKING:
    from omnisession_conformance.engine.events import RunOutcome

AREAS = ("ART", "CTRL", "SUBJ")
"""Of a kind, of control, and of what sweeps judge in all traffic."""
REFERENCE = (sys.executable, "-m", "omnisession_reference", "--log-level", "error")
CAUGHT = (Status.FAIL, Status.WARN)


@pytest.fixture(scope="module")
def faults() -> tuple[Fault, ...]:
    """The faults as the command lists them."""
    listing = subprocess.run(
        [*REFERENCE, "--list-faults"], capture_output=True, text=True, check=True
    )
    return parse_faults(listing.stdout, catalogue().registry)


async def judge(fault: Fault) -> RunOutcome:
    settings = Settings(command=(*REFERENCE, "--fault", fault.name))
    selection = Selection(only=(fault.requirement,))
    return await conduct(settings, choose(catalogue(), selection), (), Stopper())


def test_every_must_has_a_fault(faults: tuple[Fault, ...]) -> None:
    registry = catalogue().registry
    broken = {fault.requirement for fault in faults}
    assert uncovered(demanded(registry, Wish()), broken, None) == ()


def test_there_are_faults_in_every_area(faults: tuple[Fault, ...]) -> None:
    assert {area_of(fault.requirement) for fault in faults} == set(catalogue().registry.areas)


@pytest.mark.parametrize(
    "area", [AREAS[0], *(pytest.param(area, marks=pytest.mark.dear) for area in AREAS[1:])]
)
def test_caught(area: str, faults: tuple[Fault, ...]) -> None:
    outcome = asyncio.run(judge(next(f for f in faults if area_of(f.requirement) == area)))
    assert outcome.lost is None
    found = {str(v.check): (v.status, v.reason) for v in outcome.verdicts}
    assert any(status in CAUGHT for status, _ in found.values()), found
    assert not any(status is Status.HARNESS for status, _ in found.values()), found
