"""The rules as a whole: what they feed, and that each says what it judges."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.registry import load_registry
from omnisession_conformance.protocol.schemas import schemas_folder
from omnisession_conformance.protocol.schemas.classify import (
    LIST,
    NULLABLE,
    NUMBER,
    REQUIREMENT_KEYWORD,
    SCHEMA,
    TIME,
)
from omnisession_conformance.suite.server import role

if TYPE_CHECKING:
    from collections.abc import Iterator

FED = {name for rule in role().rules for name in rule.requirements}


def test_every_rule_feeds_requirements_that_exist_and_can_be_observed() -> None:
    registry = load_registry()
    for name in FED:
        assert registry[name].excluded is None, name


def annotated(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for name, value in node.items():  # pyright: ignore[reportUnknownVariableType]
            if name == REQUIREMENT_KEYWORD:
                yield str(value)  # pyright: ignore[reportUnknownArgumentType]
            yield from annotated(value)
    elif isinstance(node, list):
        for value in node:  # pyright: ignore[reportUnknownVariableType]
            yield from annotated(value)


def test_whatever_a_schema_finds_is_judged_by_a_sweep() -> None:
    found = {SCHEMA, TIME, NUMBER, LIST, NULLABLE}
    for path in (schemas_folder() / "v1").glob("*.schema.json"):
        found |= set(annotated(json.loads(path.read_text("utf-8"))))
    assert found <= FED, found - FED


def test_all_that_the_registry_calls_a_sweep_has_a_rule() -> None:
    said = {r.id for r in load_registry() if "sweep" in (r.observe or "")}
    assert said <= FED, said - FED


def test_every_rule_says_what_it_judges() -> None:
    for rule in role().rules:
        assert (rule.run.__doc__ or "").split()[0] in ("Judges", "Reports"), rule.name
