"""What a busy target asks to wait for is no case's own time, and a limited rate is not flooded."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from tests.kit.core import virtual
from tests.kit.core.running import REQUIREMENT, watched

from omnisession_conformance.engine.case import Case, Phase
from omnisession_conformance.engine.time_limits import TimeLimits
from omnisession_conformance.environment.settings import Settings
from omnisession_conformance.environment.target import REFERENCE_COMMAND
from omnisession_conformance.protocol.verdict import Outcome
from omnisession_conformance.results import CaseOutcome
from omnisession_conformance.roles.server.steps.sending import NOOP, Posted, noops, settle

if TYPE_CHECKING:
    from tests.kit.core.running import CaseFunction

    from omnisession_conformance.engine.scheduler import CaseResult
    from omnisession_conformance.roles.server.context import Context

LIMITED = Settings(command=(*REFERENCE_COMMAND, "--rate", "10"))


def lasts_s(time_limits: TimeLimits, *asked_s: float) -> float:
    """How long a case may take that has 50 ms and is asked to wait, in virtual time."""

    async def limited() -> None:
        async with time_limits.limit("one", 0.05):
            for seconds in asked_s:
                time_limits.prolong("one", seconds)
            await asyncio.Event().wait()

    async def wait() -> float:
        with pytest.raises(TimeoutError):
            await limited()
        return asyncio.get_running_loop().time()

    return round(virtual.run(wait()), 6)


def test_a_limit_moves_by_what_was_waited_for() -> None:
    time_limits = TimeLimits()
    assert lasts_s(time_limits) == 0.05
    assert lasts_s(time_limits, 0.3, 0.3) == 0.65
    # A case that has ended, or that never was, has no limit to move.
    time_limits.prolong("one", 1.0)
    time_limits.prolong("none", 1.0)


def test_rests_are_bounded() -> None:
    assert lasts_s(TimeLimits(most_rest_s=0.3), 600.0, 600.0) == 0.35
    # Of a run as of a case.
    time_limits = TimeLimits(left_s=0.4)
    assert lasts_s(time_limits, 0.3) == 0.35
    assert lasts_s(time_limits, 600.0) == 0.15
    assert lasts_s(time_limits, 600.0) == 0.05


def limited(function: CaseFunction, limit_ms: int) -> CaseResult:
    case = Case(function.__name__, (REQUIREMENT,), function, phase=Phase.QUIET, limit_ms=limit_ms)
    outcome, watching = watched(case, settings=LIMITED)
    assert outcome.lost is None
    [result] = watching.ended
    return result


@pytest.mark.dear
def test_a_case_outlives_its_limit_while_its_target_lets_it_wait() -> None:
    async def many(w: Context) -> None:
        session = await w.open(w.user())
        await noops(session, 40)
        w.check(REQUIREMENT, good=True, expected="acks", seen="acks")

    # 40 actions take three seconds: ten at once, then ten a second.
    result = limited(many, limit_ms=1_500)
    assert (result.end, result.reason) == (CaseOutcome.DONE, "")
    assert result.ms > 1_500


@pytest.mark.dear
def test_single_actions_are_sent_again_when_they_were_too_many() -> None:
    async def one_by_one(w: Context) -> None:
        session = await w.open(w.user())
        for _ in range(25):
            answer = await session.outcome_of(session.action_body(NOOP))
            w.acked(REQUIREMENT, answer, status="applied")

    result = limited(one_by_one, limit_ms=15_000)
    assert result.end is CaseOutcome.DONE
    assert {o.outcome for o in result.observations} == {Outcome.OK}


@pytest.mark.dear
def test_what_a_rate_refused_is_sent_again_in_its_order_and_not_all_at_once() -> None:
    sent: list[int] = []

    async def reversed_burst(w: Context) -> None:
        session = await w.open(w.user(), timers={"gap_ms": 0})
        bodies = [session.action_body(NOOP) for _ in range(30)]
        answers = await settle(session, [Posted(body) for body in reversed(bodies)])
        counted = [answer.data.get("client_seq") for answer in answers]
        sent.extend(r.n for r in w.log.records if r.type == NOOP)
        w.equal(REQUIREMENT, list(range(30, 0, -1)), counted)

    result = limited(reversed_burst, limit_ms=15_000)
    assert (result.end, result.reason) == (CaseOutcome.DONE, "")
    assert {o.outcome for o in result.observations} == {Outcome.OK}
    # All of them, what was ahead once more, and then two for each that is taken, at most.
    assert len(sent) <= 4 * 30
