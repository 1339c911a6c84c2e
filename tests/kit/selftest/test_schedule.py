"""What follows from a result: more of the suite, a second try, or the end."""

from __future__ import annotations

from tests.kit.selftest.made import REGISTRY, control, faults, ran, remark, trial, variants

from omnisession_conformance.protocol.verdict import Status
from omnisession_conformance.selftest.listing import Listing
from omnisession_conformance.selftest.schedule import Schedule
from omnisession_conformance.selftest.trial import Kind, Scope, Trial

NARROW = trial(Kind.FAULT, "late", Scope.REQUIREMENT)
WIDE = trial(Kind.FAULT, "late")
OTHER = trial(Kind.FAULT, "other", Scope.REQUIREMENT)


def schedule(*trials: Trial) -> Schedule:
    chosen = Listing(faults("late", "other"), variants("slow", warns=("DISC-001",)))
    return Schedule.of(REGISTRY, chosen, trials)


def given(found: Schedule) -> Trial:
    handed = found.next()
    assert handed is not None
    return handed


def test_trials_come_in_their_order_and_are_counted() -> None:
    found = schedule(NARROW, OTHER)
    assert found.total == 2
    assert [given(found), given(found), found.next()] == [NARROW, OTHER, None]
    found.done(ran(NARROW, CTRL_007=Status.FAIL))
    assert (found.total, len(found.results), found.running) == (2, 1, 1)


def test_a_fault_that_is_not_caught_is_given_the_whole_suite_next() -> None:
    found = schedule(NARROW, OTHER)
    given(found)
    found.done(ran(NARROW, CTRL_007=Status.PASS))
    follow = given(found)
    assert (follow.name, follow.scope) == ("late", Scope.WHOLE)
    assert not follow.selection.filtered


def test_one_that_is_caught_is_not() -> None:
    found = schedule(NARROW)
    given(found)
    found.done(ran(NARROW, CTRL_007=Status.FAIL))
    assert found.next() is None


def test_the_whole_suite_is_given_once() -> None:
    found = schedule(NARROW, WIDE)
    given(found)
    found.done(ran(NARROW, CTRL_007=Status.PASS))
    assert given(found) is WIDE
    assert found.next() is None


def test_a_trial_without_a_result_is_tried_again_alone() -> None:
    found = schedule(NARROW, OTHER)
    given(found)
    given(found)
    found.done(ran(NARROW, failed="it hung"))
    assert found.next() is None, "another one runs still"
    found.done(ran(OTHER, CTRL_007=Status.FAIL))
    again = given(found)
    assert (again.name, again.again) == ("late", "it hung")
    found.done(ran(again, failed="it hung"))
    assert found.next() is None, "twice is enough"
    assert found.results[NARROW.key].failed == "it hung"


def test_a_variant_that_is_flagged_is_tried_again_alone() -> None:
    variant = trial(Kind.VARIANT, "slow", Scope.SHARD)
    found = schedule(variant, NARROW)
    given(found)
    given(found)
    late = remark("CTRL-007@sweep", Status.INCONCLUSIVE)
    found.done(ran(variant, remarks=(late,)))
    assert found.next() is None
    found.done(ran(NARROW, CTRL_007=Status.FAIL))
    again = given(found)
    assert again.again == "CTRL-007@sweep is INCONCLUSIVE: it was late"
    found.done(ran(again))
    assert found.next() is None


def test_a_variant_that_warns_as_it_says_is_not() -> None:
    found = schedule(trial(Kind.VARIANT, "slow", Scope.SHARD))
    found.done(ran(given(found), remarks=(remark("DISC-001@sweep", Status.WARN),)))
    assert found.next() is None


def test_a_null_target_is_cut_short_by_nature() -> None:
    null = trial(Kind.NULL, "silent")
    found = schedule(null)
    found.done(ran(given(found), lost="nobody answered"))
    assert found.next() is None


def test_a_server_that_is_not_right_ends_it() -> None:
    first = trial(Kind.CONTROL, "control")
    found = schedule(first, NARROW)
    given(found)
    found.done(ran(first, remarks=(remark("CTRL-007@sweep"),), CTRL_007=Status.FAIL))
    again = given(found)
    assert again.again, "before anything else"
    found.done(ran(again, remarks=(remark("CTRL-007@sweep"),), CTRL_007=Status.FAIL))
    assert found.next() is None
    assert found.ended == "CTRL-007@sweep is FAIL: it was late"
    good = schedule(first, NARROW)
    given(good)
    good.done(control())
    assert good.next() is NARROW
