"""What one fault breaks everywhere is told before what it breaks in passing."""

from __future__ import annotations

from omnisession_conformance.protocol.verdict import KEPT, Outcome, Status
from omnisession_conformance.report.causes import broadest_first
from omnisession_conformance.results import CheckResult, Finding, RequirementResult


def check(name: str, status: Status, *findings: tuple[str, int]) -> CheckResult:
    found = tuple(Finding(Outcome.BROKEN, case=case, records=(n,)) for case, n in findings)
    return CheckResult(name, status, "MUST", 1, "again", findings=found)


def requirement(id_: str, status: Status, *checks: CheckResult) -> RequirementResult:
    return RequirementResult(
        id_, status, "MUST", "core", id_[:-4], checks=tuple(c.check for c in checks)
    )


PASSING = check("CTRL-001@a", Status.FAIL, ("a", 1))
SWEPT = check("CTRL-007@sweep", Status.FAIL, ("a", 1), ("b", 2), ("b", 3))
IN_A_CASE = check("CTRL-007@c", Status.FAIL, ("c", 9))
LONG = check("ERR-001@a", Status.FAIL, ("a", 1), ("a", 2), ("a", 3), ("a", 4))
WIDE_BUT_FINE = check("CTRL-001@sweep", Status.PASS, ("a", 1), ("b", 2), ("c", 3), ("d", 4))


def test_more_cases_then_more_messages_then_the_order_of_the_specification() -> None:
    narrow = requirement("CTRL-001", Status.FAIL, PASSING, WIDE_BUT_FINE)
    same = requirement("CTRL-002", Status.FAIL, PASSING)
    broad = requirement("CTRL-007", Status.FAIL, SWEPT, IN_A_CASE)
    long = requirement("ERR-001", Status.FAIL, LONG)
    checks = (PASSING, WIDE_BUT_FINE, SWEPT, IN_A_CASE, LONG)
    found = broadest_first((narrow, same, broad, long), checks)
    assert [r.id for r in found] == ["CTRL-007", "ERR-001", "CTRL-001", "CTRL-002"]


def test_what_a_sweep_saw_too_often_to_keep_it_comes_first() -> None:
    kept = [("a", n) for n in range(KEPT)]
    cut = check("ENV-003@sweep", Status.FAIL, *kept)
    short = check("ENV-001@sweep", Status.FAIL, *kept[1:])
    broad = requirement("CTRL-007", Status.FAIL, SWEPT, IN_A_CASE)
    found = broadest_first(
        (
            requirement("ENV-001", Status.FAIL, short),
            broad,
            requirement("ENV-003", Status.FAIL, cut),
        ),
        (cut, short, SWEPT, IN_A_CASE),
    )
    assert [r.id for r in found] == ["ENV-003", "CTRL-007", "ENV-001"]


def test_what_no_check_explains_is_kept() -> None:
    unknown = requirement("ENV-001", Status.FAIL, check("ENV-001@gone", Status.FAIL))
    assert broadest_first([unknown], ()) == [unknown]
