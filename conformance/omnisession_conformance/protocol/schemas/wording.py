"""Puts a failed rule of JSON Schema into words.

Values are shown cut short. Text that a report must not show is taken out by whoever writes it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from omnisession_conformance.protocol.json import is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Callable

    from jsonschema.exceptions import ValidationError

_SHOWN: Final = 60
_TYPES: Final = {
    "array": "a list",
    "boolean": "a boolean",
    "integer": "an integer",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "a string",
}


def expected_by(error: ValidationError, missing: str | None) -> str:
    """Say what the rule asks for, such as "an integer" or "at least 1"."""
    if missing is not None:
        return "present"
    if error.validator == "not":
        return _expected_not(error.validator_value)
    if error.validator in ("anyOf", "oneOf"):
        return _alternatives(error)
    word = _EXPECTED.get(str(error.validator))
    return word(error.validator_value) if word else f"valid by {error.validator}"


def message_of(error: ValidationError, missing: str | None) -> str:
    """Say what is wrong in one sentence without the place, which the pointer tells."""
    if missing is not None:
        return "is missing"
    return f"is {_seen(error)}, expected {expected_by(error, missing)}"


def _expected_not(refused: Any) -> str:
    # {"not": {}} forbids a member; any other use of "not" leaves out values named elsewhere.
    return "absent" if not refused else "none of the values that other definitions name"


def _alternatives(error: ValidationError) -> str:
    words = dict.fromkeys(
        expected_by(child, None) for child in error.context or () if not child.relative_path
    )
    return " or ".join(words) or f"valid by {error.validator}"


def _seen(error: ValidationError) -> str:
    value = error.instance
    if is_object(value) or is_list(value):
        return f"{_types(_type_name(value))} of {len(value)}"
    return _json(value)


def _type_name(value: Any) -> str:
    return "object" if isinstance(value, dict) else "array"


def _types(value: Any) -> str:
    names: list[str] = [value] if isinstance(value, str) else value
    return " or ".join(_TYPES[name] for name in names)


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


_EXPECTED: Final[dict[str, Callable[[Any], str]]] = {
    "type": _types,
    "const": _json,
    "enum": lambda value: "one of " + ", ".join(_json(item) for item in value),
    "pattern": lambda value: f"text of the form {value}",
    "minLength": lambda value: f"text of at least {value} characters" if value > 1 else "some text",
    "maxLength": lambda value: f"text of at most {value} characters",
    "minimum": lambda value: f"at least {value}",
    "maximum": lambda value: f"at most {value}",
    "minItems": lambda value: f"at least {value} entries" if value > 1 else "at least one entry",
    "maxItems": lambda value: f"at most {value} entries" if value else "no entries",
    "uniqueItems": lambda _value: "entries that all differ",
    "contains": lambda value: f"an entry {_json(value.get('const'))}",
}
