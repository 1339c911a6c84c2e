"""Judges bodies by the definitions of `schemas/v1`: fast by default, with reasons when asked."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import jsonschema_rs

from omnisession_conformance.protocol.json import is_object
from omnisession_conformance.protocol.schemas.classify import (
    ENVELOPE_REQUIREMENTS,
    REQUIREMENT_KEYWORD,
    SCHEMA,
)
from omnisession_conformance.protocol.schemas.location import schemas_folder
from omnisession_conformance.protocol.schemas.shortening import is_long, moved, shorten
from omnisession_conformance.protocol.schemas.violation import Violation

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from omnisession_conformance.protocol.schemas.explain import Explainer

_TOO_LONG: Final = {
    "pointer": "",
    "message": "is not valid, and too long to say where",
    "keyword": "",
    "expected": "a body as its schema says",
}
BASE_URI: Final = "https://omnisession.dev/schemas/v1/"


class UnknownDefinitionError(LookupError):
    """A reference names no definition of the schemas."""


class Checker:
    """Judges bodies by reference, such as `control.schema.json#/$defs/session.opened`.

    The schemas are read once; each definition is compiled when it is used first.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """Read the schemas of a folder, by default those of this installation."""
        folder = folder or schemas_folder() / "v1"
        self.documents: Mapping[str, Any] = {
            path.name: json.loads(path.read_text("utf-8"))
            for path in sorted(folder.glob("*.schema.json"))
        }
        self._registry = jsonschema_rs.Registry(
            [(BASE_URI + name, document) for name, document in self.documents.items()]
        )
        self._compiled: dict[str, jsonschema_rs.Draft202012Validator] = {}
        self._explainer: Explainer | None = None

    @cached_property
    def requirements(self) -> frozenset[str]:
        """The ids of the requirements that `explain` may name."""
        annotated = re.findall(
            rf'"{REQUIREMENT_KEYWORD}": "([A-Z]+-\d+)"', json.dumps(self.documents)
        )
        return frozenset(annotated) | ENVELOPE_REQUIREMENTS

    def is_valid(self, ref: str, body: Any) -> bool:
        """Tell whether a body is valid; UnknownDefinitionError when `ref` names nothing."""
        validator = self._compiled.get(ref) or self._compile(ref)
        try:
            return validator.is_valid(body)
        except ValueError:
            # Text that is no Unicode cannot cross into the fast library; the slow one takes it.
            return not is_long(body) and not self._explain(ref, body)

    def explain(self, ref: str, body: Any) -> list[Violation]:
        """Return every place where a body breaks a definition; empty exactly when it is valid.

        Of a body with very many values some places are returned.
        """
        self._require(ref)
        return self._explain(ref, body) if not is_long(body) else self._explain_long(ref, body)

    def _explain_long(self, ref: str, body: Any) -> list[Violation]:
        if self.is_valid(ref, body):
            return []
        if is_object(body):
            short, cuts = shorten(body, lambda part: self.is_valid(ref, part))
            found = [] if is_long(short) else self._explain(ref, short)
            if found:
                return [replace(v, pointer=moved(v.pointer, cuts)) for v in found]
        return [Violation(requirement=SCHEMA, **_TOO_LONG)]

    def _explain(self, ref: str, body: Any) -> list[Violation]:
        if self._explainer is None:
            # The explaining library takes longer to import than a whole run of good bodies needs.
            from omnisession_conformance.protocol.schemas.explain import Explainer  # noqa: PLC0415

            self._explainer = Explainer(self.documents, BASE_URI)
        return self._explainer.explain(ref, body)

    def _compile(self, ref: str) -> jsonschema_rs.Draft202012Validator:
        self._require(ref)
        validator = jsonschema_rs.Draft202012Validator(
            {"$ref": BASE_URI + ref}, registry=self._registry
        )
        self._compiled[ref] = validator
        return validator

    def _require(self, ref: str) -> None:
        name, _, path = ref.partition("#")
        node: Any = self.documents.get(name, {})
        for part in path.split("/")[1:]:
            node = node.get(part, {})
        if not node:
            files = ", ".join(self.documents)
            raise UnknownDefinitionError(
                f"There is no definition {ref!r}. Name a file of schemas/v1, or one of its "
                f"definitions as FILE#/$defs/NAME; the files are {files}."
            )
