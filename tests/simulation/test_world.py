"""Drawn schedules: the clients come to what the server has, whatever becomes of their messages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from tests.simulation import kept
from tests.simulation.generate import draw
from tests.simulation.schedule import read
from tests.simulation.strategies import schedules
from tests.simulation.world import play

from omnisession_reference.protocol import DEFAULT_TIMERS, LIMITS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.simulation.schedule import Schedule


def assert_right(schedule: Schedule) -> None:
    found = play(schedule).finding
    assert found is None, f"{found}\n{schedule.lines()}"


@settings(max_examples=40)
@given(schedules())
def test_whatever_happens_nothing_is_lost_and_nothing_done_twice(schedule: Schedule) -> None:
    assert_right(schedule)


@pytest.mark.dear
@settings(max_examples=200)
@given(schedules())
def test_in_more_schedules_nothing_is_lost_either(schedule: Schedule) -> None:
    assert_right(schedule)


@pytest.mark.parametrize("path", kept.files(), ids=lambda path: path.stem)
def test_what_failed_once_fails_no_more(path: Path) -> None:
    assert play(kept.load(path)).finding is None


@pytest.mark.parametrize("seed", [3, 60, 267])
def test_a_seed_is_played_again_byte_for_byte(seed: int) -> None:
    one, other = (play(draw(seed), keep_lines=True) for _ in range(2))
    assert one.lines == other.lines
    assert (one.digest, one.counts) == (other.digest, other.counts)
    assert len(one.lines) > 20


def test_another_seed_is_another_run() -> None:
    assert play(draw(1)).digest != play(draw(2)).digest


@pytest.mark.dear
def test_another_process_plays_the_same_whatever_the_order_of_its_sets() -> None:
    def digests(hash_seed: str) -> str:
        told = (
            "from tests.simulation.generate import draw\nfrom tests.simulation.world import play\n"
        )
        told += "print([play(draw(seed)).digest for seed in range(40, 46)])"
        environment = os.environ | {"PYTHONHASHSEED": hash_seed}
        ran = subprocess.run(
            [sys.executable, "-c", told],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
        return ran.stdout

    assert (
        digests("1") == digests("2") == f"{[play(draw(seed)).digest for seed in range(40, 46)]}\n"
    )


def test_a_run_leaves_this_process_as_it_was() -> None:
    limits, timers = dict(LIMITS), DEFAULT_TIMERS
    play(draw(5))
    assert (limits, timers) == (LIMITS, DEFAULT_TIMERS)


def test_a_schedule_is_read_as_it_was_written() -> None:
    for seed in range(30):
        schedule = draw(seed)
        assert read(schedule.lines()) == schedule
        assert read(json.dumps(schedule.as_json())) == schedule


def test_a_file_of_another_format_is_refused() -> None:
    with pytest.raises(ValueError, match="format 1 is needed"):
        read('{"format": 2}')
