"""The schema of the contract between kit and client adapter, and what breaks it."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from omnisession_conformance.protocol.schemas import schemas_folder

Json = dict[str, Any]


@cache
def schema() -> Json:
    path = schemas_folder() / "testee" / "v1" / "testee.schema.json"
    return json.loads(path.read_text("utf-8"))


def faults(definition: str, value: Any) -> list[str]:
    root = schema()
    wanted = {"$ref": f"{root['$id']}#/$defs/{definition}", "$defs": {"all": root}}
    validator: Any = Draft202012Validator(wanted)
    return [error.message for error in validator.iter_errors(value)]
