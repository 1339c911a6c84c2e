"""Drawn schedules of instances that share a journal: nothing acked is lost, nothing is done twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.simulation import kept
from tests.simulation.durable.draw import SHARES, draw
from tests.simulation.durable.faults import FAULTS
from tests.simulation.durable.publishing import Publishes
from tests.simulation.durable.schedule import read, read_file, simpler
from tests.simulation.durable.world import play
from tests.simulation.shrink import shrink

if TYPE_CHECKING:
    from pathlib import Path

    from tests.simulation.durable.schedule import Schedule

FIRST, QUICK, DEAR, MANY = 0, 20, 660, 40


def assert_right(schedule: Schedule) -> None:
    found = play(schedule).finding
    assert found is None, f"{found}\n{schedule.lines()}"


def test_whatever_befalls_instances_no_rule_is_broken() -> None:
    for seed in range(FIRST, QUICK):
        assert_right(draw(seed))


@pytest.mark.dear
@pytest.mark.parametrize("first", range(QUICK, DEAR, MANY))
def test_more_schedules_break_no_rule_either(first: int) -> None:
    for seed in range(first, first + MANY):
        assert_right(draw(seed))


@pytest.mark.dear
@pytest.mark.parametrize("do", SHARES)
def test_much_of_one_fault_breaks_no_rule(do: str) -> None:
    for seed in range(20):
        assert_right(draw(seed, (do,)))


def test_hints_are_said_whoever_takes_over() -> None:
    hints = 0
    for seed in range(12):
        schedule = draw(seed, ("lag", "kill"))
        played = Publishes(schedule).play()
        assert played.finding is None, f"{played.finding}\n{schedule.lines()}"
        hints += played.counts["hints"]
    assert hints > 40


def test_a_copy_that_got_no_answer_in_time_is_told_so_and_gets_nothing_more() -> None:
    told = 0
    for seed in range(12):
        schedule = draw(seed, ("withhold",), 0)
        played = play(schedule)
        assert played.finding is None, f"{played.finding}\n{schedule.lines()}"
        told += played.counts["outcomes: refused 5040"]
    assert told > 20


@pytest.mark.parametrize("path", kept.files("durable"), ids=lambda path: path.stem)
def test_what_failed_once_fails_no_more(path: Path) -> None:
    assert_right(read_file(path))


@pytest.mark.parametrize("seed", [2, 33])
def test_a_seed_is_played_again_byte_for_byte(seed: int) -> None:
    one, other = (play(draw(seed), keep_lines=True) for _ in range(2))
    assert one.lines == other.lines
    assert (one.digest, one.counts) == (other.digest, other.counts)
    assert len(one.lines) > 100


def test_another_process_plays_the_same_whatever_the_order_of_its_sets() -> None:
    told = "from tests.simulation.durable.draw import draw\n"
    told += "from tests.simulation.durable.world import play\n"
    told += "print([play(draw(seed)).digest for seed in range(40, 44)])"
    ran = subprocess.run(
        [sys.executable, "-c", told],
        env=os.environ | {"PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert ran.stdout == f"{[play(draw(seed)).digest for seed in range(40, 44)]}\n"


def test_a_schedule_is_read_as_it_was_written() -> None:
    for seed in range(30):
        schedule = draw(seed)
        assert read(schedule.lines()) == schedule
        assert read(json.dumps(schedule.as_json())) == schedule


def test_a_file_of_the_other_game_is_refused() -> None:
    with pytest.raises(ValueError, match="format durable 2 is needed"):
        read('{"format": 1}')


def test_each_fault_that_is_drawn_is_one_that_can_be_played() -> None:
    assert set(SHARES) == set(FAULTS)


def test_only_what_is_needed_stays_of_a_schedule() -> None:
    schedule = next(draw(s) for s in range(50) if any(f.do == "kill" for f in draw(s).faults))

    def fails(one: Schedule) -> bool:
        return any(fault.do == "kill" for fault in one.faults)

    shorter = shrink(schedule, fails, simpler)
    assert [fault.do for fault in shorter.faults] == ["kill"]
    assert (len(shorter.clients), shorter.clients[0].doings, shorter.noise) == (1, (), 0)
