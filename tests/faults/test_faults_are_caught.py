"""A few faulty servers, one of each area, are caught by the requirement that they break.

`make selftest` tries every fault, with the variants that must not be caught.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from omnisession_conformance.engine.conduct import Stopper, conduct
from omnisession_conformance.engine.plan import Selection, choose
from omnisession_conformance.environment.settings import Settings
from omnisession_conformance.protocol.verdict import Status
from omnisession_conformance.selftest.judging import uncovered
from omnisession_conformance.selftest.listing import Fault, parse_faults
from omnisession_conformance.selftest.plan import Wish, demanded
from omnisession_conformance.suite import catalogue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omnisession_conformance.engine.events import RunOutcome

AT_A_TIME = 3
REFERENCE = (sys.executable, "-m", "omnisession_reference", "--log-level", "error")
CAUGHT = (Status.FAIL, Status.WARN)


def listed_faults() -> tuple[Fault, ...]:
    """The faults as the command lists them."""
    listing = subprocess.run(
        [*REFERENCE, "--list-faults"], capture_output=True, text=True, check=True
    )
    return parse_faults(listing.stdout, catalogue().registry)


FAULTS = listed_faults()
OF_EACH_AREA = {fault.requirement.partition("-")[0]: fault for fault in reversed(FAULTS)}


async def judge(fault: Fault, free: asyncio.Semaphore) -> RunOutcome:
    async with free:
        settings = Settings(command=(*REFERENCE, "--fault", fault.name))
        selection = Selection(only=(fault.requirement,))
        return await conduct(settings, choose(catalogue(), selection), (), Stopper())


@pytest.fixture(scope="module")
def outcomes() -> Mapping[str, RunOutcome]:
    """How each faulty server fared."""

    async def all_of_them() -> list[RunOutcome]:
        free = asyncio.Semaphore(AT_A_TIME)
        return await asyncio.gather(*(judge(f, free) for f in OF_EACH_AREA.values()))

    return dict(zip(OF_EACH_AREA, asyncio.run(all_of_them()), strict=True))


def test_every_must_has_a_fault() -> None:
    registry = catalogue().registry
    broken = {fault.requirement for fault in FAULTS}
    assert uncovered(demanded(registry, Wish()), broken, None) == ()


def test_there_are_faults_in_every_area() -> None:
    assert set(OF_EACH_AREA) == set(catalogue().registry.areas)


@pytest.mark.parametrize("area", OF_EACH_AREA)
def test_caught(area: str, outcomes: Mapping[str, RunOutcome]) -> None:
    outcome = outcomes[area]
    assert outcome.lost is None
    found = {str(v.check): (v.status, v.reason) for v in outcome.verdicts}
    assert any(status in CAUGHT for status, _ in found.values()), found
    assert not any(status is Status.HARNESS for status, _ in found.values()), found
