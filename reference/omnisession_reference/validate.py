"""Checks incoming bodies against the JSON Schemas of the protocol."""

import importlib.util
import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from omnisession_reference.errors import Refusal
from omnisession_reference.wire import JsonObject

_BASE = "https://omnisession.dev/schemas/v1/"


@cache
def schemas_folder() -> Path:
    """Find the schemas: the data package of an installed wheel, else the folder of a checkout."""
    spec = importlib.util.find_spec("omnisession_schemas")
    if spec is not None and spec.submodule_search_locations:
        return Path(spec.submodule_search_locations[0])
    for folder in Path(__file__).resolve().parents:
        if (folder / "schemas" / "v1" / "subjects.json").is_file():
            return folder / "schemas"
    raise FileNotFoundError(
        "the schemas are missing: install the package omnisession, or run from a checkout of it"
    )


class Schemas:
    """One validator for each message type, built when it is needed first."""

    def __init__(self, folder: Path) -> None:
        documents: list[tuple[str, Any]] = []
        for path in sorted((folder / "v1").glob("*.schema.json")):
            document = json.loads(path.read_text("utf-8"))
            documents.append((document["$id"], document))
        self._registry = jsonschema_rs.Registry(documents)
        table = json.loads((folder / "v1" / "subjects.json").read_text("utf-8"))
        self._rows: dict[str, JsonObject] = {row["id"]: row for row in table["subjects"]}
        self._validators: dict[str, jsonschema_rs.Validator] = {}

    def types(self, row: str) -> frozenset[str]:
        """Return the message types of a row in subjects.json."""
        return frozenset(self._rows[row]["definitions"])

    def check(self, row: str, type_name: str, body: JsonObject) -> None:
        """Refuse with 4001 a body that breaks the schema of its row in subjects.json and type."""
        definitions = self._rows[row]["definitions"]
        self.check_definition(definitions.get(type_name, self._rows[row]["otherwise"]), body)

    def check_definition(self, reference: str, body: JsonObject) -> None:
        """Refuse with 4001 a body that breaks one definition, such as `x.schema.json#/$defs/y`."""
        validator = self._validators.get(reference)
        if validator is None:
            schema = {"$ref": _BASE + reference}
            validator = jsonschema_rs.validator_for(schema, registry=self._registry)
            self._validators[reference] = validator
        if not validator.is_valid(body):
            raise _refusal(next(validator.iter_errors(body)))


@cache
def schemas_of(folder: Path) -> Schemas:
    """Read the schemas of a folder once for all who ask: they stay what they are while a process lives."""
    return Schemas(folder)


def _refusal(error: jsonschema_rs.ValidationError) -> Refusal:
    """Say where and which rule, never the value: it may be a token."""
    path: list[Any] = list(error.instance_path)
    if error.kind.name == "required":
        path.append(getattr(error.kind, "property", ""))
    pointer = "".join("/" + str(p).replace("~", "~0").replace("/", "~1") for p in path)
    rule = error.kind.name
    return Refusal(4001, f"The value at {pointer or '/'} breaks its rule {rule}.", pointer=pointer)
