"""The schema files themselves: valid, connected, described, open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
from jsonschema import Draft202012Validator

from omnisession_conformance.protocol.schemas import schemas_folder
from omnisession_conformance.protocol.schemas.check import BASE_URI

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omnisession_conformance.protocol.schemas.check import Checker

FILES = sorted(path.name for path in (schemas_folder() / "v1").glob("*.schema.json"))


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    """Yield every object below a schema but what stands in examples and constants."""
    if isinstance(node, dict):
        schema = cast("dict[str, Any]", node)
        yield schema
        for key, value in schema.items():
            if key not in ("examples", "const", "enum"):
                yield from nodes(value)
    elif isinstance(node, list):
        for value in cast("list[Any]", node):
            yield from nodes(value)


def definitions(name: str, document: Any) -> dict[str, Any]:
    return {name: document} | {
        f"{name}#/$defs/{key}": value for key, value in document.get("$defs", {}).items()
    }


def test_the_files_are_those_of_the_protocol() -> None:
    assert FILES == [
        "action.schema.json",
        "article.edit.start.schema.json",
        "article.updates.schema.json",
        "chat.messages.schema.json",
        "common.schema.json",
        "control.schema.json",
        "entities.schema.json",
        "error.schema.json",
        "event.schema.json",
        "state.schema.json",
    ]


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_a_schema_under_its_own_address(name: str, documents: dict[str, Any]) -> None:
    document = documents[name]
    Draft202012Validator.check_schema(document)
    assert document["$id"] == BASE_URI + name
    assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("name", FILES)
def test_every_reference_leads_to_a_definition(name: str, documents: dict[str, Any]) -> None:
    references = [node["$ref"] for node in nodes(documents[name]) if "$ref" in node]
    for reference in references:
        file, _, fragment = reference.partition("#")
        target = documents[file or name]
        for part in fragment.split("/")[1:]:
            target = target[part]
        assert isinstance(target, dict), reference


@pytest.mark.parametrize("name", FILES)
def test_every_definition_says_what_it_is(name: str, documents: dict[str, Any]) -> None:
    for ref, schema in definitions(name, documents[name]).items():
        assert schema.get("title"), ref
        assert schema.get("description", "").endswith("."), ref
        # The four envelopes of control bodies only narrow the type of one that has an example,
        # and the two files of parts have examples with each part.
        shown = ref.endswith("_envelope") or ref in ("common.schema.json", "entities.schema.json")
        assert schema.get("examples") or shown, ref


@pytest.mark.parametrize("name", FILES)
def test_examples_are_valid(name: str, documents: dict[str, Any], checker: Checker) -> None:
    for ref, schema in definitions(name, documents[name]).items():
        for example in schema.get("examples", ()):
            assert checker.explain(ref, example) == []
            assert checker.is_valid(ref, example)


@pytest.mark.parametrize("name", FILES)
def test_no_object_is_closed(name: str, documents: dict[str, Any]) -> None:
    for node in nodes(documents[name]):
        assert node.get("additionalProperties") is not False
        assert "unevaluatedProperties" not in node


@pytest.mark.parametrize("name", FILES)
def test_patterns_mean_the_same_in_every_language(name: str, documents: dict[str, Any]) -> None:
    """Neither look-around nor classes such as \\d, which not all engines have or agree on."""
    for node in nodes(documents[name]):
        pattern = node.get("pattern")
        if isinstance(pattern, str):
            assert pattern.startswith("^")
            assert pattern.endswith("$")
            assert "(?" not in pattern
            assert "\\" not in pattern.replace("\\.", "")


@pytest.mark.parametrize("name", FILES)
def test_null_is_said_where_the_member_is_named(name: str, documents: dict[str, Any]) -> None:
    """No shared definition takes null: a reader sees `x|null` at the member, the kit too."""
    for key, schema in documents[name].get("$defs", {}).items():
        assert schema.get("type") != "null", key
        assert {"type": "null"} not in schema.get("anyOf", []), key
