"""A schedule: who takes part, and what becomes of instances, connections and the journal, as plain data."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from tests.simulation.written import as_lines, told_in, unusual

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = "durable 2"
OWNER = -1
"""Whom a fault befalls: whoever owns the journal then; else the instance of this number."""


@dataclass(frozen=True, slots=True)
class Doing:
    """An action that a client does: `pick` chooses to what, `word` is the number of its word."""

    name: str
    type: str
    pick: int
    word: int


@dataclass(frozen=True, slots=True)
class Client:
    """A session of a user: when it opens, and what it does in its order."""

    user: str
    session: str
    kinds: tuple[str, ...]
    after_ms: int
    doings: tuple[Doing, ...]
    closes: bool = False
    rogue: bool = False
    """Whether it does something else under a number that it has used."""
    features: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()
    window_ms: int = 0
    """How long it may be silent, if it asks for that; else for longer than a run lasts."""
    stays: bool = True
    """Whether it gives signs of life when nothing is left to do."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that happens at a time; it gives the others a meaning."""

    at_ms: int
    do: str
    who: int = 0
    way: str = ""
    ms: int = 0
    count: int = 1

    def as_json(self) -> dict[str, Any]:
        """Write what is not as usual."""
        return unusual(self, "at_ms", "do")


@dataclass(frozen=True, slots=True)
class Schedule:
    """One run: equal schedules give equal runs, byte for byte."""

    seed: int
    instances: int
    clients: tuple[Client, ...]
    faults: tuple[Fault, ...]
    noise: int = 1
    """How often entries are lost, come late or twice: never, now and then, often."""

    def as_json(self) -> dict[str, Any]:
        """Write it."""
        return {
            "format": FORMAT,
            "seed": self.seed,
            "instances": self.instances,
            "noise": self.noise,
            "clients": [asdict(client) for client in self.clients],
            "faults": [fault.as_json() for fault in self.faults],
        }

    def lines(self) -> str:
        """Write it for people and for files: one line for each client and fault."""
        return as_lines(self.as_json(), ("clients", "faults"))


def read(text: str) -> Schedule:
    """Read what was written. Raises ValueError for what is none of this format."""
    told = told_in(text, FORMAT)
    clients = tuple(
        Client(
            one["user"],
            one["session"],
            tuple(one["kinds"]),
            one["after_ms"],
            tuple(Doing(**doing) for doing in one["doings"]),
            one["closes"],
            one["rogue"],
            tuple(one["features"]),
            tuple(one["permissions"]),
            one.get("window_ms", 0),
            one.get("stays", True),
        )
        for one in told["clients"]
    )
    faults = tuple(Fault(**fault) for fault in told["faults"])
    return Schedule(told["seed"], told["instances"], clients, faults, told["noise"])


def read_file(path: Path) -> Schedule:
    """Read a file. Raises ValueError for what is none."""
    return read(path.read_text("utf-8"))


def simpler(schedule: Schedule) -> list[Schedule]:
    """Schedules with less in them, the least first."""
    found: list[Schedule] = []
    size = len(schedule.faults)
    while size:
        for start in range(0, len(schedule.faults), size):
            rest = schedule.faults[:start] + schedule.faults[start + size :]
            found.append(replace(schedule, faults=rest))
        size //= 2
    if schedule.noise:
        found.append(replace(schedule, noise=0))
    for number, client in enumerate(schedule.clients):
        others = schedule.clients[:number] + schedule.clients[number + 1 :]
        if others:
            found.append(replace(schedule, clients=others))
        if client.doings:
            shorter = replace(client, doings=client.doings[:-1])
            mixed = (*schedule.clients[:number], shorter, *schedule.clients[number + 1 :])
            found.append(replace(schedule, clients=mixed))
    return found
