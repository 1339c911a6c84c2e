"""The numbers that the kit declares once: they are those of the schemas and of the specification."""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path
from typing import Any

import pytest

from omnisession_conformance.protocol import bounds
from omnisession_conformance.protocol.bounds import BOUND_MS, BOUND_S
from omnisession_conformance.protocol.limits import DEFAULT_LIMITS, limit_of
from omnisession_conformance.protocol.registry import load_registry
from omnisession_conformance.protocol.schemas import schemas_folder
from omnisession_conformance.protocol.version import PROTOCOL

SPEC = Path(__file__).parents[3] / "docs/spec"


def test_the_version_is_that_of_the_schemas_and_of_the_requirements() -> None:
    subjects = json.loads((schemas_folder() / "v1/subjects.json").read_text("utf-8"))
    assert subjects["version"] == PROTOCOL
    assert load_registry().version == PROTOCOL


def test_the_limits_are_those_of_the_schemas() -> None:
    common = json.loads((schemas_folder() / "v1/common.schema.json").read_text("utf-8"))
    limits = common["$defs"]["limits"]
    assert set(DEFAULT_LIMITS) == set(limits["required"])
    assert limits["examples"][0] == DEFAULT_LIMITS


def test_the_limits_are_those_of_the_page() -> None:
    page = (SPEC / "limits.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| ([\d ]+) \|", page, re.MULTILINE)
    assert {name: int(number.replace(" ", "")) for name, number in rows} == DEFAULT_LIMITS


@pytest.mark.parametrize("told", [None, "5", 0, -1, True, 5.0, []])
def test_a_limit_that_is_none_counts_as_not_told(told: Any) -> None:
    assert limit_of({"urls": told}, "urls") == DEFAULT_LIMITS["urls"]
    assert limit_of({"urls": 5}, "urls") == 5


def test_a_name_that_is_no_limit_is_refused() -> None:
    with pytest.raises(KeyError):
        limit_of({}, "url")


def test_the_bound_is_that_of_every_requirement_that_is_named_with_it() -> None:
    """Of some the registry has the sentence alone, and the page says the time beside it."""
    said = inspect.getsource(bounds)
    named = re.findall(r"\b[A-Z]+-\d{3}\b", said)
    assert len(named) == 9
    for requirement in map(load_registry().__getitem__, named):
        page, _, anchor = requirement.spec.partition("#")
        _, _, after = (SPEC / page).read_text("utf-8").partition(f"{{ #{anchor} .req }}")
        assert f" {BOUND_S:g} s" in " ".join(after.split("\n\n")[0].split()), requirement.id
    assert BOUND_MS == 1_000 * BOUND_S
