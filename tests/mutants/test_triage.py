"""The triage says of each survivor what it is, and quotes the specification where that allows it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from mutants.mutant import Mutant
from mutants.triage import FILE, TriageError, drafted, read_triage, unquoted

SPEC = Path(__file__).resolve().parents[2] / "docs" / "spec"
MUTANT = Mutant("a.py", "A.f", "INT", "1", "2", 0, 1, 9)


def entry(**changes: Any) -> str:
    (members,) = yaml.safe_load(drafted(MUTANT))
    members |= {"class": "equivalent", "why": "nobody reads it"} | changes
    return yaml.safe_dump([{k: v for k, v in members.items() if v is not None}])


def test_the_triage_is_as_it_must_be() -> None:
    entries = read_triage(FILE.read_text("utf-8"))
    assert list(unquoted(entries.values(), SPEC)) == []


def test_a_draft_is_an_entry_once_it_has_a_class() -> None:
    (read,) = read_triage(entry()).values()
    assert read.mutant.id == MUTANT.id
    assert read.class_.is_right


def test_a_draft_without_a_class_is_none() -> None:
    with pytest.raises(TriageError, match=r"\$\[0\]\.class: '\?' is not one of"):
        read_triage(drafted(MUTANT))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[", "not YAML"),
        ("a: 1", "not of type 'array'"),
        ("- 1", "not of type 'object'"),
        (entry(why=None), "'why' is a required"),
        (entry(why=""), r"\.why"),
        (entry(before=1), "1 is not of type 'string'"),
        (entry(said="no"), "'said' was unexpected"),
        (entry(after="3"), "is no mutant; what stands there is"),
        (entry() + entry(), "stands there twice"),
        (entry(**{"class": "allowed"}), "'page' is a required"),
        (entry(page="events.md"), "'sentence' is a dependency of 'page'"),
    ],
)
def test_what_is_wrong_is_told(text: str, told: str) -> None:
    with pytest.raises(TriageError, match=told):
        read_triage(text)


@pytest.mark.parametrize(
    ("page", "sentence", "told"),
    [
        ("limits.md", "A server tells its limits in opened.limits: all of them", None),
        (
            "limits.md",
            "A server is never wrong.",
            "limits.md does not say 'A server is never wrong.'",
        ),
        ("nowhere.md", "A server", "there is no page nowhere.md"),
    ],
)
def test_what_allows_it_stands_in_the_specification(
    page: str, sentence: str, told: str | None
) -> None:
    text = entry(**{"class": "allowed", "page": page, "sentence": sentence})
    found = list(unquoted(read_triage(text).values(), SPEC))
    assert found == ([] if told is None else [f"{MUTANT.id}: {told}"])
