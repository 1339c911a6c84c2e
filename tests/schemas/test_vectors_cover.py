"""The vectors leave no message and no required member out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from omnisession_conformance.protocol.schemas import catalogue
from omnisession_conformance.protocol.schemas.check import BASE_URI

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema.exceptions import ValidationError

Rule = tuple[int, str]


def message_definitions() -> set[str]:
    return {ref for row in catalogue().subjects for ref in row.definitions.values()}


def test_every_message_has_valid_and_invalid_vectors(
    valid_vectors: list[dict[str, Any]], invalid_vectors: list[dict[str, Any]]
) -> None:
    for vectors in (valid_vectors, invalid_vectors):
        judged = {vector["definition"] for vector in vectors}
        assert message_definitions() - judged == set()


def test_every_required_member_is_missing_somewhere(
    documents: dict[str, Any], invalid_vectors: list[dict[str, Any]]
) -> None:
    rules = dict(required_rules(documents))
    registry: Any = Registry[Any]().with_resources(
        [(BASE_URI + name, Resource.from_contents(doc)) for name, doc in documents.items()]
    )
    for vector in invalid_vectors:
        schema = {"$ref": BASE_URI + vector["definition"]}
        validator: Any = Draft202012Validator(schema, registry=registry)
        for error in validator.iter_errors(vector["body"]):
            for rule in broken_rules(error):
                rules.pop(rule, None)
    assert list(rules.values()) == []


def required_rules(documents: dict[str, Any]) -> Iterator[tuple[Rule, str]]:
    """Yield each required member of each schema, known by the identity of the schema."""
    for name, document in documents.items():
        stack: list[tuple[Any, str]] = [(document, name)]
        while stack:
            node, place = stack.pop()
            if not isinstance(node, dict):
                continue
            members = cast("dict[str, Any]", node)
            for member in members.get("required", ()):
                # In "if" a required member is a condition, not a demand.
                if not place.endswith("/if"):
                    yield (id(members), member), f"{place}: {member}"
            for key, value in members.items():
                if key in ("examples", "const", "enum"):
                    continue
                below = cast("list[Any]", value) if isinstance(value, list) else [value]
                stack += [(child, f"{place}/{key}") for child in below]


def broken_rules(error: ValidationError) -> Iterator[Rule]:
    if error.validator == "required":
        required: Any = error.validator_value
        yield from ((id(error.schema), name) for name in required if name not in error.instance)
    for child in error.context or ():
        yield from broken_rules(child)
