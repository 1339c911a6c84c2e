"""A schedule: who takes part, and what happens to them, as plain data that can be kept and played again."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from tests.simulation.written import as_lines, told_in, unusual

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Actor:
    """A client, and whose it is."""

    user: str
    mode: str
    kinds: tuple[str, ...]
    features: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happens `after_ms` behind the step before; it gives the others a meaning."""

    after_ms: int
    do: str
    who: int = 0
    what: str = ""
    way: str = ""
    lane: str = ""
    ms: int = 0
    count: int = 1
    pick: int = 0

    def as_json(self) -> dict[str, Any]:
        """Write what is not as usual."""
        return unusual(self, "after_ms", "do")


@dataclass(frozen=True, slots=True)
class Schedule:
    """One run: equal schedules give equal runs, byte for byte."""

    seed: int
    actors: tuple[Actor, ...]
    steps: tuple[Step, ...]
    reorders: bool = False
    server: str = ""
    """A variant of the server, or the usual one."""

    def with_steps(self, steps: tuple[Step, ...]) -> Schedule:
        """The same world with other steps."""
        return replace(self, steps=steps)

    def as_json(self) -> dict[str, Any]:
        """Write it."""
        return {
            "format": FORMAT,
            "seed": self.seed,
            "reorders": self.reorders,
            "server": self.server,
            "actors": [asdict(actor) for actor in self.actors],
            "steps": [step.as_json() for step in self.steps],
        }

    def lines(self) -> str:
        """Write it for people and for files: one line for each actor and step."""
        return as_lines(self.as_json(), ("actors", "steps"))


def read(text: str) -> Schedule:
    """Read what was written. Raises ValueError for what is none of this format."""
    told = told_in(text, FORMAT)
    actors = tuple(
        Actor(one["user"], one["mode"], tuple(one["kinds"]), tuple(one["features"]))
        for one in told["actors"]
    )
    steps = tuple(Step(**step) for step in told["steps"])
    return Schedule(told["seed"], actors, steps, told["reorders"], told["server"])


def read_file(path: Path) -> Schedule:
    """Read a file. Raises ValueError for what is none."""
    return read(path.read_text("utf-8"))
