"""What a slow machine leaves undecided is run again, alone, and the second result counts."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.kit.core.running import (
    REQUIREMENT,
    broken,
    case,
    good,
    slow_kit,
    verdict_of,
    watched,
)
from tests.kit.core.stalling import stand_still

from omnisession_conformance.engine.case import Phase
from omnisession_conformance.engine.settling import FEW
from omnisession_conformance.engine.stopper import Stopper
from omnisession_conformance.engine.stops import KitTooSlow, NoRoom
from omnisession_conformance.environment.settings import Settings
from omnisession_conformance.environment.target import REFERENCE_COMMAND, SpawnedTarget
from omnisession_conformance.protocol.verdict import CheckId, Observation, Outcome, Status
from omnisession_conformance.results import CaseOutcome
from omnisession_conformance.roles.server.steps.lists import ever_full

if TYPE_CHECKING:
    from typing import Any

    from omnisession_conformance.engine.case import Case
    from omnisession_conformance.roles.server.context import Context


class Once:
    """A case that meets a slow machine in its first run alone."""

    def __init__(self) -> None:
        self.runs = 0

    async def late(self, w: Context) -> None:
        await w.open(w.user())
        self.runs += 1
        if self.runs == 1:
            await stand_still(w.run.clock)
            w.absent(REQUIREMENT, expected="an answer")
        else:
            w.check(REQUIREMENT, good=True, expected="an answer", seen="an answer")

    async def stopped(self, w: Context) -> None:
        self.runs += 1
        w.in_time(good=self.runs > 1, reason="the kit itself was silent for 900 ms")
        w.check(REQUIREMENT, good=False, expected="one", seen="two")

    async def kept_from_it(self, w: Context) -> None:
        self.runs += 1
        w.require(self.runs > 1, "the client has not come back from a cut")
        w.check(REQUIREMENT, good=True, expected="one", seen="one")

    async def expired(self, w: Context) -> None:
        session = await w.open(w.user(), timers={"heartbeat_ms": 200, "resume_window_ms": 1_000})
        session.leave_open = True
        self.runs += 1
        if self.runs == 1:
            await stand_still(w.run.clock, 1.5)
        await session.fence()
        w.check(REQUIREMENT, good=True, expected="a pong", seen="a pong")

    async def crowded(self, w: Context) -> None:
        self.runs += 1
        if self.runs == 1:
            raise NoRoom("the list was full")
        w.check(REQUIREMENT, good=True, expected="one", seen="one")

    async def wrong(self, w: Context) -> None:
        await w.open(w.user(), kinds=["articles"])
        self.runs += 1
        w.check(REQUIREMENT, good=self.runs > 1, expected="one", seen="none of many")

    async def lets_pass(self, w: Context) -> None:
        session = await w.open(w.user(), kinds=["articles"])
        shown = ever_full(session, "articles", "articles")
        w.check(REQUIREMENT, good=shown, expected="one", seen="none of few")

    async def hanging(self, w: Context) -> None:
        self.runs += 1
        if self.runs == 1:
            await stand_still(w.run.clock)
            await asyncio.Event().wait()
        w.check(REQUIREMENT, good=True, expected="one", seen="one")


async def late_and_broken(w: Context) -> None:
    w.check(REQUIREMENT, good=False, expected="one", seen="two")
    w.in_time(good=False, reason="the kit itself was silent for 900 ms")


async def late_and_crashing(w: Context) -> None:
    w.observations.append(Observation(CheckId(REQUIREMENT, w.case.name), Outcome.LATE))
    raise KeyError(w.case.name)


def test_the_second_result_replaces_the_first() -> None:
    first, second, third = Once(), Once(), Once()
    outcome, watching = watched(
        case(first.late), case(second.stopped), case(third.hanging, limit_ms=400), case(good)
    )
    assert (first.runs, second.runs, third.runs) == (2, 2, 2)
    assert verdict_of(outcome, "late") == (Status.PASS, "")
    assert verdict_of(outcome, "stopped")[0] is Status.FAIL, "what is seen now counts, good or bad"
    assert verdict_of(outcome, "hanging") == (Status.PASS, "")
    assert sorted(watching.again) == ["hanging", "late", "stopped"]
    assert len(watching.ended) == 7


async def never_able(w: Context) -> None:
    w.require(good=False, reason="the client has not come back from a cut")


def beside(number: int) -> list[Case[Any]]:
    """So many good cases."""
    return [replace(case(good), name=f"good_{n}") for n in range(number)]


def test_the_few_that_a_step_kept_from_their_part_run_again_where_nothing_is_wrong() -> None:
    once = Once()
    outcome, watching = watched(case(once.kept_from_it), case(never_able), *beside(2))
    assert sorted(watching.again) == ["kept_from_it", "never_able"]
    assert verdict_of(outcome, "kept_from_it") == (Status.PASS, "")
    why = "the client has not come back from a cut"
    assert verdict_of(outcome, "never_able") == (Status.NOT_RUN, why)


def test_what_a_step_kept_from_its_part_does_not_run_again_where_something_is_wrong() -> None:
    once = Once()
    outcome, watching = watched(case(once.kept_from_it), case(broken), *beside(2))
    assert watching.again == []
    assert verdict_of(outcome, "kept_from_it")[0] is Status.NOT_RUN


def test_what_a_step_kept_from_its_part_does_not_run_again_in_a_run_of_few_cases() -> None:
    once = Once()
    outcome, watching = watched(case(once.kept_from_it), *beside(FEW - 1))
    assert watching.again == []
    assert verdict_of(outcome, "kept_from_it")[0] is Status.NOT_RUN


@pytest.mark.dear
def test_a_session_that_expired_while_the_kit_stood_still_is_tried_again() -> None:
    once = Once()
    outcome, watching = watched(case(once.expired), case(good))
    assert watching.again == ["expired"]
    assert verdict_of(outcome, "expired") == (Status.PASS, "")


async def always_crowded(w: Context) -> None:
    w.check(REQUIREMENT, good=True, expected="one", seen="one")
    raise NoRoom("the list was full")


async def crowded_and_broken(w: Context) -> None:
    w.check(REQUIREMENT, good=False, expected="one", seen="two")
    raise NoRoom("the list was full")


@pytest.mark.dear
def test_what_found_a_full_list_runs_again_alone() -> None:
    first = Once()
    outcome, watching = watched(case(first.crowded), case(always_crowded), case(crowded_and_broken))
    assert sorted(watching.again) == ["always_crowded", "crowded"]
    assert verdict_of(outcome, "crowded") == (Status.PASS, "")
    assert verdict_of(outcome, "always_crowded") == (Status.NOT_RUN, "the list was full")
    assert verdict_of(outcome, "crowded_and_broken")[0] is Status.FAIL
    excused = {v.check.source: v.excused for v in outcome.verdicts}
    assert not any(excused.values()), "nothing that a target says is an excuse"


@pytest.mark.dear
def test_what_was_seen_wrong_where_a_list_may_have_been_full_is_looked_at_again_alone() -> None:
    short = Settings(command=(*REFERENCE_COMMAND, "--variant", "limits-at-their-floors"))
    outcome, watching = watched(case(Once().wrong), settings=short)
    assert watching.again == ["wrong"]
    assert verdict_of(outcome, "wrong") == (Status.PASS, "")
    outcome, watching = watched(case(Once().wrong))
    assert watching.again == [], "its lists have room for all"
    assert verdict_of(outcome, "wrong")[0] is Status.FAIL


@pytest.mark.dear
def test_what_was_let_pass_where_a_list_may_have_been_full_is_looked_for_again_alone() -> None:
    first, second = Once(), Once()
    short = Settings(command=(*REFERENCE_COMMAND, "--variant", "limits-at-their-floors"))
    outcome, watching = watched(case(first.lets_pass), case(good), settings=short)
    assert watching.again == ["lets_pass"]
    assert verdict_of(outcome, "lets_pass")[0] is Status.FAIL
    outcome, watching = watched(case(second.lets_pass))
    assert watching.again == [], "its lists have room for all"
    assert verdict_of(outcome, "lets_pass")[0] is Status.FAIL


@pytest.mark.dear
def test_a_full_list_in_a_case_that_is_alone_anyway() -> None:
    outcome, watching = watched(case(always_crowded, Phase.LOUD))
    assert watching.again == []
    assert verdict_of(outcome, "always_crowded")[0] is Status.NOT_RUN


class Many:
    """A case that does much at first, and little the second time, and wants each thing done."""

    def __init__(self) -> None:
        self.count = 450  # the variant is busy for a while after the first 400

    async def busy(self, w: Context) -> None:
        session = await w.open(w.user())
        self.count, count = 5, self.count
        for _ in range(count):
            pending = await session.send_action(session.action_body("session.noop"))
            if not w.acked(REQUIREMENT, await pending.outcome()):
                break


@pytest.mark.dear
def test_what_a_busy_target_refused_runs_again_alone() -> None:
    busy = Settings(command=(*REFERENCE_COMMAND, "--variant", "busy-now-and-then"))
    outcome, watching = watched(case(Many().busy), settings=busy)
    assert [(r.disturbed, r.again) for r in watching.ended] == [(True, False), (False, True)]
    assert verdict_of(outcome, "busy") == (Status.PASS, "")


@pytest.mark.dear
def test_a_busy_case_sends_again_what_it_is_told_to() -> None:
    async def acts(w: Context) -> None:
        session = await w.open(w.user())
        for _ in range(450):
            w.acked(REQUIREMENT, await session.act("session.noop"), status="applied")

    busy = Settings(command=(*REFERENCE_COMMAND, "--variant", "busy-now-and-then"))
    outcome, watching = watched(case(acts), settings=busy)
    assert watching.again == []
    assert verdict_of(outcome, "acts") == (Status.PASS, "")


def test_they_run_alone_and_after_everything_else() -> None:
    loud = case(broken, Phase.LOUD)
    _, watching = watched(case(Once().late), case(Once().stopped), case(good), loud)
    assert [r.again for r in watching.ended] == [False] * 4 + [True] * 2
    assert watching.beside["late"] == watching.beside["stopped"] == 0


@pytest.mark.dear
def test_what_is_undecided_again_stays_so() -> None:
    outcome, watching = watched(case(slow_kit))
    assert verdict_of(outcome, "slow_kit") == (
        Status.INCONCLUSIVE,
        "the kit itself was silent for 900 ms",
    )
    assert watching.again == ["slow_kit"], "once, and no more"


@pytest.mark.dear
def test_what_is_decided_is_not_run_again() -> None:
    outcome, watching = watched(
        case(good), case(broken), case(late_and_broken), case(late_and_crashing)
    )
    assert watching.again == []
    assert verdict_of(outcome, "late_and_broken")[0] is Status.FAIL
    assert verdict_of(outcome, "late_and_crashing")[0] is Status.HARNESS


@pytest.mark.dear
def test_cases_of_every_phase_are_run_again_in_their_own() -> None:
    hostile, hook = Once(), Once()

    async def killing(w: Context) -> None:
        hostile.runs += 1
        w.in_time(good=hostile.runs > 1, reason="too slow")
        await w.open(w.user())
        w.check(REQUIREMENT, good=True, expected="one", seen="one")
        target = w.run.target
        assert isinstance(target, SpawnedTarget)
        child = target.child  # death from outside
        assert child is not None
        child.kill()
        await asyncio.Event().wait()

    outcome, watching = watched(
        case(killing, Phase.HOSTILE), case(hook.late, Phase.HOOKS), case(good)
    )
    assert outcome.lost is None, "a target that dies in a hostile case ends no run, then as before"
    assert watching.again == ["late"], "the other one was cut off by the death of its target"
    assert verdict_of(outcome, "killing")[0] is Status.FAIL
    assert verdict_of(outcome, "late")[0] is Status.PASS


@pytest.mark.dear
def test_a_run_that_is_cut_short_repeats_nothing() -> None:
    stopper = Stopper()

    async def asking(w: Context) -> None:
        await w.open(w.user())
        stopper.stop("asked to")
        await asyncio.Event().wait()

    outcome, watching = watched(case(Once().stopped), case(asking), stopper=stopper)
    assert outcome.interrupted == "asked to"
    assert watching.again == []
    assert verdict_of(outcome, "stopped")[0] is Status.INCONCLUSIVE


@pytest.mark.dear
def test_a_case_that_the_kit_fails_in_its_second_run_is_a_fault_of_the_kit() -> None:
    runs: list[str] = []

    async def unsteady(w: Context) -> None:
        runs.append(w.case.name)
        if len(runs) == 1:
            raise KitTooSlow("too slow")
        raise KeyError(w.case.name)

    outcome, watching = watched(case(unsteady))
    assert verdict_of(outcome, "unsteady")[0] is Status.HARNESS
    assert [r.end for r in watching.ended] == [CaseOutcome.STOPPED, CaseOutcome.CRASHED]
