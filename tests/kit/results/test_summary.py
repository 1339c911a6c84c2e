from __future__ import annotations

import pytest
from tests.kit.results.lines import REGISTRY, check

from omnisession_conformance.exits import Exit
from omnisession_conformance.protocol.excuses import Excuse
from omnisession_conformance.protocol.lacks import Lack, Thing
from omnisession_conformance.protocol.registry import UnknownRequirementError
from omnisession_conformance.protocol.verdict import CheckId, Status, Verdict
from omnisession_conformance.results import CheckResult, RequirementResult, RunStatus
from omnisession_conformance.results.summary import close, exit_code, summarise

P, F, W = Status.PASS, Status.FAIL, Status.WARN
NR, NC, H, INC = Status.NOT_RUN, Status.NOT_CLAIMED, Status.HARNESS, Status.INCONCLUSIVE
COMPLETE, ABORTED, INTERRUPTED = RunStatus


def result(status: Status, level: str = "MUST", *, excused: bool = False) -> RequirementResult:
    return RequirementResult("STATE-001", status, level, "core", "STATE", excused=excused)


@pytest.mark.parametrize(
    ("run_status", "requirements", "code"),
    [
        (COMPLETE, [result(P)], Exit.CONFORMANT),
        (COMPLETE, [result(P), result(NC)], Exit.CONFORMANT),
        (COMPLETE, [result(P), result(NR, excused=True)], Exit.CONFORMANT),
        (COMPLETE, [result(P), result(NR, "SHOULD")], Exit.CONFORMANT),
        (COMPLETE, [result(W, "SHOULD")], Exit.CONFORMANT),
        (COMPLETE, [result(P), result(F)], Exit.NOT_CONFORMANT),
        (COMPLETE, [result(F), result(H)], Exit.NOT_CONFORMANT),
        (COMPLETE, [result(F), result(NR)], Exit.NOT_CONFORMANT),
        (COMPLETE, [result(P), result(NR)], Exit.NOT_CONFORMANT),
        (COMPLETE, [result(P), result(NR, "MUST NOT")], Exit.NOT_CONFORMANT),
        (COMPLETE, [result(NR)], Exit.NOT_CONFORMANT),
        (COMPLETE, [result(P), result(H)], Exit.NO_VERDICT),
        (COMPLETE, [result(P), result(INC)], Exit.NO_VERDICT),
        (COMPLETE, [result(INC), result(NR)], Exit.NO_VERDICT),
        (COMPLETE, [result(INC, "SHOULD")], Exit.NO_VERDICT),
        (COMPLETE, [result(NC)], Exit.NOTHING_RAN),
        (COMPLETE, [result(NR, excused=True), result(NC)], Exit.NOTHING_RAN),
        (COMPLETE, [result(NR, "SHOULD")], Exit.NOTHING_RAN),
        (COMPLETE, [], Exit.NOTHING_RAN),
        (ABORTED, [result(P)], Exit.NO_VERDICT),
        (ABORTED, [result(F)], Exit.NO_VERDICT),
        (ABORTED, [], Exit.NO_VERDICT),
        (INTERRUPTED, [result(P)], Exit.INTERRUPTED),
        (INTERRUPTED, [result(F), result(H)], Exit.INTERRUPTED),
        (INTERRUPTED, [], Exit.INTERRUPTED),
    ],
)
def test_exit_codes(
    run_status: RunStatus, requirements: list[RequirementResult], code: Exit
) -> None:
    assert exit_code(run_status, requirements) is code


def test_exit_codes_are_the_documented_numbers() -> None:
    assert [int(code) for code in Exit] == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("run_status", "status", "filtered", "conformant"),
    [
        (COMPLETE, P, False, True),
        (COMPLETE, P, True, False),
        (COMPLETE, F, False, False),
        (COMPLETE, NC, False, False),
        (ABORTED, P, False, False),
        (INTERRUPTED, P, False, False),
    ],
)
def test_only_a_complete_green_run_of_everything_is_conformant(
    run_status: RunStatus, status: Status, filtered: bool, conformant: bool
) -> None:
    footer = close(
        [], [result(status)], run_status=run_status, filtered=filtered, wall_ms=1, records={}
    )
    assert footer.conformant is conformant


def test_the_footer_counts_everything() -> None:
    checks = [check("STATE-001@one", P), check("STATE-001@sweep", F), check("STATE-002@one", W)]
    footer = close(
        checks,
        summarise(checks, REGISTRY),
        wall_ms=12.5,
        records={"kit": 2, "target": 3, "foreign": 4},
    )
    assert {s: n for s, n in footer.checks.items() if n} == {F: 1, W: 1, P: 1}
    assert {s: n for s, n in footer.requirements.items() if n} == {F: 1, NR: 1, W: 1}
    assert set(footer.checks) == set(Status)
    assert (footer.messages, footer.wall_ms, footer.exit_code) == (9, 12.5, 1)


@pytest.mark.parametrize(
    ("statuses", "worst"),
    [
        ([P, F, H], F),
        ([P, H, INC], H),
        ([INC, NR], INC),
        ([NR, P], NR),
        ([P, W], W),
        ([P, NC], P),
        ([NC, NC], NC),
    ],
)
def test_a_requirement_is_the_worst_of_its_checks(statuses: list[Status], worst: Status) -> None:
    checks = [check(f"STATE-001@c{n}", s) for n, s in enumerate(statuses)]
    told = summarise(checks, REGISTRY, selected=())
    assert [r.status for r in told] == [worst]
    assert told[0].checks == tuple(c.check for c in checks)


def test_the_reason_is_that_of_the_check_nobody_excuses() -> None:
    checks = [
        check("STATE-001@a", NR, excused=True, reason="no hook"),
        check("STATE-001@b", NR, reason="the case stopped"),
    ]
    (told,) = summarise(checks, REGISTRY, selected=())
    assert (told.reason, told.excused) == ("the case stopped", False)


def test_what_a_target_does_not_have_is_told_in_one_before_other_reasons() -> None:
    lacking = [
        CheckResult.of(
            Verdict.lacking(CheckId("STATE-001", name), "MUST", lack, Excuse.NOT_SERVED), ""
        )
        for name in ("a", "b")
        for lack in (Lack(Thing.ACTION, f"{name}.create"),)
    ]
    other = check("STATE-001@c", NR, excused=True, reason="no hook")
    (told,) = summarise([*lacking, other], REGISTRY, selected=())
    listed = "the target does not list the action 'a.create' or 'b.create'"
    assert (told.reason, told.excused) == (f"{listed}; no hook", True)


def test_a_requirement_is_excused_when_all_its_checks_are() -> None:
    checks = [check(f"STATE-001@{n}", NR, excused=True, reason="no hook") for n in "ab"]
    (told,) = summarise(checks, REGISTRY, selected=())
    assert told.excused


def test_without_a_check_nothing_is_tested_and_only_the_registry_excuses_it() -> None:
    told = {r.id: r for r in summarise([], REGISTRY)}
    assert {r.status for r in told.values()} == {NR}
    assert not told["STATE-001"].excused
    assert told["STATE-003"].excused
    assert "nobody can see it" in told["STATE-003"].reason


def test_only_what_was_selected_is_told() -> None:
    told = summarise([check("STATE-002@a", P)], REGISTRY, selected={"STATE-002"})
    assert [r.id for r in told] == ["STATE-002"]


def test_a_check_of_an_unknown_requirement_is_refused() -> None:
    stray = CheckResult("STATE-999@a", P, "MUST", 1, "rerun")
    with pytest.raises(UnknownRequirementError, match="STATE-999"):
        summarise([stray], REGISTRY)
