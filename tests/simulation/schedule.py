"""A schedule: who takes part, and what happens to them, as plain data that can be kept and played again."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any

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
        return {
            field.name: getattr(self, field.name)
            for field in fields(self)
            if field.name in ("after_ms", "do") or getattr(self, field.name) != field.default
        }


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
        told = self.as_json()
        rest = {name: value for name, value in told.items() if name not in ("actors", "steps")}
        parts = [f' "{name}": {json.dumps(value)}' for name, value in rest.items()]
        for name in ("actors", "steps"):
            items = ",\n".join(f"  {json.dumps(item)}" for item in told[name])
            parts.append(f' "{name}": [\n{items}\n ]')
        return "{\n" + ",\n".join(parts) + "\n}\n"


def read(text: str) -> Schedule:
    """Read what was written. Raises ValueError for what is none of this format."""
    told = json.loads(text)
    if told.get("format") != FORMAT:
        raise ValueError(f"a schedule of format {FORMAT} is needed, not of {told.get('format')}")
    actors = tuple(
        Actor(one["user"], one["mode"], tuple(one["kinds"]), tuple(one["features"]))
        for one in told["actors"]
    )
    steps = tuple(Step(**step) for step in told["steps"])
    return Schedule(told["seed"], actors, steps, told["reorders"], told["server"])


def read_file(path: Path) -> Schedule:
    """Read a file. Raises ValueError for what is none."""
    return read(path.read_text("utf-8"))
