"""Settling: the worst of what was seen, and never a PASS without an observation."""

from __future__ import annotations

import pytest

from omnisession_conformance.protocol.excuses import Excuse
from omnisession_conformance.protocol.verdict import (
    CheckId,
    Observation,
    Outcome,
    Status,
    settle,
    worst,
)

CHECK = CheckId("CTRL-001", "a-case")


def seen(*outcomes: Outcome) -> list[Observation]:
    return [Observation(CHECK, outcome, why=outcome.value) for outcome in outcomes]


@pytest.mark.parametrize(
    ("outcomes", "level", "not_run", "status"),
    [
        ((), "MUST", None, Status.NOT_RUN),
        ((Outcome.OK,), "MUST", None, Status.PASS),
        ((Outcome.OK, Outcome.BROKEN), "MUST", None, Status.FAIL),
        ((Outcome.OK, Outcome.BROKEN), "MUST NOT", None, Status.FAIL),
        ((Outcome.ABSENT,), "MUST", None, Status.FAIL),
        ((Outcome.OK, Outcome.BROKEN), "SHOULD", None, Status.WARN),
        ((Outcome.BROKEN, Outcome.KIT_FAULT), "MUST", None, Status.FAIL),
        ((Outcome.OK, Outcome.KIT_FAULT, Outcome.LATE), "MUST", None, Status.HARNESS),
        ((Outcome.OK, Outcome.LATE), "MUST", None, Status.INCONCLUSIVE),
        ((Outcome.OK,), "MUST", "stopped early", Status.NOT_RUN),
        ((Outcome.BROKEN,), "MUST", "stopped early", Status.FAIL),
    ],
)
def test_settle(
    outcomes: tuple[Outcome, ...], level: str, not_run: str | None, status: Status
) -> None:
    assert settle(CHECK, level, seen(*outcomes), not_run=not_run).status is status


def test_an_excuse_covers_no_failure() -> None:
    excuse = Excuse.NO_HOOK
    assert settle(CHECK, "MUST", (), excuse=excuse).excused
    for outcome in (Outcome.OK, Outcome.BROKEN, Outcome.LATE, Outcome.KIT_FAULT):
        assert not settle(CHECK, "MUST", seen(outcome), excuse=excuse).excused


@pytest.mark.parametrize(
    ("status", "after"),
    [
        (Status.PASS, Status.NOT_RUN),
        (Status.WARN, Status.NOT_RUN),
        (Status.FAIL, Status.FAIL),
        (Status.NOT_CLAIMED, Status.NOT_CLAIMED),
    ],
)
def test_nothing_green_survives_a_run_that_was_cut_short(status: Status, after: Status) -> None:
    outcomes = {Status.PASS: Outcome.OK, Status.WARN: Outcome.BROKEN, Status.FAIL: Outcome.BROKEN}
    level = "SHOULD" if status is Status.WARN else "MUST"
    verdict = settle(CHECK, level, seen(outcomes.get(status, Outcome.OK)))
    if status is Status.NOT_CLAIMED:
        verdict = type(verdict)(CHECK, status, level, 0, "not declared")
    short = verdict.cut_short("the target is gone")
    assert short.status is after
    assert not short.excused


def test_worst_first() -> None:
    assert worst([Status.PASS, Status.NOT_RUN, Status.WARN]) is Status.NOT_RUN
    assert worst([Status.PASS, Status.NOT_CLAIMED]) is Status.PASS
    assert worst([Status.NOT_CLAIMED]) is Status.NOT_CLAIMED
    assert worst([Status.HARNESS, Status.FAIL]) is Status.FAIL


def test_check_ids() -> None:
    assert CheckId.parse("CTRL-001@a-case") == CHECK
    assert str(CHECK) == "CTRL-001@a-case"
    with pytest.raises(ValueError, match="REQ-ID@case"):
        CheckId.parse("CTRL-001")
