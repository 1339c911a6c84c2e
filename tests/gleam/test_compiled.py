"""The record of what was compiled is that of these sources and these vectors.

Nothing here compiles Gleam. Somebody who has the compiler does, and `check.sh` writes down what came of it.
Who has none and changes something writes into the record, as `stale`, what that was: the record is true
then, and whoever has a compiler knows what to look at.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from tests.gleam.modules import PACKAGE
from tests.needs import NOT_TESTED

from omnisession_conformance.protocol.json import is_list, is_object
from omnisession_conformance.protocol.model.slices import MEMBERS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

VECTORS = PACKAGE.parents[1] / "schemas" / "vectors"
RECORD = json.loads((PACKAGE / "compiled.json").read_text("utf-8"))
SOURCES = re.compile(r"(src|dev|test|vectors)/.*\.(gleam|mjs)|(testee|record)\.mjs")
AGAIN = (
    "so the client in Gleam has to be compiled and checked again: `make check-gleam` where the "
    "compiler is writes implementations/gleam/compiled.json. Without a compiler write there, as "
    "the member stale, what has changed since."
)


def hold(is_same: bool, what: str) -> None:
    """Fail where the record is of something else, unless it says so itself."""
    if not is_same and "stale" in RECORD:
        pytest.skip(f"{NOT_TESTED}the client in Gleam was not compiled since: {RECORD['stale']}")
    assert is_same, f"{what}, {AGAIN}"


def digest(value: Any) -> str:
    """As `vectors/canonical.mjs` makes it."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def sources() -> str:
    """As `record.mjs` makes it."""
    found = {path.relative_to(PACKAGE).as_posix(): path for path in _files()}
    lines = (
        f"{hashlib.sha256(found[name].read_bytes()).hexdigest()}  {name}\n"
        for name in sorted(found)
        if SOURCES.fullmatch(name)
    )
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _files() -> Iterable[Path]:
    yield from PACKAGE.glob("*.mjs")
    for folder in ("src", "dev", "test", "vectors"):
        yield from (PACKAGE / folder).rglob("*")


def named(value: Any, members: tuple[str, ...]) -> Any:
    """A value with the members that the protocol names: typed values drop the others."""
    if members and is_list(value):
        return [named(item, members) for item in value]
    if members and is_object(value):
        return {name: value[name] for name in members if name in value}
    return value


def slices(vector: dict[str, Any]) -> list[Any]:
    kind = vector["slice"]["type"]
    return [
        {"type": kind}
        | {name: named(step["slice"][name], members) for name, members in MEMBERS[kind].items()}
        for step in vector["steps"]
    ]


def below(folder: str, pattern: str) -> dict[str, Path]:
    root = VECTORS / folder
    return {path.relative_to(root).as_posix(): path for path in sorted(root.rglob(pattern))}


def test_the_sources_are_those_that_were_compiled() -> None:
    hold(RECORD["sources"] == sources(), "the sources have changed")


def test_the_readme_names_what_it_was_compiled_with() -> None:
    readme = " ".join((PACKAGE / "README.md").read_text("utf-8").split())
    packages = (f"{name} {version}" for name, version in RECORD["packages"].items())
    assert [one for one in (RECORD["compiler"], *packages) if one not in readme] == []


def test_the_kit_found_it_conformant() -> None:
    assert RECORD["kit"]["headline"].startswith("CONFORMANT: states, core, events,")


def test_the_slices_are_those_of_the_vectors() -> None:
    found = below("reducers", "*.json")
    told = {name: digest(slices(json.loads(path.read_bytes()))) for name, path in found.items()}
    hold(RECORD["vectors"]["reducers"] == told, unlike("reducers", told))


def test_the_tokens_are_those_of_the_vectors() -> None:
    pairs = json.loads((VECTORS / "tokens.json").read_text("utf-8"))["pairs"]
    told = digest([{"id": one["id"], "token": one["token"]} for one in pairs])
    hold(RECORD["vectors"]["tokens"] == told, "other tokens are expected")


@pytest.mark.parametrize("folder", ["optimistic", "traces"])
def test_what_was_played_is_what_is_there(folder: str) -> None:
    told = {name: digest(read(path)) for name, path in below(folder, "*.json*").items()}
    hold(RECORD["vectors"][folder] == told, unlike(folder, told))


def read(path: Path) -> Any:
    text = path.read_text("utf-8")
    return json.loads(text) if path.suffix == ".json" else list(map(json.loads, text.splitlines()))


def unlike(folder: str, told: dict[str, str]) -> str:
    """Which vectors are others than those of the record."""
    recorded: dict[str, str] = RECORD["vectors"][folder]
    names = sorted(name for name, _ in recorded.items() ^ told.items())
    return f"these vectors are others: {', '.join(dict.fromkeys(names))}"
