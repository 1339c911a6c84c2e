"""What can be simulated: how schedules are drawn, played, read, and made simpler."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from tests.simulation import generate, schedule, shrink, world
from tests.simulation.durable import draw as durable_draw
from tests.simulation.durable import schedule as durable_schedule
from tests.simulation.durable import world as durable_world

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from tests.simulation.findings import Finding


class Played(Protocol):
    """What a run of any game has come to."""

    finding: Finding | None
    counts: Counter[str]
    lasted_ms: int
    digest: str
    lines: list[str]


class Playable(Protocol):
    """A schedule of any game."""

    @property
    def seed(self) -> int:
        """What it was drawn by."""
        ...

    def lines(self) -> str:
        """Write it for people and for files."""
        ...

    def as_json(self) -> dict[str, Any]:
        """Write it."""
        ...


@dataclass(frozen=True, slots=True)
class Game:
    """One kind of world; `needed` is what a long run has to have seen."""

    draw: Callable[[int], Any]
    play: Callable[..., Played]
    read: Callable[[str], Any]
    simpler: Callable[[Any], Iterable[Any]]
    steps: Callable[[Any], int]
    needed: tuple[str, ...]


CLIENTS = (
    "acts",
    "carried",
    "copies",
    "cuts",
    "lost",
    "delayed",
    "repeated",
    "overtaken",
    "nobody there",
    "server cuts",
    "restarts with the store",
    "restarts with nothing",
    "planned stops",
    "clients that leave",
    "clients that end",
    "new epochs in a session",
    "session.opened",
    "session.syncing",
    "session.resumed current",
    "session.resumed replay",
    "session.resumed snapshot",
    "ack applied",
    "ack duplicate",
    "nack 4040",
    "nack 4091",
    "error 4041",
    "given up",
)
DURABLE = (
    *(
        f"faults: {do} {way}".strip()
        for do in durable_draw.SHARES
        for way in durable_draw.WAYS.get(do, ("",))
    ),
    "acked",
    "answers: closed",
    "answers: error",
    "answers: opened",
    "answers: pong",
    "claims that lost",
    "conflicts",
    "entries doubled",
    "entries late",
    "entries lost",
    "halts: again",
    "halts: configured",
    "halts: planned",
    "lost without a leader",
    "nobody there",
    "outcomes: applied",
    "outcomes: duplicate",
    "outcomes: refused 4030",
    "outcomes: refused 4040",
    "outcomes: refused 4090",
    "outcomes: refused 4091",
    "outcomes: refused 4092",
    "outcomes: refused 4220",
    "pongs looked at",
    "pushes: session.closing",
    "pushes: session.heartbeat",
    "refused",
    "states: change",
    "states: open",
    "states: takeover",
    "takeovers",
    "void entries",
)
"""What a long run has to have seen: a simulation that never does it says nothing of it."""

GAMES = {
    "clients": Game(
        generate.draw,
        world.play,
        schedule.read,
        shrink.simpler,
        lambda one: len(one.steps),
        CLIENTS,
    ),
    "durable": Game(
        durable_draw.draw,
        durable_world.play,
        durable_schedule.read,
        durable_schedule.simpler,
        lambda one: len(one.faults),
        DURABLE,
    ),
}


def of_file(path: Path) -> Game:
    """The game that a kept schedule belongs to."""
    told = json.loads(path.read_text("utf-8"))
    is_durable = told.get("format") == durable_schedule.FORMAT
    return GAMES["durable" if is_durable else "clients"]
