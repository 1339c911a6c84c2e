"""summary.json against its published schema."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from tests.kit.report.samples import SAMPLES, SECRET, TOKEN, all_green, failures, hostile
from tests.kit.report.snapshot import matches_snapshot

from omnisession_conformance.protocol.schemas.location import schemas_folder
from omnisession_conformance.protocol.verdict import Status
from omnisession_conformance.report.summary import SCHEMA, summary
from omnisession_conformance.report.words import Word

if TYPE_CHECKING:
    from omnisession_conformance.results import Results

SCHEMA_FILE = schemas_folder() / "kit" / "summary.schema.json"
VALIDATOR = Draft202012Validator(json.loads(SCHEMA_FILE.read_text("utf-8")))
VERDICTS = {
    "all-green": Word.CONFORMANT,
    "green-small-server": Word.CONFORMANT,
    "failures": Word.NOT_CONFORMANT,
    "many-failures": Word.NOT_CONFORMANT,
    "untested": Word.NOT_CONFORMANT,
    "null-target": Word.NO_VERDICT,
    "aborted": Word.NO_VERDICT,
    "interrupted": Word.INTERRUPTED,
    "filtered-green": Word.SELECTED_PASSED,
    "filtered-red": Word.SELECTED_FAILED,
    "nothing-ran": Word.NOTHING_TESTED,
}


def read(found: Results) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(summary(found))
    VALIDATOR.validate(told)  # pyright: ignore[reportUnknownMemberType]
    return told


@pytest.mark.parametrize("name", SAMPLES)
def test_it_keeps_its_schema(name: str) -> None:
    found = SAMPLES[name]().settled()
    told = read(found)
    assert told["schema"] == SCHEMA
    assert told["exit_code"] == found.end.exit_code
    assert sum(told["counts"]["requirements"].values()) == len(told["requirements"])
    assert told["conformant"] == (told["verdict"] == "conformant")
    assert SECRET not in json.dumps(told)
    assert TOKEN[:20] not in json.dumps(told)


@pytest.mark.parametrize("name", VERDICTS)
def test_it_says_the_verdict_in_one_word(name: str) -> None:
    assert read(SAMPLES[name]())["verdict"] == VERDICTS[name].value


def test_all_verdicts_are_in_the_schema() -> None:
    schema = json.loads(SCHEMA_FILE.read_text("utf-8"))["$defs"]
    assert schema["summary"]["properties"]["verdict"]["enum"] == [w.value for w in Word]
    assert json.loads(SCHEMA_FILE.read_text("utf-8"))["$id"] == SCHEMA
    assert schema["status"]["enum"] == [s.value for s in Status]


def test_it_reads_as_it_was_reviewed() -> None:
    matches_snapshot("failures.json", summary(failures()))


def test_a_run_without_its_footer_is_not_green() -> None:
    told = read(replace(all_green(), footer=None, targets=()))
    assert told["run_status"] == "aborted"
    assert told["counts"]["requirements"]["PASS"] == 0


def test_any_characters_are_ascii_in_it() -> None:
    assert summary(hostile()).isascii()
    found = all_green()
    odd = replace(found, header=replace(found.header, command="\ud800\x00é"))
    assert summary(odd).isascii()


def test_a_green_verdict_with_a_failing_exit_code_breaks_the_schema() -> None:
    told = read(all_green())
    assert not VALIDATOR.is_valid({**told, "exit_code": 1})  # pyright: ignore[reportUnknownMemberType]
    assert not VALIDATOR.is_valid({**told, "filtered": True})  # pyright: ignore[reportUnknownMemberType]
    assert not VALIDATOR.is_valid({**told, "run_status": "aborted"})  # pyright: ignore[reportUnknownMemberType]
