"""What may excuse a check that was not run is one closed list, and a strict run takes hardly any of it."""

from __future__ import annotations

import pytest

from omnisession_conformance.exits import Exit
from omnisession_conformance.protocol.excuses import EXCUSES, Excuse, of_code, short_words
from omnisession_conformance.protocol.verdict import Status
from omnisession_conformance.results import RequirementResult, RunStatus
from omnisession_conformance.results.summary import exit_code

CHECKS = ("STATE-001@a-case",)
BY_CHOICE = {Excuse.SELECTION, Excuse.NOTHING_SEEN, Excuse.NOT_SERVED, Excuse.NOT_OBSERVABLE}


def not_run(
    excuse: str, level: str = "MUST", checks: tuple[str, ...] = CHECKS
) -> RequirementResult:
    return RequirementResult(
        "STATE-001",
        Status.NOT_RUN,
        level,
        "core",
        "STATE",
        excused=True,
        excuse=excuse,
        checks=checks,
    )


PASSED = RequirementResult("STATE-002", Status.PASS, "MUST", "core", "STATE", checks=CHECKS)


def code(*requirements: RequirementResult, strict: bool) -> Exit:
    return exit_code(RunStatus.COMPLETE, (PASSED, *requirements), strict=strict)


def test_the_table_says_something_of_each() -> None:
    assert list(EXCUSES) == list(Excuse)
    assert all(about.short and about.what and about.shown_by for about in EXCUSES.values())
    assert {excuse for excuse, about in EXCUSES.items() if not about.strict} == BY_CHOICE
    assert [of_code(excuse.value) for excuse in Excuse] == list(Excuse)
    assert of_code("the-moon") is None


@pytest.mark.parametrize("excuse", list(Excuse))
def test_a_strict_run_excuses_what_nobody_can_test_alone(excuse: Excuse) -> None:
    one = not_run(excuse.value)
    assert code(one, strict=False) is Exit.CONFORMANT
    wanted = Exit.CONFORMANT if excuse in BY_CHOICE else Exit.NOT_CONFORMANT
    assert code(one, strict=True) is wanted


def test_a_strict_run_asks_for_what_should_be_as_well() -> None:
    assert code(not_run(Excuse.NO_HOOK, "SHOULD"), strict=True) is Exit.NOT_CONFORMANT


def test_a_strict_run_does_not_know_excuses_of_others() -> None:
    for excuse in ("", "the-moon"):
        assert code(not_run(excuse), strict=True) is Exit.NOT_CONFORMANT


def test_what_has_no_check_is_none_of_its_business() -> None:
    assert code(not_run(Excuse.NOT_OBSERVABLE, checks=()), strict=True) is Exit.CONFORMANT


def test_reasons_are_counted_the_most_first() -> None:
    counts = [("no-hook", 2), ("no-disruption", 7), ("the-moon", 1)]
    told = "7 may disturb others, 2 without a hook, 1 for other reasons"
    assert short_words(counts) == told
    assert short_words([("no-hook", 2)]) == "without a hook"
    assert short_words([]) == ""
