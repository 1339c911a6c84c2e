"""The vectors of `schemas/vectors/reducers/`: read for the tests of whoever has reducers."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "schemas" / "vectors" / "reducers"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """A message, by its type and data, and the slice after it."""

    shows: str
    type: str
    data: Json
    slice: Json


@dataclass(frozen=True, slots=True)
class Vector:
    """One vector; its name is `kind/file`."""

    name: str
    shows: str
    requirements: list[str]
    sides: list[str]
    slice: Json
    steps: list[Step]
    limits: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def kind(self) -> str:
        """The kind of its slices."""
        return self.slice["type"]


def read(path: Path) -> Vector:
    """Read one file."""
    members: Json = json.loads(path.read_text("utf-8"))
    steps = [Step(**step) for step in members.pop("steps")]
    return Vector(name=f"{path.parent.name}/{path.stem}", steps=steps, **members)


@cache
def vectors(side: str = "client") -> tuple[Vector, ...]:
    """Return the vectors that a side comes across; a client comes across all."""
    found = tuple(map(read, sorted(FOLDER.glob("*/*.json"))))
    return tuple(vector for vector in found if side in vector.sides)
