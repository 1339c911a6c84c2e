"""Makes a schedule that fails shorter, as long as it breaks the same rule."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tests.simulation.schedule import Schedule, Step

MOST_TRIES = 400
One = TypeVar("One")


def shrink(
    schedule: One, fails: Callable[[One], bool], simplify: Callable[[One], Iterable[One]]
) -> One:
    """The shortest schedule that was found; `fails` plays one, and says whether it breaks the rule."""
    tries = 0
    is_shorter = True
    while is_shorter:
        is_shorter = False
        for one in simplify(schedule):
            tries += 1
            if tries > MOST_TRIES:
                return schedule
            if fails(one):
                schedule, is_shorter = one, True
                break
    return schedule


def simpler(schedule: Schedule) -> Iterator[Schedule]:
    """Schedules with less in them."""
    steps = schedule.steps
    size = max(len(steps) // 2, 1) if steps else 0
    while size:
        for start in range(0, len(steps), size):
            yield schedule.with_steps(steps[:start] + steps[start + size :])
        size //= 2
    last = len(schedule.actors) - 1
    if last and all(step.who != last for step in steps):
        yield replace(schedule, actors=schedule.actors[:-1])
    if schedule.reorders:
        yield replace(schedule, reorders=False)
    if schedule.server:
        yield replace(schedule, server="")
    for number, step in enumerate(steps):
        for plainer in _plainer(step):
            yield schedule.with_steps((*steps[:number], plainer, *steps[number + 1 :]))


def _plainer(step: Step) -> Iterator[Step]:
    if step.count > 1:
        yield replace(step, count=1)
    if step.after_ms:
        yield replace(step, after_ms=0)
