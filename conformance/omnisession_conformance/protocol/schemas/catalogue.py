"""Frozen views on `subjects.json` and `errors.json`, the two tables of the protocol."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.json import is_object
from omnisession_conformance.protocol.schemas.location import schemas_folder
from omnisession_conformance.protocol.subjects import Side

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class ErrorDetail:
    """A member that `details` of an error may have."""

    name: str
    type: str
    what: str


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """One code of the catalogue.

    `requires` names members that every error of this code has: `retry_after_ms` or `details.x`.
    """

    code: int
    name: str
    retryable: bool
    profile: str
    meaning: str
    when: str
    details: tuple[ErrorDetail, ...]
    requires: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SubjectRow:
    """One row of the subject table: one direction of one subject.

    `dispatch` is the JSON pointer of the member that picks a definition, `definitions` has those
    by its value, and `otherwise` judges a body with any other value.
    """

    id: str
    family: str
    pattern: str
    publisher: tuple[Side, ...]
    subscriber: tuple[Side, ...]
    queue_group: str | None
    schema: tuple[str, ...]
    dispatch: str
    definitions: Mapping[str, str]
    otherwise: str
    profile: str
    what: str

    def definition(self, body: Mapping[str, Any]) -> str:
        """Return the reference of the definition that judges a body on this subject."""
        value: Any = body
        for name in self.dispatch[1:].split("/"):
            if not is_object(value):
                return self.otherwise
            value = value.get(name)
        return (
            self.definitions.get(value, self.otherwise)
            if isinstance(value, str)
            else self.otherwise
        )


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The two tables: subjects in the order of the file, errors by code, token limits in bytes."""

    version: str
    subjects: tuple[SubjectRow, ...]
    errors: Mapping[int, ErrorCode]
    token_limits: Mapping[str, int]

    def row(self, row_id: str) -> SubjectRow:
        """Return a row by its id; KeyError when there is none."""
        for row in self.subjects:
            if row.id == row_id:
                return row
        raise KeyError(f"subjects.json has no row {row_id!r}")

    def row_for(self, family: str, publisher: Side) -> SubjectRow | None:
        """Return the row of what one side publishes in a family of subjects, None if nothing."""
        for row in self.subjects:
            if row.family == family and publisher in row.publisher:
                return row
        return None


@cache
def catalogue() -> Catalogue:
    """Load both tables, once."""
    return load_catalogue(schemas_folder() / "v1")


def load_catalogue(folder: Path) -> Catalogue:
    """Load both tables from a folder."""
    subjects = json.loads((folder / "subjects.json").read_text("utf-8"))
    errors = json.loads((folder / "errors.json").read_text("utf-8"))
    codes = {entry["code"]: _error_code(entry) for entry in errors["errors"]}
    return Catalogue(
        version=subjects["version"],
        subjects=tuple(_subject_row(entry) for entry in subjects["subjects"]),
        errors=MappingProxyType(codes),
        token_limits=MappingProxyType(dict(subjects["tokens"]["max_bytes"])),
    )


def definition_for(family: str, body: Mapping[str, Any], publisher: Side) -> str | None:
    """Return the definition that judges a body which one side published in a family of subjects.

    None when that side has nothing to publish there, so that no definition can judge it.
    """
    row = _rows().get((family, publisher))
    return None if row is None else row.definition(body)


@cache
def _rows() -> Mapping[tuple[str, Side], SubjectRow]:
    # The first row wins: both rows of the family "reply" have the same definitions.
    return {
        (row.family, publisher): row
        for row in reversed(catalogue().subjects)
        for publisher in row.publisher
    }


def _error_code(entry: Mapping[str, Any]) -> ErrorCode:
    return ErrorCode(
        code=entry["code"],
        name=entry["name"],
        retryable=entry["retryable"],
        profile=entry["profile"],
        meaning=entry["meaning"],
        when=entry["when"],
        details=tuple(ErrorDetail(**detail) for detail in entry["details"]),
        requires=tuple(entry["requires"]),
    )


def _subject_row(entry: Mapping[str, Any]) -> SubjectRow:
    return SubjectRow(
        id=entry["id"],
        family=entry["family"],
        pattern=entry["pattern"],
        publisher=tuple(map(Side, entry["publisher"])),
        subscriber=tuple(map(Side, entry["subscriber"])),
        queue_group=entry["queue_group"],
        schema=tuple(entry["schema"]),
        dispatch=entry["dispatch"],
        definitions=MappingProxyType(dict(entry["definitions"])),
        otherwise=entry["otherwise"],
        profile=entry["profile"],
        what=entry["what"],
    )
