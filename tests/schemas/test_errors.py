"""The error catalogue, and the schema that is made from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.schemas import catalogue

if TYPE_CHECKING:
    from omnisession_conformance.protocol.schemas import ErrorCode
    from omnisession_conformance.protocol.schemas.check import Checker

RETRYABLE = {4091, 4290, 5000, 5030, 5040}
SAMPLES: dict[str, Any] = {"supported": ["1.0"], "revision": 3, "expected": 8}


def sample(error: ErrorCode) -> dict[str, Any]:
    """The least body that this code allows."""
    body: dict[str, Any] = {
        "code": error.code,
        "name": error.name,
        "message": error.meaning,
        "retryable": error.retryable,
    }
    for path in error.requires:
        head, _, member = path.partition(".")
        body[head] = {member: SAMPLES[member]} if member else 200
    return body


def test_the_codes_are_those_of_the_protocol() -> None:
    errors = catalogue().errors
    assert sorted(errors) == list(errors)
    assert len(errors) == 24
    assert {code for code, error in errors.items() if error.retryable} == RETRYABLE
    assert {code for code, error in errors.items() if error.profile == "secure"} == {4012, 4013}
    assert len({error.name for error in errors.values()}) == len(errors)


def test_the_schema_has_one_rule_for_each_code(documents: dict[str, Any]) -> None:
    schema = documents["error.schema.json"]
    errors = catalogue().errors
    assert schema["properties"]["code"]["enum"] == list(errors)
    for error, rule in zip(errors.values(), schema["allOf"], strict=True):
        condition = {"required": ["code"], "properties": {"code": {"const": error.code}}}
        assert rule["if"] == condition
        members = rule["then"]["properties"]
        assert members["name"]["const"] == error.name
        assert members["retryable"]["const"] is error.retryable
        top = [path.partition(".")[0] for path in error.requires]
        assert rule["then"].get("required", []) == top


def test_a_code_fits_its_own_name_and_retryable_alone(checker: Checker) -> None:
    errors = catalogue().errors.values()
    for error in errors:
        for name in {other.name for other in errors}:
            for retryable in (True, False):
                body = sample(error) | {"name": name, "retryable": retryable}
                fits = name == error.name and retryable is error.retryable
                assert checker.is_valid("error.schema.json", body) is fits


def test_what_a_code_requires_is_described(checker: Checker) -> None:
    for error in catalogue().errors.values():
        for path in error.requires:
            head, _, member = path.partition(".")
            without = {key: value for key, value in sample(error).items() if key != head}
            assert not checker.is_valid("error.schema.json", without)
            assert not member or member in {detail.name for detail in error.details}
