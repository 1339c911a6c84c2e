"""A schedule that fails is made short, and kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.registry import entries
from tests.simulation import kept
from tests.simulation.findings import RULES, Finding
from tests.simulation.generate import draw
from tests.simulation.schedule import Schedule, Step
from tests.simulation.shrink import MOST_TRIES, shrink, simpler

if TYPE_CHECKING:
    from pathlib import Path


def test_only_the_steps_that_are_needed_stay() -> None:
    schedule = draw(11)
    steps = (*schedule.steps, Step(800, "cut", ms=7, count=3), *schedule.steps)

    def fails(one: Schedule) -> bool:
        return any(step.do == "cut" and step.ms == 7 for step in one.steps)

    shorter = shrink(schedule.with_steps(steps), fails, simpler)
    assert shorter.steps == (Step(0, "cut", ms=7),)
    assert (shorter.server, shorter.reorders) == ("", False)


def test_a_schedule_that_cannot_be_shorter_stays_and_the_tries_have_an_end() -> None:
    schedule, tries = draw(11), list[int]()

    def never(_one: Schedule) -> bool:
        tries.append(1)
        return False

    assert shrink(schedule, never, simpler) == schedule
    assert len(tries) <= MOST_TRIES


def test_what_is_kept_is_read_again(tmp_path: Path) -> None:
    schedule = draw(4)
    path = kept.keep(tmp_path / "found", schedule, Finding("once", 12, "server", 'said "twice"'))
    assert kept.load(path) == schedule
    assert path.name == "once-4.json"
    assert "ACTION-005" in path.read_text("utf-8")


def test_each_rule_names_a_requirement() -> None:
    known = {one["id"] for one in entries()}
    assert {requirement for requirement, _ in RULES.values() if requirement} <= known
