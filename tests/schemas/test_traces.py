"""The traces are as their schema says, hold valid bodies, and are what their scripts make."""

from __future__ import annotations

import json
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from omnisession_conformance.protocol.registry import load_registry
from omnisession_conformance.protocol.schemas import schemas_folder
from vectors.made import made

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from omnisession_conformance.protocol.schemas.check import Checker

Json = dict[str, Any]
FOLDER = schemas_folder() / "vectors"
FILES = sorted((FOLDER / "traces").iterdir())
ALL = pytest.mark.parametrize("path", FILES, ids=attrgetter("stem"))
FAMILIES = {"state": "state", "events": "event", "control": "control"}
MODES = {"pure": set[str](), "hybrid": {"actions", "hybrid"}}
MODES["optimistic"] = MODES["hybrid"] | {"optimistic"}


def read(path: Path) -> list[Json]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def bodies(line: Json) -> Iterator[tuple[str, Json, bool]]:
    """Each body of a line, by the schema of its family, and whether it is to be valid."""
    for part in (line, line.get("resume", {}), line.get("sync", {}), line.get("none", {})):
        if part.get("body") is not None:
            is_right = not part.keys() & {"wrong", "later"}
            yield FAMILIES[part.get("on", "control")], part["body"], is_right
        for message in part.get("messages", ()):
            yield FAMILIES[message["on"]], message["body"], True


def test_files_are_what_the_scripts_make() -> None:
    there = {path.relative_to(FOLDER).as_posix(): path.read_text("utf-8") for path in FILES}
    wanted = {name: text for name, text in made().items() if name.startswith("traces/")}
    assert there.keys() == wanted.keys(), "make generate"
    assert [name for name in there if there[name] != wanted[name]] == [], "make generate"


def test_a_line_is_as_the_schema_says() -> None:
    schema = json.loads((FOLDER / "trace.schema.json").read_text("utf-8"))
    validator: Any = Draft202012Validator(schema)
    for path in FILES:
        for number, line in enumerate(read(path), 1):
            assert [e.message for e in validator.iter_errors(line)] == [], (path.stem, number)


def test_a_header_names_what_there_is() -> None:
    registry = load_registry()
    for path in FILES:
        header, *lines = read(path)
        assert header["name"] == path.stem
        assert {name for name in header["requirements"] if name not in registry} == set(), path.stem
        profiles = set(header["profiles"])
        granted = {"core", *header["kinds"], *header["features"], *MODES[header["mode"]]}
        assert granted <= profiles, path.stem
        acts = any(line["in"] == "dispatch" for line in lines)
        assert acts == ("actions" in profiles), path.stem


def test_bodies_are_valid_but_those_that_are_said_not_to_be(checker: Checker) -> None:
    for path in FILES:
        _, *lines = read(path)
        for number, line in enumerate(lines, 2):
            for family, body, is_right in bodies(line):
                schema = f"{family}.schema.json"
                assert checker.is_valid(schema, body) == is_right, (path.stem, number, body)


@ALL
def test_what_is_held_and_what_is_done_is_valid(path: Path, checker: Checker) -> None:
    header, *lines = read(path)
    envelope: Json = {"v": "1.0", "user_id": "ann", "session_id": "s", "timestamp": 1}
    place: Json = {"epoch": 1, "seq": 1, "last_action_seq": 0, "reason": "change"}
    for line in lines:
        for kind, slice_ in line.get("then", {}).get("slices", {}).items():
            assert kind in header["kinds"]
            state = {**envelope, **place, "type": "session.state", "data": slice_}
            assert checker.is_valid("state.schema.json", state), slice_
        if line["in"] == "dispatch" and "invalid" not in line.get("then", {}).get("refused", ()):
            members = {name: line[name] for name in ("type", "data", "expect") if name in line}
            action = {**envelope, **members, "action_id": "x", "client_seq": 1}
            assert checker.is_valid("action.schema.json", action), action
