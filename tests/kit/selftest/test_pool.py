"""No trial is lost: one that hangs, raises or loses its process has failed, with the reason."""

from __future__ import annotations

import multiprocessing
import sys
from dataclasses import replace

import pytest
from tests.kit.selftest.made import REGISTRY, faults, trial

from omnisession_conformance.engine.plan import Selection
from omnisession_conformance.environment.settings import Settings
from omnisession_conformance.selftest.listing import Listing
from omnisession_conformance.selftest.pool import Pool
from omnisession_conformance.selftest.schedule import Schedule
from omnisession_conformance.selftest.trial import Kind, Scope, Trial
from omnisession_conformance.selftest.worker import carry_out

SLEEPER = Settings(command=(sys.executable, "-m", "omnisession_conformance.nulls", "absent"))
TRIAL = replace(
    trial(Kind.FAULT, "late", Scope.REQUIREMENT),
    selection=Selection(only=("CTRL-007",)),
    again="once before",
)


def schedule(*trials: Trial) -> Schedule:
    return Schedule.of(REGISTRY, Listing(faults("late")), trials)


class Nobody:
    """A watcher that does not look."""

    def update(self, schedule: Schedule) -> None:
        """Nothing to tell."""


class Ender:
    """Ends the schedule as soon as a trial is under way."""

    def update(self, schedule: Schedule) -> None:
        """End it."""
        schedule.ended = "the server is not right" if schedule.running else None


class Killer:
    """Kills every process of the pool once, at the first look after a trial began."""

    def __init__(self) -> None:
        self.killed = 0

    def update(self, schedule: Schedule) -> None:
        """Look."""
        if schedule.running and not self.killed:
            for process in multiprocessing.active_children():
                process.kill()
                self.killed += 1


@pytest.mark.dear
def test_a_process_that_is_killed_is_replaced() -> None:
    other = replace(TRIAL, kind=Kind.NULL, name="next", limit_s=0.2)
    found = schedule(TRIAL, other)
    killer = Killer()
    with Pool(SLEEPER, 1) as pool:
        assert pool.run(found, killer) is None
    assert killer.killed == 1
    assert "its process ended with exit code -9" in (found.results[TRIAL.key].failed or "")
    assert "took longer" in (found.results[other.key].failed or "")


@pytest.mark.dear
def test_a_process_that_does_not_stop_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("omnisession_conformance.selftest.pool.GRACE_S", -60.0)
    found = schedule(replace(TRIAL, limit_s=30.0))
    with Pool(SLEEPER, 1) as pool:
        pool.run(found, Nobody())
    assert "it hung, and was killed" in (found.results[TRIAL.key].failed or "")


def test_nothing_is_waited_for_once_it_has_ended() -> None:
    found = schedule(TRIAL)
    with Pool(SLEEPER, 1) as pool:
        assert pool.run(found, Ender()) is None
    assert found.running == 1
    assert not found.results


def test_a_trial_whose_time_is_up() -> None:
    result = carry_out(replace(TRIAL, limit_s=1.0), SLEEPER)
    assert result.failed == "the trial took longer than 1 s"


def test_a_trial_that_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise ValueError("a bug of the kit")

    monkeypatch.setattr("omnisession_conformance.selftest.worker.conduct", broken)
    result = carry_out(TRIAL, SLEEPER)
    assert "ValueError: a bug of the kit" in (result.failed or "")


def test_a_selection_that_is_wrong() -> None:
    result = carry_out(replace(TRIAL, selection=Selection(only=("CTRL-999",))), SLEEPER)
    assert "There is no requirement" in (result.failed or "")
