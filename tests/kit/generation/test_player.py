"""What a case says of the programs that it has played."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from omnisession_conformance.engine.stops import KitTooSlow, Prerequisite
from omnisession_conformance.roles.server.generation import steps as s
from omnisession_conformance.roles.server.generation.outcome import Finding
from omnisession_conformance.roles.server.generation.run import MOST_FINDS, Play, Player

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.generation.machine import Tally

IDS = ("ART-001", "ART-002", "ART-003", "CHAT-001", "CHAT-002", "URL-001")
PROGRAM = s.Program(("author",), (s.Look(),) * 20)


@dataclass
class Told:
    """Stands for the context of a case: what it was told."""

    good: list[str] = field(default_factory=list[str])
    broken: list[str] = field(default_factory=list[str])
    unsure: list[str] = field(default_factory=list[str])

    def context(self) -> Any:
        def check(requirement: str, good: bool, **_: Any) -> None:
            (self.good if good else self.broken).append(requirement)

        def unsure(requirement: str, _: str) -> None:
            self.unsure.append(requirement)

        def keep(name: str, _: str) -> str:
            return f"{name}-1.json"

        def prolong(*_: Any) -> None:
            pass

        return SimpleNamespace(
            run=SimpleNamespace(
                time_limits=SimpleNamespace(prolong=prolong),
                keep=keep,
                kit_version="0",
                shrinking_since=None,
                shrink_s=0.0,
            ),
            case=SimpleNamespace(name="generated-traffic", requirements=IDS),
            log=SimpleNamespace(records=[], mark=lambda: 0),
            check=check,
            unsure=unsure,
        )


class Playing(Player):
    """Plays nothing: each program shows what it is told to show."""

    shows: tuple[str, ...] = ()
    steps = 0
    stop = ""

    async def play(self, program: s.Program, tally: Tally | None = None) -> Play:
        if tally is not None:
            tally.judged += self.steps
            tally.good.update(IDS)
        self.stopped = self.stop
        at = int(program.users[0]) if program.users[0].isdecimal() else 0
        shown = self.shows[at : at + 1]
        found = [Finding(requirement, "a", "b") for requirement in shown]
        return Play(program, found, len(program.steps), self.stop)


def judged(steps: int, stop: str = "", *, late: bool = False) -> Told:
    told = Told()
    player = Playing(told.context())
    player.steps, player.stop, player.late = steps, stop, stop if late else ""
    asyncio.run(player.judge((PROGRAM,), "generated"))
    return told


def test_what_was_seen_kept_is_good() -> None:
    assert judged(40).good == list(IDS)


def test_few_judged_steps_are_no_verdict() -> None:
    with pytest.raises(Prerequisite, match="20 steps came to 4 that could be judged: the target"):
        judged(4)


@pytest.mark.parametrize(("late", "kind"), [(True, KitTooSlow), (False, Prerequisite)])
def test_programs_of_which_none_came_to_its_end_are_no_verdict(
    late: bool, kind: type[Exception]
) -> None:
    with pytest.raises(Prerequisite, match="no order was found") as stopped:
        judged(40, "no order was found", late=late)
    assert type(stopped.value) is kind


def test_what_is_found_behind_the_finds_that_are_played_again_is_not_told_to_be_good() -> None:
    told = Told()
    player = Playing(told.context())
    player.shows = IDS
    programs = [s.Program((str(number),), PROGRAM.steps) for number in range(len(IDS))]
    asyncio.run(player.judge(programs, "generated"))
    assert told.broken == list(IDS[:MOST_FINDS])
    assert told.unsure == list(IDS[MOST_FINDS:])
    assert not told.good
