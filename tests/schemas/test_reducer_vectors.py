"""Traces are of messages that the schemas take, and leave no event out."""

from __future__ import annotations

import json
import re
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from tests.reducers import FOLDER, Vector, vectors

from omnisession_conformance.protocol.registry import load_registry
from omnisession_conformance.protocol.schemas import schemas_folder

if TYPE_CHECKING:
    from omnisession_conformance.protocol.schemas.check import Checker


ALL = pytest.mark.parametrize("vector", vectors(), ids=attrgetter("name"))
ENVELOPE = {
    "v": "1.0",
    "user_id": "ann",
    "session_id": "s-7Hq2mWc9TzK4pXvB1nRd0A",
    "timestamp": 1730000000000,
    "epoch": 1,
    "seq": 1,
    "last_action_seq": 0,
}


def state(data: dict[str, Any]) -> dict[str, Any]:
    return {**ENVELOPE, "type": "session.state", "reason": "change", "data": data}


def event(type_: str, data: dict[str, Any]) -> dict[str, Any]:
    named = {"event_id": "e-01", "actor": None, "cause": None}
    return {**ENVELOPE, **named, "type": type_, "data": data}


def event_types(documents: dict[str, Any]) -> set[str]:
    return set(documents["event.schema.json"]["$defs"]) - {"envelope", "unknown"}


def test_a_vector_is_as_its_schema_says() -> None:
    schema = schemas_folder() / "vectors" / "reducer.schema.json"
    validator: Any = Draft202012Validator(json.loads(schema.read_text("utf-8")))
    paths = sorted(FOLDER.glob("*/*.json"))
    assert paths
    for path in paths:
        text = path.read_text("utf-8")
        wrong = [error.message for error in validator.iter_errors(json.loads(text))]
        assert wrong == [], path.stem
        assert re.fullmatch(r"[a-z0-9-]+", path.stem)
        assert text.endswith("\n"), path.stem


@ALL
def test_what_is_held_and_what_is_told_is_valid(
    checker: Checker, documents: dict[str, Any], vector: Vector
) -> None:
    known = event_types(documents)
    told = [(f"state.schema.json#/$defs/{vector.kind}", state(vector.slice))]
    for step in vector.steps:
        told.append((f"state.schema.json#/$defs/{vector.kind}", state(step.slice)))
        if step.type == "session.state":
            told.append((f"state.schema.json#/$defs/{step.data['type']}", state(step.data)))
        else:
            name = step.type if step.type in known else "unknown"
            told.append((f"event.schema.json#/$defs/{name}", event(step.type, step.data)))
    for definition, body in told:
        assert checker.is_valid(definition, body), checker.explain(definition, body)


def test_a_vector_is_of_one_kind_and_names_what_there_is(documents: dict[str, Any]) -> None:
    there = {requirement.id for requirement in load_registry()}
    limits = documents["common.schema.json"]["$defs"]["limits"]["required"]
    for vector in vectors():
        assert vector.name.partition("/")[0] == vector.kind
        assert {step.slice["type"] for step in vector.steps} == {vector.kind}, vector.name
        assert set(vector.requirements) <= there, vector.name
        assert set(vector.limits) <= set(limits), vector.name


def test_a_server_comes_across_its_own_events_alone(documents: dict[str, Any]) -> None:
    for vector in vectors("server"):
        prefix = {"articles": "article"}.get(vector.kind, vector.kind)
        for step in vector.steps:
            assert step.type in event_types(documents), vector.name
            assert step.type.startswith(f"{prefix}."), vector.name


@pytest.mark.parametrize("side", ["client", "server"])
def test_every_event_changes_a_slice_in_some_trace(documents: dict[str, Any], side: str) -> None:
    assert event_types(documents) - changing(side) == set()


@pytest.mark.parametrize("kind", ["articles", "chat", "url", "user"])
def test_every_kind_has_what_a_reader_comes_across(documents: dict[str, Any], kind: str) -> None:
    types = {step.type for vector in vectors() if vector.kind == kind for step in vector.steps}
    known = event_types(documents) | {"session.state"}
    assert types - known, "no event of an unknown type"
    assert "session.state" in types, "no state"
    prefixes = {type_.partition(".")[0] for type_ in types & event_types(documents)}
    assert prefixes == {"article", "chat", "url", "user"}, "no events of all other kinds"


def changing(side: str) -> set[str]:
    """The types of messages after which a slice differs from the one before."""
    found = set[str]()
    for vector in vectors(side):
        before = vector.slice
        for step in vector.steps:
            if step.slice != before:
                found.add(step.type)
            before = step.slice
    return found
