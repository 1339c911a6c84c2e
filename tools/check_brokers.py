"""Checks the reference server on each kind of broker that the kit supports, once.

`python tools/check_brokers.py OLDEST FOLDER` takes the path of the oldest nats-server, and writes the
report of each run into a folder of its own below FOLDER. It tells how each ended and after how many
seconds, and exits with 1 where one of them was not conformant.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from judged import judged
from omnisession_conformance.environment.broker import BINARY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CHOSEN = ("NATS_URL", "NATS_SERVER_BIN")
"""Variables that would choose another broker."""


@dataclass(frozen=True, slots=True)
class World:
    """A kind of broker, and what chooses it."""

    name: str
    options: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict[str, str])


def worlds(oldest: Path) -> tuple[World, ...]:
    """All kinds, the oldest broker first."""
    return (
        World("oldest", environment={"NATS_SERVER_BIN": str(oldest)}),
        World("newest"),
        World("cluster", ("--topology", "cluster")),
        World("leaf", ("--topology", "leaf")),
    )


def check(world: World, folder: Path) -> tuple[int, str]:
    """Check the server there; the exit code, and a line that tells of it."""
    return judged(world.name, world.options, folder, environment=world.environment, without=CHOSEN)


def main(argv: Sequence[str] | None = None) -> int:
    """Check one after the other, and tell; 0 if all are conformant."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("oldest", type=Path, help="the nats-server, or a folder that it is in")
    parser.add_argument("folder", type=Path)
    options = parser.parse_args(argv)
    oldest = find(options.oldest)
    if oldest is None:
        print(f"there is no {BINARY} in {options.oldest}", file=sys.stderr)
        return 1
    codes: list[int] = []
    for world in worlds(oldest):
        code, told = check(world, options.folder / world.name)
        print(told, flush=True)
        codes.append(code)
    print(f"the reports are in {options.folder}")
    return 1 if any(codes) else 0


def find(place: Path) -> Path | None:
    """The program itself, or the one that a package has brought into a folder."""
    if place.is_file():
        return place.absolute()
    return next((path.absolute() for path in place.rglob(BINARY) if path.is_file()), None)


if __name__ == "__main__":
    sys.exit(main())
