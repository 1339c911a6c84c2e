"""A check that had nothing to judge yields to one that observed the requirement, and only to that."""

from __future__ import annotations

import pytest

from omnisession_conformance.protocol.registry import load_registry
from omnisession_conformance.protocol.verdict import Status
from omnisession_conformance.results import CheckResult, summarise


def check(source: str, status: Status, *, excused: bool = False) -> CheckResult:
    return CheckResult(
        check=f"CTRL-001@{source}",
        status=status,
        level="MUST",
        observed=0,
        rerun="",
        reason=source,
        excused=excused,
    )


@pytest.mark.parametrize(
    ("other", "excused", "expected"),
    [
        (Status.PASS, False, Status.PASS),
        (Status.FAIL, False, Status.FAIL),
        (Status.NOT_CLAIMED, False, Status.NOT_RUN),
        (Status.NOT_RUN, True, Status.NOT_RUN),
        (Status.NOT_RUN, False, Status.NOT_RUN),
        (Status.INCONCLUSIVE, False, Status.INCONCLUSIVE),
    ],
)
def test_beside_a_silent_sweep(other: Status, excused: bool, expected: Status) -> None:
    silent = check("sweep", Status.NOT_RUN, excused=True)
    checks = [silent, check("a-case", other, excused=excused)]
    (result,) = summarise(checks, load_registry(), selected={"CTRL-001"})
    assert result.status is expected
    assert result.checks == ("CTRL-001@sweep", "CTRL-001@a-case")


def test_a_check_that_should_have_run_does_not_yield() -> None:
    checks = [check("stopped", Status.NOT_RUN), check("a-case", Status.PASS)]
    (result,) = summarise(checks, load_registry(), selected={"CTRL-001"})
    assert result.status is Status.NOT_RUN
    assert not result.excused
