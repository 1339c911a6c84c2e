"""What holds the client in Gleam where no compiler is: its names, each once in its module."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from tests.gleam.modules import PACKAGE, SOURCES, Constructor, constructors, modules, twice

SEED = Path(__file__).with_name("seed.gleam").read_text("utf-8")
WHERE = {
    "SessionState": "types",
    "StateData": "types",
    "ArticlesState": "articles",
    "ChatState": "chat",
    "HybridState": "hybrid",
    "LocalState": "hybrid",
}
"""The module below `omni/` that has a type of the seed."""
MESSAGES = [
    ("client/model", "SessionMsg", ("NatsMessage", "UserAction")),
    ("hybrid", "HybridMsg", ("ServerStateUpdate", "UserAction")),
]
FUNCTIONS = [
    ("session", "update"),
    ("hybrid", "init_hybrid"),
    ("hybrid", "update_hybrid"),
    ("types", "decode_state"),
    ("event", "decode_event"),
    ("event", "apply_event"),
    ("action", "encode_action"),
]
MOST_LINES = 310


def source(module: str) -> str:
    return (SOURCES / "omni" / f"{module}.gleam").read_text("utf-8")


def test_no_module_has_a_constructor_twice() -> None:
    assert {
        path.stem: found for path in modules() if (found := twice(path.read_text("utf-8")))
    } == {}


def test_the_types_of_the_seed_cannot_stand_in_one_module() -> None:
    assert twice(SEED) == ["ArticlesState", "ChatState"]


def test_every_type_of_the_seed_has_its_place() -> None:
    assert {one.type_ for one in constructors(SEED)} == set(WHERE)


@pytest.mark.parametrize("wanted", constructors(SEED), ids=lambda one: f"{one.type_}.{one.name}")
def test_the_names_of_the_seed_are_kept(wanted: Constructor) -> None:
    there = {(one.type_, one.name): one.labels for one in constructors(source(WHERE[wanted.type_]))}
    labels = there[wanted.type_, wanted.name]
    # Members may be added behind those of the seed.
    assert labels[: len(wanted.labels)] == wanted.labels


@pytest.mark.parametrize(("module", "type_", "names"), MESSAGES)
def test_the_messages_of_the_seed_are_there(
    module: str, type_: str, names: tuple[str, ...]
) -> None:
    there = {one.name for one in constructors(source(module)) if one.type_ == type_}
    assert there.issuperset(names)


@pytest.mark.parametrize(("module", "name"), FUNCTIONS)
def test_the_functions_of_the_seed_are_there(module: str, name: str) -> None:
    assert f"\npub fn {name}(" in source(module)


def test_modules_are_small() -> None:
    lines = {path.stem: len(path.read_text("utf-8").splitlines()) for path in modules()}
    assert lines
    assert {stem: many for stem, many in lines.items() if many > MOST_LINES} == {}


@pytest.mark.parametrize("path", sorted(SOURCES.rglob("*.gleam")), ids=lambda path: path.stem)
def test_each_module_and_all_that_it_shows_is_described(path: Path) -> None:
    lines = path.read_text("utf-8").splitlines()
    assert lines[0].startswith("//// ")
    lines = [line for line in lines if not line.startswith("@")]
    pairs = itertools.pairwise(lines)
    bare = [line for above, line in pairs if line.startswith("pub ") and above[:3] != "///"]
    assert bare == []


def test_the_core_knows_of_no_javascript() -> None:
    shells = {"nats", "node", "testee"}
    foreign = {
        path.stem for path in SOURCES.rglob("*.gleam") if "@external" in path.read_text("utf-8")
    }
    assert foreign == shells
    assert {path.stem for path in SOURCES.rglob("*.mjs")} == {f"{name}_ffi" for name in shells}
    assert (PACKAGE / "testee.mjs").is_file()
