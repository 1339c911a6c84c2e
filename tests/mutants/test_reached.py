"""Where no run comes, by the lines of a traced program and the blocks of Go."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from mutants.mutant import Mutant
from mutants.reached import go_unreached, python_unreached, read_lines
from mutants.targets import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """\
import sys

LEVEL = 1

def told(number):
    if number > 1:
        return [
            number,
            2,
        ]
    try:
        return 3
    except ValueError:
        return 4

def never(default=5):
    return 6

print(told(int(sys.argv[1])))
"""


def mutant(line: int) -> Mutant:
    return Mutant("package/__main__.py", "f", "INT", str(line), "0", 0, 1, line)


def unreached(tmp_path: Path, argument: str) -> set[int]:
    package = tmp_path / "package"
    package.mkdir()
    (package / "__init__.py").write_text("", "utf-8")
    (package / "__main__.py").write_text(PROGRAM, "utf-8")
    out = tmp_path / "lines"
    paths = os.pathsep.join((str(tmp_path), str(ROOT / "tools")))
    subprocess.run(
        (sys.executable, "-P", "-m", "mutants.traced", str(out), "package", argument),
        env={**os.environ, "PYTHONPATH": paths},
        check=True,
        capture_output=True,
    )
    mutants = {mutant(line).id: line for line in range(1, len(PROGRAM.splitlines()) + 1)}
    ids = python_unreached(
        map(mutant, mutants.values()),
        read_lines(out.read_text("utf-8"), tmp_path),
        lambda file: (tmp_path / file).read_bytes(),
    )
    return {mutants[id_] for id_ in ids}


@pytest.mark.parametrize(
    ("argument", "lines"), [("1", {7, 8, 9, 10, 13, 14, 17}), ("2", {11, 12, 13, 14, 17})]
)
def test_only_statements_of_functions_that_did_not_run(
    tmp_path: Path, argument: str, lines: set[int]
) -> None:
    assert unreached(tmp_path, argument) == lines


def test_blocks_of_go_that_none_reached() -> None:
    profile = "mode: set\nm/a.go:1.10,3.2 2 1\nm/a.go:3.2,5.4 1 0\nm/b.go:1.1,9.9 1 0\n"
    mutants = [
        Mutant("go/a.go", "f", "INT", str(line), "0", 0, 1, line) for line in (2, 3, 4, 5, 6)
    ]
    ids = set(go_unreached(mutants, profile, "m", "go"))
    assert {m.line for m in mutants if m.id in ids} == {4, 5}
