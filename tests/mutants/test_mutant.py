"""A mutant keeps its name when the file around it changes, and is drawn in the order of a seed."""

from __future__ import annotations

from collections import Counter

import pytest

from mutants.mutant import Mutant
from mutants.near import near
from mutants.order import ordered
from mutants.python_source import mutants_of
from omnisession_conformance.protocol.registry import load_registry

SOURCE = b"class A:\n    def f(self):\n        g(1)\n        g(1)\n"


def ids(source: bytes) -> set[str]:
    return {m.id for m in mutants_of("a.py", source)}


def test_lines_and_indents_name_nothing() -> None:
    moved = b"import x\n\n\n" + SOURCE.replace(b"        ", b"            ")
    assert ids(moved) == ids(SOURCE)


def test_the_same_change_twice_is_two_mutants() -> None:
    mutants = [m for m in mutants_of("a.py", SOURCE) if m.operator == "DEL"]
    assert [(m.function, m.ordinal) for m in mutants] == [("A.f", 0), ("A.f", 1)]
    assert len(ids(SOURCE)) == len(mutants_of("a.py", SOURCE))


def test_another_function_is_another_mutant() -> None:
    assert not ids(SOURCE) & ids(SOURCE.replace(b"def f", b"def h"))


def test_a_diff_shows_the_change() -> None:
    source = SOURCE + b"        h(2)\n"
    mutant = next(m for m in mutants_of("a.py", source) if m.before == "h(2)")
    shown = mutant.diff(source)
    assert "-        h(2)\n+        pass" in shown
    assert mutant.id in shown


def test_a_mutant_of_another_text_is_refused() -> None:
    mutant = mutants_of("a.py", SOURCE)[0]
    with pytest.raises(ValueError, match=r"a\.py has changed"):
        mutant.applied(b"# a comment\n" + SOURCE)


def made(operator: str, count: int) -> list[Mutant]:
    return [Mutant("a.py", "", operator, str(n), "", 0, 0, 0) for n in range(count)]


def test_a_seed_draws_all_in_one_order() -> None:
    mutants = [*made("SWAP", 90), *made("CMP", 10)]
    first = ordered(mutants, 7)
    assert sorted(m.id for m in first) == sorted(m.id for m in mutants)
    assert first == ordered(reversed(mutants), 7)
    assert first != ordered(mutants, 8)


def test_what_is_frequent_leaves_room() -> None:
    drawn = Counter(m.operator for m in ordered([*made("SWAP", 900), *made("CMP", 100)], 1)[:200])
    assert 25 < drawn["CMP"] < 80, drawn


@pytest.mark.parametrize(
    ("file", "first"),
    [
        ("reference/omnisession_reference/kinds/articles_slice.py", "ART"),
        ("implementations/go/internal/chat/service.go", "CHAT"),
        ("implementations/go/internal/session/session_stream.go", "CTRL"),
        ("implementations/go/internal/session/session_actions.go", "ACTION"),
        ("reference/omnisession_reference/wire.py", "ENV"),
        ("reference/omnisession_reference/core.py", None),
    ],
)
def test_what_is_near_is_tried_first(file: str, first: str | None) -> None:
    assert (near(file) or (None,))[0] == first


def test_every_area_that_is_near_is_one() -> None:
    known = {requirement.id for requirement in load_registry().requirements}
    areas = {name.partition("-")[0] for name in known}
    files = (
        "articles",
        "chat",
        "urls",
        "users",
        "wire",
        "auth",
        "discovery",
        "actions.py",
        "control",
    )
    assert {one for file in files for one in near(file)} <= known | areas
