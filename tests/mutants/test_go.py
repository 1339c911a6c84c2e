"""The program that reads Go: its operators, and that what it makes is Go."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.needs import program

from mutants.go_source import GENERATOR, GeneratorError, mutants_of_go, read_mutants

if TYPE_CHECKING:
    from mutants.mutant import Mutant

pytestmark = [pytest.mark.needs("go"), pytest.mark.dear]

SOURCE = """\
package a

import "log"

type t struct {
	n    int `json:"n"`
	a, b string
}

func (x *t) f(left, right int) (int, error) {
	x.n = left
	log.Print("id")
	if left < right && !(x.a == x.b) {
		return left + 1, nil
	}
	for range max(left, right) {
		x.n++
	}
	y := []string{"a", "b"}
	return len(y), nil
}

func g() (t, string, int) { return t{}, "", 0 }
"""
MADE = [
    ("DEL", "x.n = left", "if false {\nx.n = left\n}"),
    ("DEL", "x.n++", "if false {\nx.n++\n}"),
    ("DEL", "return left + 1, nil", "if false {\nreturn left + 1, nil\n}"),
    ("CMP", "left < right", "left <= right"),
    ("CMP", "x.a == x.b", "x.a != x.b"),
    ("BOOL", "left < right && !(x.a == x.b)", "left < right || !(x.a == x.b)"),
    ("BOOL", "max", "min"),
    ("NEG", "!(x.a == x.b)", "((x.a == x.b))"),
    ("NEG", "left < right && !(x.a == x.b)", "!(left < right && !(x.a == x.b))"),
    ("MATH", "left + 1", "left - 1"),
    ("INT", "1", "2"),
    ("INT", "1", "(0)"),
    ("RET", "left + 1", "*new(int)"),
    ("STR", '"a"', '"ax"'),
    ("SWAP", '"a"', '"b"'),
    ("SWAP", "x.a", "x.b"),
    ("SWAP", "left, right", "right, left"),
    ("ELEM", '"a", "b"', '"b"'),
]


@pytest.fixture(scope="module")
def mutants(tmp_path_factory: pytest.TempPathFactory) -> tuple[Mutant, ...]:
    root = tmp_path_factory.mktemp("go")
    (root / "a.go").write_text(SOURCE, "utf-8")
    return mutants_of_go(root, ["a.go"])


@pytest.mark.parametrize(("operator", "before", "after"), MADE)
def test_an_operator(mutants: tuple[Mutant, ...], operator: str, before: str, after: str) -> None:
    assert (operator, before, after) in {(m.operator, m.before, m.after) for m in mutants}


def formatted(*options: str) -> subprocess.CompletedProcess[str]:
    """What gofmt says, which is installed beside Go."""
    gofmt = Path(program("go")).resolve().with_name("gofmt")
    return subprocess.run([gofmt, *options], capture_output=True, text=True, check=False)


def test_functions_are_named_and_logs_left_alone(mutants: tuple[Mutant, ...]) -> None:
    assert {m.function for m in mutants} == {"(*t).f", "g"}
    assert not any('"id"' in m.before or "json" in m.before for m in mutants)


def test_what_is_nothing_is_not_made_nothing(mutants: tuple[Mutant, ...]) -> None:
    assert "RET" not in {m.operator for m in mutants if m.function == "g"}


def test_what_is_made_can_be_read_by_go(mutants: tuple[Mutant, ...], tmp_path: Path) -> None:
    for mutant in mutants:
        (tmp_path / f"{mutant.id}.go").write_bytes(mutant.applied(SOURCE.encode()))
    told = formatted("-e", "-l", str(tmp_path))
    assert (told.returncode, told.stderr) == (0, "")


def test_what_is_no_go_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.go").write_text("pack", "utf-8")
    with pytest.raises(GeneratorError, match="expected 'package'"):
        mutants_of_go(tmp_path, ["a.go"])


def test_the_program_is_formatted_and_vetted() -> None:
    told = formatted("-l", str(GENERATOR))
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")
    vetted = subprocess.run([program("go"), "vet", "./..."], cwd=GENERATOR, check=False)
    assert vetted.returncode == 0


def test_lines_are_read_relative_to_the_root() -> None:
    told = (
        '{"file":"/r/a.go","function":"","operator":"INT","before":"1","after":"2",'
        '"start":1,"end":2,"line":1}'
    )
    (mutant,) = read_mutants(Path("/r"), told)
    assert mutant.file == "a.go"
