"""A target that ends in an ordinary case: a finding where it does so again under the same message."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.kit.command.tool import children_of
from tests.kit.core.running import A_DAY_MS, REQUIREMENT, case, good, run, verdict_of

from omnisession_conformance.engine.case import Case
from omnisession_conformance.engine.deaths import LONGEST_BURST
from omnisession_conformance.environment.settings import Settings
from omnisession_conformance.environment.target import REFERENCE_COMMAND, SpawnedTarget
from omnisession_conformance.protocol.verdict import SWEEP, Status
from omnisession_conformance.suite.server import role

if TYPE_CHECKING:
    from omnisession_conformance.engine.events import RunOutcome
    from omnisession_conformance.protocol.verdict import Observation
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
        child = target.child
        assert child is not None
        # Another case may have ended it just now, or does so in this moment.
        for server in children_of(child.process.pid):
            with contextlib.suppress(ProcessLookupError):
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


@pytest.mark.dear
def test_a_target_that_ends_twice_under_one_message_fails_for_it() -> None:
    # Once more than twice: another suspect runs first, and may have ended it as well.
    dying = dies_after(2, 2, 2)
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


@pytest.mark.dear
def test_a_target_that_ends_again_behind_another_case_is_not_failed_for_that() -> None:
    """Whatever ends after so many messages ends so, by chance under the same one."""
    outcome = run(case(good), dies_after(2, 2), case(waiting), rules=RULES)
    assert outcome.lost is not None
    assert of_sweep(outcome)[0] is not Status.FAIL


@pytest.mark.parametrize(
    "pings",
    [
        pytest.param((2,), id="never again"),
        pytest.param((2, 1), id="again, elsewhere", marks=pytest.mark.dear),
    ],
)
def test_a_target_that_ends_for_no_reason_that_is_known_leaves_no_verdict(
    pings: tuple[int, ...],
) -> None:
    outcome = run(case(good), dies_after(*pings), rules=RULES)
    assert outcome.lost is not None
    assert "exited with code 134 while cases were running (started again, " in outcome.lost
    assert {v.status for v in outcome.verdicts} == {Status.NOT_RUN}


PINGS = 20
"""Far more than may be open together while the first of them is to blame."""


async def burst(w: Context) -> None:
    """Sends many pings at once, and a resume from another epoch in the midst of them."""
    session = await w.open(w.user())
    here = await session.fence()
    elsewhere = {"epoch": here.epoch + 1, "seq": here.seq}
    sent = [await session.send("session.ping") for _ in range(PINGS)]
    sent.append(await session.send("session.resume", elsewhere))
    sent += [await session.send("session.ping") for _ in range(PINGS)]
    answers = [await one.must() for one in sent]
    w.check(REQUIREMENT, good=bool(answers), expected="answers", seen="answers")


def found(outcome: RunOutcome) -> Observation:
    (observation,) = next(v.observations for v in outcome.verdicts if v.check.source == SWEEP)
    return observation


@pytest.mark.dear
def test_one_message_of_a_long_burst_is_found_where_it_is_sent_alone() -> None:
    settings = Settings(command=(*REFERENCE_COMMAND, "--fault", "dies-of-old-positions"))
    outcome = run(case(burst), case(good), rules=RULES, settings=settings)
    assert outcome.lost is None
    assert of_sweep(outcome)[0] is Status.FAIL
    blamed = [outcome.records[n].type for n in found(outcome).records]
    assert blamed[0] == "session.resume"
    assert len(blamed) <= LONGEST_BURST
    assert verdict_of(outcome, "burst") == (
        Status.NOT_RUN,
        "the target ended twice under the same message of it",
    )
    assert verdict_of(outcome, "good")[0] is Status.PASS


def dying(lives: Path, count: int) -> Settings:
    lives.write_text("+" * count)
    return Settings(
        command=(sys.executable, str(Path(__file__).with_name("dying_server.py")), str(lives))
    )


@pytest.mark.dear
def test_what_many_messages_do_together_is_told_of_all_of_them(tmp_path: Path) -> None:
    outcome = run(case(burst), case(good), rules=RULES, settings=dying(tmp_path / "lives", 40))
    assert outcome.lost is None
    assert of_sweep(outcome)[0] is Status.FAIL
    observation = found(outcome)
    assert "one after the other they did not end it" in observation.why
    assert observation.seen == "its process ended with exit code 2"
    assert {outcome.records[n].type for n in observation.records} == {"session.ping"}
    assert verdict_of(outcome, "burst") == (
        Status.NOT_RUN,
        "the target ended each time in the midst of the same messages of it",
    )


@pytest.mark.parametrize("lives", [1, 2, 3])
@pytest.mark.dear
def test_a_burst_that_is_survived_once_is_no_reason_that_is_known(
    lives: int, tmp_path: Path
) -> None:
    """The first life is that before the inquest; what is sent slowly ends none."""
    outcome = run(case(burst), case(good), rules=RULES, settings=dying(tmp_path / "lives", lives))
    assert outcome.lost is not None
    assert (
        "(started again, and under none of 2 cases alone did it end so each time)" in outcome.lost
    )
    assert {v.status for v in outcome.verdicts} == {Status.NOT_RUN}


@pytest.mark.dear
def test_a_target_that_goes_on_ending_is_left_alone_after_a_while() -> None:
    dying = [dies_after(2, each_time=name) for name in "abcd"]
    last = Case("last", (REQUIREMENT,), good, alone=True)
    outcome = run(*dying, case(waiting), last, rules=RULES)
    assert outcome.lost is None
    assert of_sweep(outcome)[0] is Status.FAIL
    ended = [verdict_of(outcome, one.name) for one in dying]
    assert {status for status, _ in ended} == {Status.NOT_RUN}, ended
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
        child = target.child
        assert child is not None
        child.kill()
        await asyncio.Event().wait()

    outcome = run(case(good), case(killed, limit_ms=A_DAY_MS), rules=RULES)
    assert outcome.lost is not None
    assert outcome.lost.startswith("the target exited with code 137 while cases were running; it")
