"""Schedules that failed once: each is a file with its finding, and every run of the tests plays it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from tests.simulation.schedule import read

if TYPE_CHECKING:
    from tests.simulation.findings import Finding
    from tests.simulation.games import Playable
    from tests.simulation.schedule import Schedule

FOLDER = Path(__file__).parent / "found"


def keep(folder: Path, schedule: Playable, finding: Finding) -> Path:
    """Write a schedule with what it has found; returns the file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{finding.rule}-{schedule.seed}.json"
    told = schedule.lines().rstrip("}\n")
    path.write_text(f'{told},\n "found": {json.dumps(str(finding))}\n}}\n', "utf-8")
    return path


def load(path: Path) -> Schedule:
    """Read a schedule that was kept. Raises ValueError for a file that is none."""
    return read(path.read_text("utf-8"))


def files(game: str = "") -> list[Path]:
    """The schedules of a game that are kept with the tests."""
    return sorted((FOLDER.parent / game / "found").glob("*.json"))
