"""What people found out about mutants that survived, read from `triage.yaml`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from jsonschema import ValidationError, validate

from mutants.mutant import Mutant, flat

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

FILE = Path(__file__).with_name("triage.yaml")


class Class(StrEnum):
    """Why a mutant survives."""

    EQUIVALENT = "equivalent"
    """It does what the server does without it."""
    ALLOWED = "allowed"
    """It does something else, and a sentence of the specification allows that."""
    UNOBSERVABLE = "unobservable"
    """No client can see what it does."""
    MISSED = "missed"
    """The kit should have noticed it."""

    @property
    def is_right(self) -> bool:
        """Whether the server is as right with the mutant as without it."""
        return self is not Class.MISSED


_TEXT = {"type": "string", "minLength": 1}
_WHAT = ("file", "function", "operator", "before", "after")
_SCHEMA: dict[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "id": _TEXT,
            **{name: {"type": "string"} for name in _WHAT},
            "ordinal": {"type": "integer", "minimum": 1},
            "class": {"enum": [str(class_) for class_ in Class]},
            "why": _TEXT,
            "page": _TEXT,
            "sentence": _TEXT,
        },
        "required": ["id", *_WHAT, "class", "why"],
        "additionalProperties": False,
        "dependentRequired": {"page": ["sentence"], "sentence": ["page"]},
        "if": {"properties": {"class": {"const": "allowed"}}},
        "then": {"required": ["page", "sentence"]},
    },
}


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of one mutant; an allowed one quotes a sentence of a page of the specification."""

    mutant: Mutant
    class_: Class
    why: str
    page: str = ""
    sentence: str = ""


class TriageError(ValueError):
    """The file is not as it must be; says which entry, and what is wrong with it."""


def read_triage(text: str) -> Mapping[str, Entry]:
    """Read the entries by the ids of their mutants; raises TriageError."""
    try:
        listed: Any = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise TriageError(f"The triage is not YAML: {error}") from error
    try:
        validate(listed, _SCHEMA)
    except ValidationError as error:
        raise TriageError(f"At {error.json_path}: {error.message}") from error
    entries: dict[str, Entry] = {}
    for members in listed:
        entry = _entry(members)
        if entry.mutant.id != members["id"]:
            raise TriageError(
                f"{members['id']} is no mutant; what stands there is {entry.mutant.id}."
            )
        if entry.mutant.id in entries:
            raise TriageError(f"{entry.mutant.id} stands there twice.")
        entries[entry.mutant.id] = entry
    return entries


def _entry(members: Mapping[str, Any]) -> Entry:
    what = {name: members[name] for name in _WHAT}
    mutant = Mutant(**what, start=0, end=0, line=0, ordinal=members.get("ordinal", 0))
    quoted = {name: members.get(name, "") for name in ("page", "sentence")}
    return Entry(mutant, Class(members["class"]), members["why"], **quoted)


def unquoted(entries: Iterable[Entry], spec: Path) -> Iterator[str]:
    """Say which sentences do not stand on the pages of the specification that they are quoted from."""
    for entry in entries:
        if not entry.page:
            continue
        page = spec / entry.page
        if not page.is_file():
            yield f"{entry.mutant.id}: there is no page {entry.page}"
        elif _plain(entry.sentence) not in _plain(page.read_text("utf-8")):
            yield f"{entry.mutant.id}: {entry.page} does not say {entry.sentence!r}"


def _plain(text: str) -> str:
    return flat(re.sub(r"[*`]|\{[^}]*\}", "", text))


def drafted(mutant: Mutant) -> str:
    """Write the entry of a new survivor, for the file; its class is for people to find."""
    members = {"id": mutant.id, **{name: flat(getattr(mutant, name)) for name in _WHAT}}
    ordinal = {"ordinal": mutant.ordinal} if mutant.ordinal else {}
    listed = [{**members, **ordinal, "class": "?", "why": "?"}]
    return yaml.safe_dump(listed, sort_keys=False, allow_unicode=True, width=100)
