"""The registry file against its schema, and what the schema does not say."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import pytest
from tests.registry import registry

from spec_lint import ROOT

SCHEMA = ROOT / "schemas" / "requirements" / "registry.schema.json"
PROFILES = {"core", "events", "digests", "articles", "chat", "url", "user", "secure", "durable"}
ENTRY: dict[str, Any] = {
    "id": "ABC-001",
    "level": "MUST",
    "role": "server",
    "profile": "core",
    "title": "Things are counted once",
    "text": "A server MUST count things once.",
    "spec": "abc.md#abc-001",
    "since": "1.0",
    "observe": "sweep",
}


@pytest.fixture(scope="module")
def validator() -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(json.loads(SCHEMA.read_text("utf-8")))


@pytest.fixture(name="registry", scope="module")
def its_file() -> dict[str, Any]:
    return registry()


def file_with(*entries: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"version": "1.0", "status": "draft", "requirements": list(entries), **members}


def test_the_schema_is_one() -> None:
    jsonschema_rs.meta.validate(json.loads(SCHEMA.read_text("utf-8")))


def test_the_registry_is_valid(
    validator: jsonschema_rs.Validator, registry: dict[str, Any]
) -> None:
    assert [f"{list(e.instance_path)}: {e.message}" for e in validator.iter_errors(registry)] == []


def test_examples_of_the_schema_are_valid(validator: jsonschema_rs.Validator) -> None:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    assert all(validator.is_valid(example) for example in schema["examples"])
    requirements = schema["$defs"]["requirement"]["examples"]
    assert validator.is_valid(file_with(*requirements))


def test_an_entry_with_a_reason_is_valid(validator: jsonschema_rs.Validator) -> None:
    assert validator.is_valid(file_with(ENTRY))
    assert validator.is_valid(file_with(ENTRY | {"excluded": "Nothing shows it."}))


def test_an_entry_with_faults_is_valid(validator: jsonschema_rs.Validator) -> None:
    assert validator.is_valid(file_with(ENTRY | {"faults": ["late", "not-at-all"]}))


@pytest.mark.parametrize("name", list(ENTRY))
def test_a_member_that_is_missing_is_refused(validator: jsonschema_rs.Validator, name: str) -> None:
    assert not validator.is_valid(file_with({k: v for k, v in ENTRY.items() if k != name}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("id", "ABC-1"),
        ("id", "abc-001"),
        ("level", "MAY"),
        ("level", "must"),
        ("role", "robot"),
        ("profile", "Core"),
        ("title", "x" * 61),
        ("title", ""),
        ("text", "A server counts things once."),
        ("text", "A server MUST count things once"),
        ("text", " A server MUST count things once."),
        ("text", "A server\nMUST count things once."),
        ("spec", "abc.md"),
        ("spec", "docs/spec/abc.md#abc-001"),
        ("since", 1.0),
        ("since", "1"),
        ("observe", ""),
        ("excluded", ""),
        ("excluded", None),
        ("faults", []),
        ("faults", ["late", "late"]),
        ("faults", "late"),
        ("exclude", "a misspelt member"),
    ],
)
def test_a_wrong_member_is_refused(
    validator: jsonschema_rs.Validator, name: str, value: object
) -> None:
    assert not validator.is_valid(file_with(ENTRY | {name: value}))


@pytest.mark.parametrize("members", [{"status": "done"}, {"version": 1.0}, {"requirements": []}])
def test_a_wrong_file_is_refused(
    validator: jsonschema_rs.Validator, members: dict[str, Any]
) -> None:
    assert not validator.is_valid(file_with(ENTRY, **members))


def test_entries_stand_in_the_order_of_areas_and_numbers(registry: dict[str, Any]) -> None:
    ids = [entry["id"] for entry in registry["requirements"]]
    areas = list(dict.fromkeys(id_.partition("-")[0] for id_ in ids))
    assert ids == sorted(ids, key=lambda id_: (areas.index(id_.partition("-")[0]), id_))


def test_spec_anchors_are_the_ids(registry: dict[str, Any]) -> None:
    for entry in registry["requirements"]:
        assert entry["spec"].partition("#")[2] == entry["id"].lower()


def test_titles_are_different(registry: dict[str, Any]) -> None:
    titles = [entry["title"] for entry in registry["requirements"]]
    assert len(titles) == len(set(titles))


def test_the_profiles_of_servers_are_those_that_the_kit_knows(registry: dict[str, Any]) -> None:
    servers = [entry for entry in registry["requirements"] if entry["role"] in ("server", "any")]
    assert {entry["profile"] for entry in servers} == PROFILES
