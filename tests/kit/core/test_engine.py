"""The engine with made-up cases against the real reference server on a real broker."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING

import pytest
from tests.kit.command.tool import children_of
from tests.kit.core.running import (
    A_DAY_MS,
    REQUIREMENT,
    broken,
    case,
    good,
    run,
    slow_kit,
    verdict_of,
)
from tests.kit.core.stalling import stand_still

from omnisession_conformance.engine.case import Case, Phase
from omnisession_conformance.engine.stopper import Stopper
from omnisession_conformance.engine.sweep import Rule, Sweep
from omnisession_conformance.environment.settings import Settings
from omnisession_conformance.environment.target import SpawnedTarget
from omnisession_conformance.errors import TargetError
from omnisession_conformance.protocol.verdict import Status

if TYPE_CHECKING:
    from omnisession_conformance.environment.processes import Child
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reading.trace import Trace


async def blind(w: Context) -> None:
    await w.open(w.user())


async def stopped(w: Context) -> None:
    w.check(REQUIREMENT, good=True, expected="one", seen="one")
    w.require(good=False, reason="the step before failed")


async def crashing(w: Context) -> None:
    raise KeyError(w.case.name)


async def endless(w: Context) -> None:
    w.check(REQUIREMENT, good=True, expected="one", seen="one")
    await asyncio.Event().wait()


async def hanging(w: Context) -> None:
    w.check(REQUIREMENT, good=True, expected="one", seen="one")
    await stand_still(w.run.clock)
    await asyncio.Event().wait()


async def undeclared(w: Context) -> None:
    w.check("CTRL-002", good=True, expected="one", seen="one")


async def stopped_in_a_task(w: Context) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(stopped(w))


async def cannot_end_it(_: Context) -> None:
    async def end() -> None:
        raise TargetError("the kill_instance hook ended with exit code 2:\nno such machine")

    async with asyncio.TaskGroup() as group:
        group.create_task(end())


def child_of(w: Context) -> Child:
    """The guard of the target, for what happens to it from outside."""
    target = w.run.target
    assert isinstance(target, SpawnedTarget)
    child = target.child
    assert child is not None
    return child


async def killer(w: Context) -> None:
    child_of(w).kill()
    await asyncio.Event().wait()


async def disconnected(w: Context) -> None:
    await w.open(w.user())
    await w.run.publisher.close()


def test_how_cases_end() -> None:
    outcome = run(
        *(case(f) for f in (good, blind, broken, stopped, stopped_in_a_task, crashing, undeclared)),
        case(endless, limit_ms=200),
    )
    assert outcome.lost is None
    assert verdict_of(outcome, "good") == (Status.PASS, "")
    assert verdict_of(outcome, "blind")[0] is Status.NOT_RUN
    assert verdict_of(outcome, "broken")[0] is Status.FAIL
    assert verdict_of(outcome, "stopped") == (Status.NOT_RUN, "the step before failed")
    stop = verdict_of(outcome, "stopped_in_a_task")
    assert stop == (Status.NOT_RUN, "the step before failed")
    assert verdict_of(outcome, "crashing")[0] is Status.HARNESS
    assert verdict_of(outcome, "undeclared")[0] is Status.HARNESS
    assert verdict_of(outcome, "endless") == (Status.NOT_RUN, "cut off after 0.2 s")


def test_a_hook_that_fails_ends_the_run_with_its_words() -> None:
    outcome = run(case(cannot_end_it))
    assert outcome.lost == "the kill_instance hook ended with exit code 2:\nno such machine"
    assert verdict_of(outcome, "cannot_end_it")[0] is Status.NOT_RUN


def test_a_rule_that_fails_is_a_verdict() -> None:
    def fails(trace: Trace, sweep: Sweep) -> None:
        sweep.ok(REQUIREMENT, len(trace.sessions))
        raise KeyError("of the rule")

    rule = Rule("failing", (REQUIREMENT,), fails)
    outcome = run(case(good), rules=(rule,))
    assert verdict_of(outcome, "good") == (Status.PASS, "")
    status, reason = verdict_of(outcome, "sweep")
    assert status is Status.HARNESS
    assert "rule failing" in reason
    assert "of the rule" in reason


@pytest.mark.dear
def test_a_kit_that_was_too_slow_blames_nobody() -> None:
    outcome = run(case(slow_kit), case(hanging, limit_ms=400))
    assert verdict_of(outcome, "slow_kit") == (
        Status.INCONCLUSIVE,
        "the kit itself was silent for 900 ms",
    )
    assert verdict_of(outcome, "hanging") == (Status.INCONCLUSIVE, "cut off after 0.4 s")


def test_a_target_that_dies_in_a_quiet_case_ends_the_run() -> None:
    # No case is waited for.
    outcome = run(case(good), *(case(f, limit_ms=A_DAY_MS) for f in (killer, endless)))
    assert outcome.lost is not None
    assert "exited with code 137" in outcome.lost
    assert {v.status for v in outcome.verdicts} == {Status.NOT_RUN}


@pytest.mark.dear
def test_a_command_that_has_exited_is_not_waited_for() -> None:
    command = ("sh", "-c", "echo no database >&2; exit 7")
    settings = Settings(command=command, start_timeout_s=A_DAY_MS / 1_000)
    outcome = run(case(good), settings=settings)
    assert outcome.lost is not None
    assert "ended before it answered session.open. It said:\nno database" in outcome.lost


@pytest.mark.dear
def test_a_target_that_dies_in_a_hostile_case_fails_that_case_only() -> None:
    later = Case("later", (REQUIREMENT,), good, phase=Phase.HOSTILE)
    outcome = run(case(good), case(killer, Phase.HOSTILE), later)
    assert outcome.lost is None
    assert verdict_of(outcome, "good")[0] is Status.PASS
    assert verdict_of(outcome, "killer")[0] is Status.FAIL
    assert verdict_of(outcome, "later")[0] is Status.PASS


def test_interrupted() -> None:
    stopper = Stopper()

    async def asking(w: Context) -> None:
        await w.open(w.user())
        os.kill(os.getpid(), signal.SIGUSR1)
        await asyncio.Event().wait()

    def stop(number: int, frame: object) -> None:
        del number, frame
        stopper.stop("asked to")

    previous = signal.signal(signal.SIGUSR1, stop)
    try:
        outcome = run(case(good), case(broken), case(asking), stopper=stopper)
    finally:
        signal.signal(signal.SIGUSR1, previous)
    assert outcome.interrupted == "asked to"
    assert verdict_of(outcome, "good")[0] is Status.NOT_RUN
    assert verdict_of(outcome, "broken")[0] is Status.FAIL, "what was seen broken stays broken"


@pytest.mark.dear
def test_what_is_at_work_ends_before_the_run_does() -> None:
    stopper = Stopper()

    async def working(w: Context) -> None:
        await w.open(w.user())
        stopper.stop("asked to")
        await asyncio.Event().wait()

    outcome = run(case(working), stopper=stopper)
    assert outcome.interrupted == "asked to"
    # Else it would be told as one that was never begun.
    assert verdict_of(outcome, "working") == (Status.NOT_RUN, "run cut short")


@pytest.mark.dear
def test_a_connection_that_ends_ends_the_run() -> None:
    outcome = run(case(disconnected))
    assert outcome.lost is not None
    assert "connection to the broker" in outcome.lost
    assert {v.status for v in outcome.verdicts} == {Status.NOT_RUN}


@pytest.mark.parametrize("phase", [Phase.QUIET, Phase.HOSTILE])
@pytest.mark.dear
def test_interrupted_while_a_session_is_being_closed(phase: Phase) -> None:
    stopper = Stopper()

    async def leaving(w: Context) -> None:
        await w.open(w.user())
        (server,) = children_of(child_of(w).process.pid)
        os.kill(server, signal.SIGSTOP)
        loop = asyncio.get_running_loop()
        loop.call_later(0.2, stopper.stop, "asked to")
        loop.call_later(0.4, os.kill, server, signal.SIGCONT)

    outcome = run(case(leaving, phase), stopper=stopper)
    assert outcome.interrupted == "asked to"
    assert {v.status for v in outcome.verdicts} == {Status.NOT_RUN}


@pytest.mark.dear
def test_interrupted_while_the_target_starts_again() -> None:
    stopper = Stopper()

    async def ending(w: Context) -> None:
        target = w.run.target
        assert isinstance(target, SpawnedTarget)
        target.command = ("sleep", "60")
        asyncio.get_running_loop().call_later(0.2, stopper.stop, "asked to")
        await killer(w)

    outcome = run(case(ending, Phase.HOSTILE), stopper=stopper)
    assert outcome.interrupted == "asked to"
    assert not {v.status for v in outcome.verdicts} & {Status.PASS, Status.WARN}
