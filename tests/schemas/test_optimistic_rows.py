"""The rows of the optimistic view are as their schema says, valid, and made by the model."""

from __future__ import annotations

import json
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from omnisession_conformance.protocol.model.optimistic.rules import RULES
from omnisession_conformance.protocol.registry import load_registry
from omnisession_conformance.protocol.schemas import schemas_folder
from vectors.made import made

if TYPE_CHECKING:
    from pathlib import Path

    from omnisession_conformance.protocol.schemas.check import Checker

FOLDER = schemas_folder() / "vectors"
FILES = sorted((FOLDER / "optimistic").iterdir())
ALL = pytest.mark.parametrize("path", FILES, ids=attrgetter("stem"))
ENVELOPE = {"v": "1.0", "user_id": "ann", "session_id": "s", "timestamp": 1}
PLACE = {"epoch": 1, "seq": 1, "last_action_seq": 0, "reason": "change"}


def read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def test_files_are_what_the_model_makes() -> None:
    there = {path.relative_to(FOLDER).as_posix(): path.read_text("utf-8") for path in FILES}
    wanted = {name: text for name, text in made().items() if name.startswith("optimistic/")}
    assert there == wanted, "make generate"


@ALL
def test_a_file_is_as_the_schema_says(path: Path) -> None:
    schema = json.loads((FOLDER / "optimistic.schema.json").read_text("utf-8"))
    validator: Any = Draft202012Validator(schema)
    assert [error.message for error in validator.iter_errors(read(path))] == []
    names = [row["name"] for row in read(path)]
    assert len(set(names)) == len(names)


@ALL
def test_slices_and_actions_are_valid(path: Path, checker: Checker) -> None:
    registry = load_registry()
    for row in read(path):
        assert {name for name in row["requirements"] if name not in registry} == set()
        for slice_ in row["slices"].values():
            state = {**ENVELOPE, **PLACE, "type": "session.state", "data": slice_}
            assert checker.is_valid("state.schema.json", state), checker.explain(
                "state.schema.json", state
            )
        for action in row["pending"]:
            body = {**ENVELOPE, **action, "client_seq": 1}
            assert checker.is_valid("action.schema.json", body), checker.explain(
                "action.schema.json", body
            )


def test_each_rule_changes_a_view_in_some_row_and_leaves_one_as_it_is() -> None:
    """Each type of action does something in one row, and in some row, of any type, nothing is done."""
    rows = [row for path in FILES for row in read(path)]
    alone = [row for row in rows if len(row["pending"]) == 1]
    does = {row["pending"][0]["type"] for row in alone if row["view"] != row["slices"]}
    assert does == RULES.keys()
    assert any(row["view"] == row["slices"] and len(row["pending"]) > 1 for row in rows)
