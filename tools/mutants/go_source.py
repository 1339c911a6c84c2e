"""Finds the mutants of Go source, with the program in `go/`."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from mutants.mutant import Mutant, numbered

if TYPE_CHECKING:
    from collections.abc import Iterable

GENERATOR = Path(__file__).parent / "go"


class GeneratorError(Exception):
    """The program that reads Go did not; says what it said."""


def mutants_of_go(root: Path, files: Iterable[str]) -> tuple[Mutant, ...]:
    """Return all mutants of files below a root; raises GeneratorError."""
    paths = [str(root / file) for file in files]
    command = ("go", "run", ".", *paths)
    try:
        done = subprocess.run(command, cwd=GENERATOR, capture_output=True, text=True, check=False)
    except OSError as error:
        raise GeneratorError(f"Cannot run `go`: {error.strerror}.") from error
    if done.returncode != 0:
        raise GeneratorError(f"The mutants of Go were not found:\n{done.stderr.strip()}")
    return read_mutants(root, done.stdout)


def read_mutants(root: Path, lines: str) -> tuple[Mutant, ...]:
    """Read what the program prints: one mutant a line, its file as a whole path."""
    found: list[Mutant] = []
    for line in lines.splitlines():
        members = json.loads(line)
        members["file"] = str(Path(members["file"]).relative_to(root))
        found.append(Mutant(**members))
    return tuple(numbered(found))
