"""A target that ends in an ordinary case: a finding where it does so again under the same message."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING, Any

import pytest
from tests.kit.command.tool import children_of
from tests.kit.core.running import A_DAY_MS, REQUIREMENT, case, good, run, verdict_of

from omnisession_conformance.engine.case import Case
from omnisession_conformance.environment.target import SpawnedTarget
from omnisession_conformance.protocol.verdict import SWEEP, Status
from omnisession_conformance.suite.server import role

if TYPE_CHECKING:
    from omnisession_conformance.engine.events import RunOutcome
    from omnisession_conformance.roles.server.context import Context

ENOUGH = "the target had ended under ordinary messages 3 times"
RULES = tuple(rule for rule in role().rules if rule.requirements == ("ERR-005",))


def dies_after(*pings: int, each_time: str = "") -> Case[Any]:
    """A case under which the target ends: after so many pings the first time, the second, and so on.

    With `each_time`, which its name ends with, it always ends so.
    """
    left = list(pings)

    async def run_it(w: Context) -> None:
        session = await w.open(w.user())
        w.check(REQUIREMENT, good=True, expected="one", seen="one")
        if not left:
            return
        for _ in range(left[0] if each_time else left.pop(0)):
            await session.fence()
        target = w.run.target
        assert isinstance(target, SpawnedTarget)
        child = target._child  # pyright: ignore[reportPrivateUsage]
        assert child is not None
        # Another case may have ended it just now.
        for server in children_of(child.process.pid):
            os.kill(server, signal.SIGABRT)
        await asyncio.Event().wait()

    name = f"dies-after-{'-'.join(map(str, pings))}{each_time}"
    return Case(name, (REQUIREMENT,), run_it, limit_ms=A_DAY_MS)


async def waiting(w: Context) -> None:
    """At work while the target ends, the first time."""
    session = await w.open(w.user())
    await session.fence()
    w.check(REQUIREMENT, good=True, expected="one", seen="one")


def of_sweep(outcome: RunOutcome) -> tuple[Status, str]:
    return verdict_of(outcome, SWEEP)


def test_a_target_that_ends_twice_under_one_message_fails_for_it() -> None:
    dying = dies_after(2, 2)
    outcome = run(case(good), dying, case(waiting), rules=RULES)
    assert outcome.lost is None
    assert of_sweep(outcome)[0] is Status.FAIL
    assert verdict_of(outcome, "good")[0] is Status.PASS
    assert verdict_of(outcome, "waiting")[0] is Status.PASS
    status, reason = verdict_of(outcome, dying.name)
    assert (status, reason) == (
        Status.NOT_RUN,
        "the target ended twice under the same message of it",
    )
    (found,) = next(v.observations for v in outcome.verdicts if v.check.source == SWEEP)
    assert "exit code 134" in (found.seen or "")
    assert outcome.records[found.records[0]].type == "session.ping"


@pytest.mark.parametrize("pings", [(2,), (2, 1)], ids=["never again", "again, elsewhere"])
def test_a_target_that_ends_for_no_reason_that_is_known_leaves_no_verdict(
    pings: tuple[int, ...],
) -> None:
    outcome = run(case(good), dies_after(*pings), rules=RULES)
    assert outcome.lost is not None
    assert "exited with code 134 while cases were running (started again, " in outcome.lost
    assert {v.status for v in outcome.verdicts} == {Status.NOT_RUN}


@pytest.mark.dear
def test_a_target_that_goes_on_ending_is_left_alone_after_a_while() -> None:
    dying = [dies_after(2, each_time=name) for name in "abcd"]
    last = Case("last", (REQUIREMENT,), good, alone=True)
    outcome = run(*dying, case(waiting), last, rules=RULES)
    assert outcome.lost is None
    assert of_sweep(outcome)[0] is Status.FAIL
    ended = [verdict_of(outcome, one.name) for one in dying]
    assert {status for status, _ in ended} == {Status.NOT_RUN}
    assert verdict_of(outcome, "last") == (Status.NOT_RUN, ENOUGH)


@pytest.mark.dear
def test_where_nothing_is_judged_by_its_end_the_run_has_no_verdict() -> None:
    outcome = run(case(good), dies_after(1, 1))
    assert outcome.lost is not None
    assert "while cases were running" in outcome.lost


def test_a_target_that_somebody_kills_is_not_asked_again() -> None:
    async def killed(w: Context) -> None:
        session = await w.open(w.user())
        await session.fence()
        target = w.run.target
        assert isinstance(target, SpawnedTarget)
        child = target._child  # pyright: ignore[reportPrivateUsage]
        assert child is not None
        child.kill()
        await asyncio.Event().wait()

    outcome = run(case(good), case(killed, limit_ms=A_DAY_MS), rules=RULES)
    assert outcome.lost is not None
    assert outcome.lost.startswith("the target exited with code 137 while cases were running; it")
