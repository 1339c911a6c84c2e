"""Which requirement of the protocol a failed rule of JSON Schema breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from omnisession_conformance.protocol.json import as_object
from omnisession_conformance.protocol.schemas.decoded import MAX_SAFE_INTEGER

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

REQUIREMENT_KEYWORD: Final = "x-omnisession-requirement"
"""Annotation of a schema whose own rules say what a requirement of its own says."""

SCHEMA: Final = "ENV-002"
TIME: Final = "ENV-003"
NUMBER: Final = "ENV-004"
LIST: Final = "ENV-005"
NULLABLE: Final = "ENV-006"
ENVELOPE_REQUIREMENTS: Final = frozenset({SCHEMA, TIME, NUMBER, LIST, NULLABLE})


def requirement_of(error: ValidationError, missing: str | None) -> str:
    """Return the id of the requirement: the annotated one, else the most exact of ENV."""
    schema = as_object(error.schema)
    annotated = schema.get(REQUIREMENT_KEYWORD)
    if isinstance(annotated, str):
        return annotated
    if missing is not None:
        members = as_object(schema.get("properties"))
        return NULLABLE if allows_null(members.get(missing)) else SCHEMA
    return next((name for name, is_broken in _RULES if is_broken(error)), SCHEMA)


def allows_null(schema: Any) -> bool:
    """Tell whether a member's schema, as it stands there, takes null."""
    rules = as_object(schema)
    types: Any = rules.get("type")
    if types == "null" or (isinstance(types, list) and "null" in types):
        return True
    alternatives: Any = rules.get("anyOf", ())
    return any(allows_null(alternative) for alternative in alternatives)


def _zero_for_none(error: ValidationError) -> bool:
    """A zero value where null stands for none: what some languages write for an absent value."""
    value: Any = error.instance
    zero = not isinstance(value, bool) and value in (0, "")
    parent: Any = error.parent
    inside = parent is not None and not error.relative_path and allows_null(parent.schema)
    return zero and (inside or (error.validator == "anyOf" and allows_null(error.schema)))


def _is_time(error: ValidationError) -> bool:
    # A value that is neither a time nor null fails the "anyOf" of the two.
    alternatives = [child for child in error.context or () if not child.relative_path]
    return any(
        as_object(candidate.schema).get("x-omnisession") == "time"
        for candidate in (error, *alternatives)
    )


def _is_number_fault(error: ValidationError) -> bool:
    if isinstance(error.instance, bool) or not isinstance(error.instance, int | float):
        return False
    candidates: list[ValidationError] = [error, *(error.context or ())]
    wants_integer = any(c.validator_value == "integer" for c in candidates)
    fraction = isinstance(error.instance, float) and wants_integer
    bounds = error.validator in ("minimum", "maximum")
    return fraction or (bounds and abs(error.instance) > MAX_SAFE_INTEGER)


def _is_null_list(error: ValidationError) -> bool:
    return error.validator == "type" and error.validator_value == "array" and error.instance is None


# The first that holds is named: a time that is a fraction is a wrong time above all.
_RULES: Final = (
    (NULLABLE, _zero_for_none),
    (TIME, _is_time),
    (NUMBER, _is_number_fault),
    (LIST, _is_null_list),
)
