"""What results mean: every outcome, the verdict and the exit code."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.kit.selftest.made import (
    ABOUT,
    BY_GENERATION,
    MUST,
    REGISTRY,
    SHOULD,
    by_generation,
    control,
    fault_trials,
    faults,
    matrix,
    nulls,
    ran,
    remark,
    trial,
    variants,
)

from omnisession_conformance.protocol.verdict import Status
from omnisession_conformance.selftest.judging import Outcome, control_trouble
from omnisession_conformance.selftest.listing import Listing
from omnisession_conformance.selftest.matrix import Verdict
from omnisession_conformance.selftest.trial import Kind, Remark, Scope, TrialResult

FAIL, PASS, WARN, NOT_RUN = Status.FAIL, Status.PASS, Status.WARN, Status.NOT_RUN
NARROW = trial(Kind.FAULT, "late", Scope.REQUIREMENT)
WIDE = trial(Kind.FAULT, "late")
ONE = Listing(faults("late"))


@pytest.mark.parametrize(
    ("results", "outcome", "reason"),
    [
        (fault_trials("late", FAIL), Outcome.CAUGHT, ""),
        (fault_trials("late", FAIL, FAIL), Outcome.CAUGHT, ""),
        (fault_trials("late", PASS, FAIL), Outcome.CAUGHT, "only by the whole suite"),
        (fault_trials("late", FAIL, PASS), Outcome.HIDDEN, "CTRL-007 is PASS in the whole suite"),
        (fault_trials("late", WARN, WARN), Outcome.MISSED, "CTRL-007 is WARN, and nothing else"),
        (fault_trials("late", PASS, PASS), Outcome.MISSED, "nothing else is broken"),
        (
            (*fault_trials("late", PASS), ran(WIDE, CTRL_007=NOT_RUN, CTRL_008=FAIL)),
            Outcome.BY_ANOTHER,
            "CTRL-007 is NOT_RUN; broken are CTRL-008",
        ),
        ((ran(NARROW, failed="it hung"),), Outcome.FAILED, "it hung"),
        ((ran(NARROW, lost="gone", CTRL_007=FAIL),), Outcome.FAILED, "cut short: gone"),
        (
            (
                ran(
                    NARROW,
                    remarks=(remark("CTRL-007@sweep", Status.HARNESS, "a bug"),),
                    CTRL_007=FAIL,
                ),
            ),
            Outcome.FAILED,
            "the kit itself failed in CTRL-007@sweep: a bug",
        ),
        (
            (*fault_trials("late", FAIL), ran(WIDE, failed="it hung")),
            Outcome.FAILED,
            "in the whole suite: it hung",
        ),
        ((), Outcome.NOT_RUN, ""),
        (fault_trials("late", PASS), Outcome.NOT_RUN, ""),
    ],
)
def test_outcomes_of_a_fault(
    results: tuple[TrialResult, ...], outcome: Outcome, reason: str
) -> None:
    found = matrix(ONE, control(), *results)
    (row,) = found.faults
    assert row.outcome is outcome
    assert reason in row.reason
    assert found.exit_code == (0 if outcome is Outcome.CAUGHT else 1)


def test_a_should_is_caught_by_a_warning() -> None:
    result = ran(NARROW, DISC_001=WARN)
    found = matrix(Listing(faults("late", requirement=SHOULD)), control(), result)
    assert found.faults[0].outcome is Outcome.CAUGHT


def test_what_else_was_broken_is_recorded() -> None:
    found = matrix(ONE, *fault_trials("late", FAIL), ran(WIDE, CTRL_007=FAIL, CTRL_008=FAIL))
    assert found.faults[0].others == ("CTRL-008",)
    assert matrix(ONE, *fault_trials("late", FAIL)).faults[0].others is None


@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        ({}, Outcome.CLEAN),
        ({"remarks": (remark("CTRL-007@sweep"),)}, Outcome.FLAGGED),
        ({"remarks": (remark("CTRL-007@sweep", Status.INCONCLUSIVE),)}, Outcome.FLAGGED),
        ({"remarks": (remark("CTRL-007@sweep", Status.HARNESS),)}, Outcome.FLAGGED),
        ({"remarks": (remark("CTRL-007@sweep", NOT_RUN),)}, Outcome.FLAGGED),
        ({"remarks": (remark("ERR-004@sweep", NOT_RUN),)}, Outcome.CLEAN),
        ({"remarks": (remark("DISC-001@sweep", WARN),)}, Outcome.CLEAN),
        ({"remarks": (remark("ERR-004@sweep", WARN),)}, Outcome.FLAGGED),
        ({"lost": "it exited"}, Outcome.FLAGGED),
        ({"failed": "it hung"}, Outcome.FAILED),
        ({"passed": 0}, Outcome.FAILED),
    ],
)
def test_outcomes_of_a_variant(result: dict[str, object], outcome: Outcome) -> None:
    made = replace(ran(trial(Kind.VARIANT, "odd", Scope.SHARD, "2/8")), **result)  # pyright: ignore[reportArgumentType]
    found = matrix(Listing((), variants("odd", warns=(SHOULD,))), control(), made)
    assert found.variants[0].outcome is outcome
    assert found.variants[0].part == "2/8"
    assert found.exit_code == (0 if outcome is Outcome.CLEAN else 1)


@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        ({"passed": 0, "exit_code": 3, "lost": "nobody answered"}, Outcome.HELD),
        ({"passed": 1, "exit_code": 3}, Outcome.GREEN),
        ({"passed": 0, "exit_code": 0}, Outcome.GREEN),
        ({"failed": "it hung"}, Outcome.FAILED),
    ],
)
def test_outcomes_of_a_null_target(result: dict[str, object], outcome: Outcome) -> None:
    made = replace(ran(trial(Kind.NULL, "silent")), **result)  # pyright: ignore[reportArgumentType]
    found = matrix(Listing(nulls=nulls("silent")), made)
    assert found.nulls[0].outcome is outcome
    assert found.exit_code == (0 if outcome is Outcome.HELD else 1)


@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        ({"statuses": {MUST: FAIL}, "passed": 3, "exit_code": 1}, Outcome.HELD),
        ({"statuses": {MUST: Status.PASS}, "passed": 3, "exit_code": 0}, Outcome.GREEN),
        ({"statuses": {MUST: NOT_RUN}, "exit_code": 3, "lost": "it exited"}, Outcome.GREEN),
        ({"failed": "it hung"}, Outcome.FAILED),
    ],
)
def test_what_only_declares_a_profile_has_to_fail_by_it(
    result: dict[str, object], outcome: Outcome
) -> None:
    made = replace(ran(trial(Kind.NULL, "by-word")), **result)  # pyright: ignore[reportArgumentType]
    [target] = nulls("by-word")
    found = matrix(Listing(nulls=(replace(target, profile="durable"),)), made)
    assert found.nulls[0].outcome is outcome
    words = "omnisession check --server-cmd 'null by-word' --profile durable"
    assert found.nulls[0].rerun == words


def test_a_must_without_a_fault_fails() -> None:
    found = matrix(ONE, control(), *fault_trials("late", FAIL), demanded=(MUST, "CTRL-008"))
    assert [r.id for r in found.uncovered] == ["CTRL-008"]
    assert (found.verdict, found.exit_code) == (Verdict.NOT_PROVED, 1)


def test_a_must_that_the_server_does_not_claim_needs_none() -> None:
    plain = control(CTRL_007=PASS, CTRL_008=Status.NOT_CLAIMED)
    found = matrix(ONE, plain, *fault_trials("late", FAIL), demanded=(MUST, "CTRL-008"))
    assert (found.verdict, found.exit_code) == (Verdict.PROVED, 0)


@pytest.mark.parametrize(
    ("result", "told"),
    [
        (control(), None),
        (ran(trial(Kind.CONTROL, "control"), passed=0), "no check passed"),
        (ran(trial(Kind.CONTROL, "control"), lost="it exited"), "cut short: it exited"),
        (
            ran(trial(Kind.CONTROL, "control"), remarks=(remark("DISC-001@sweep", WARN),)),
            "DISC-001@sweep is WARN: it was late",
        ),
    ],
)
def test_the_plain_server_must_be_right(result: TrialResult, told: str | None) -> None:
    trouble = control_trouble(result)
    assert (trouble is None) if told is None else (trouble is not None and told in trouble)


def test_verdicts_and_exit_codes() -> None:
    good = (control(), *fault_trials("late", FAIL))
    part = replace(ABOUT, filtered=True)
    assert matrix(ONE, *good).verdict is Verdict.PROVED
    assert matrix(ONE, *good, about=part).verdict is Verdict.SELECTED_PROVED
    wrong = replace(ABOUT, control="CTRL-007@sweep is FAIL")
    assert matrix(ONE, about=wrong).exit_code == 3
    stopped = replace(ABOUT, interrupted="SIGINT received")
    assert matrix(ONE, *good, about=stopped).exit_code == 2


def test_lines_that_repeat_a_trial() -> None:
    flagged = ran(trial(Kind.VARIANT, "odd"), remarks=(remark("CTRL-007@sweep"),))
    found = matrix(
        Listing(faults("late"), variants("odd"), nulls("silent")),
        *fault_trials("late", FAIL),
        flagged,
    )
    start = "omnisession check --server-cmd ./server --only"
    assert found.faults[0].rerun == f"OMNISESSION_FAULT=late {start} CTRL-007"
    assert found.variants[0].rerun == f"OMNISESSION_VARIANT=odd {start} CTRL-007@sweep"
    assert found.nulls[0].rerun == "omnisession check --server-cmd 'null silent'"


def test_a_remark_knows_its_requirement() -> None:
    assert Remark("CTRL-007@sweep", FAIL, mandatory=True, reason="").requirement in REGISTRY


# -- by generated traffic ----------------------------------------------------------------------------------


def test_outcomes_of_a_fault_by_generated_traffic() -> None:
    found = by_generation((FAIL, None), (FAIL, FAIL), (None, FAIL), (None, None))
    assert [(row.outcome, row.reason) for row in found.faults] == [
        (Outcome.CAUGHT, ""),
        (Outcome.CAUGHT, ""),
        (Outcome.BY_ANOTHER, "found were CTRL-008"),
        (Outcome.MISSED, "300 steps were judged"),
    ]
    assert found.faults[0].rerun == (
        "OMNISESSION_FAULT=fault-0 omnisession check --server-cmd ./server --generate 30s "
        "--only generated-traffic"
    )


@pytest.mark.parametrize(
    ("seen", "whole", "verdict"),
    [
        (7, True, Verdict.SELECTED_PROVED),
        (6, True, Verdict.NOT_PROVED),
        (4, False, Verdict.SELECTED_PROVED),
        (3, False, Verdict.NOT_PROVED),
    ],
)
def test_most_faults_are_to_be_seen_by_generated_traffic(
    seen: int, whole: bool, verdict: Verdict
) -> None:
    rows = (*[(FAIL, None)] * (seen - 1), (None, FAIL), *[(None, None)] * (10 - seen))
    found = by_generation(*rows, whole=whole)
    assert len(found.seen) == seen
    assert found.verdict is verdict


def test_a_variant_is_left_alone_by_generated_traffic() -> None:
    found = ran(
        trial(Kind.VARIANT, "odd", Scope.GENERATED), remarks=(remark("CTRL-007@generated-deep"),)
    )
    plain = ran(trial(Kind.CONTROL, "control", Scope.GENERATED))
    told = matrix(Listing((), variants("odd")), plain, found, about=BY_GENERATION)
    assert told.variants[0].outcome is Outcome.FLAGGED
    assert told.verdict is Verdict.NOT_PROVED
