"""Every faulty server is caught by the requirement that it breaks; the right one by none.

The engine runs in this process, the servers in theirs: a few at a time, each judged by the checks of
the requirement that it says it breaks.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from omnisession_conformance.plan import Selection
from omnisession_conformance.runner import RunOutcome, Settings, Silent, Stopper, conduct
from omnisession_conformance.suite import catalogue
from omnisession_conformance.verdict import Status

if TYPE_CHECKING:
    from collections.abc import Mapping

AT_A_TIME = 3
REFERENCE = (sys.executable, "-m", "omnisession_reference", "--log-level", "error")
CAUGHT = (Status.FAIL, Status.WARN)


def listed_faults() -> dict[str, str]:
    """Fault names with the requirement that each breaks, as the command lists them."""
    listing = subprocess.run(
        [*REFERENCE, "--list-faults"], capture_output=True, text=True, check=True
    )
    rows = (line.split("\t") for line in listing.stdout.splitlines())
    return {name: requirement for name, requirement, *_ in rows}


FAULTS = listed_faults()


async def judge(fault: str, requirement: str, free: asyncio.Semaphore) -> RunOutcome:
    async with free:
        settings = Settings(command=(*REFERENCE, "--fault", fault))
        selection = Selection(only=(requirement,))
        return await conduct(settings, catalogue(), selection, Silent(), Stopper())


@pytest.fixture(scope="module")
def outcomes() -> Mapping[str, RunOutcome]:
    """How each faulty server fared."""

    async def all_of_them() -> list[RunOutcome]:
        free = asyncio.Semaphore(AT_A_TIME)
        return await asyncio.gather(*(judge(f, r, free) for f, r in FAULTS.items()))

    return dict(zip(FAULTS, asyncio.run(all_of_them()), strict=True))


def test_there_are_faults_in_every_area() -> None:
    areas = {requirement.partition("-")[0] for requirement in FAULTS.values()}
    judged = {r.id.partition("-")[0] for r in catalogue().registry if r.excluded is None}
    assert judged <= areas


@pytest.mark.parametrize("fault", FAULTS)
def test_caught(fault: str, outcomes: Mapping[str, RunOutcome]) -> None:
    outcome = outcomes[fault]
    assert outcome.lost is None
    found = {str(v.check): (v.status, v.reason) for v in outcome.verdicts}
    assert any(status in CAUGHT for status, _ in found.values()), found
    assert not any(status is Status.HARNESS for status, _ in found.values()), found
