"""A check that had nothing to judge yields to one that observed the requirement, and only to that."""

from __future__ import annotations

import pytest

from omnisession_conformance.engine.plan import excuse_of_silence
from omnisession_conformance.protocol.excuses import Excuse, code_of
from omnisession_conformance.protocol.registry import load_registry
from omnisession_conformance.protocol.verdict import SWEEP, CheckId, Status
from omnisession_conformance.results import CheckResult, summarise


def check(source: str, status: Status, *, excuse: Excuse | None = None) -> CheckResult:
    return CheckResult(
        check=f"CTRL-001@{source}",
        status=status,
        level="MUST",
        observed=0,
        rerun="",
        reason=source,
        excused=excuse is not None,
        excuse=code_of(excuse),
    )


@pytest.mark.parametrize(
    ("other", "excuse"),
    [
        (Status.PASS, None),
        (Status.FAIL, None),
        (Status.NOT_CLAIMED, None),
        (Status.NOT_RUN, Excuse.NO_HOOK),
        (Status.NOT_RUN, None),
        (Status.INCONCLUSIVE, None),
    ],
)
def test_beside_a_silent_sweep(other: Status, excuse: Excuse | None) -> None:
    silent = check("sweep", Status.NOT_RUN, excuse=Excuse.NOTHING_SEEN)
    checks = [silent, check("a-case", other, excuse=excuse)]
    (result,) = summarise(checks, load_registry(), selected={"CTRL-001"})
    assert result.status is other
    assert result.excuse == code_of(excuse)
    assert result.checks == ("CTRL-001@sweep", "CTRL-001@a-case")


def test_a_silent_sweep_that_judges_alone_is_excused_by_nothing_the_target_does() -> None:
    sweep, case = CheckId("CTRL-001", SWEEP), CheckId("CTRL-001", "a-case")
    assert excuse_of_silence(sweep, (sweep, case), filtered=False) is Excuse.NOTHING_SEEN
    assert excuse_of_silence(sweep, (sweep,), filtered=False) is None
    assert excuse_of_silence(sweep, (sweep,), filtered=True) is Excuse.SELECTION


def test_a_check_that_should_have_run_does_not_yield() -> None:
    checks = [check("stopped", Status.NOT_RUN), check("a-case", Status.PASS)]
    (result,) = summarise(checks, load_registry(), selected={"CTRL-001"})
    assert result.status is Status.NOT_RUN
    assert not result.excused
