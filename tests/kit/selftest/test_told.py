"""How a self-test is told: terminal, Markdown and JSON, each as it was reviewed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from rich.console import Console
from tests.kit.report.snapshot import matches_snapshot
from tests.kit.selftest.made import (
    ABOUT,
    REGISTRY,
    by_generation,
    control,
    fault_trials,
    faults,
    matrix,
    nulls,
    ran,
    remark,
    trial,
    variants,
)

from omnisession_conformance.protocol.schemas.location import schemas_folder
from omnisession_conformance.protocol.verdict import Status
from omnisession_conformance.selftest.judging import Outcome
from omnisession_conformance.selftest.listing import Listing
from omnisession_conformance.selftest.matrix import Matrix, Verdict
from omnisession_conformance.selftest.report.document import SCHEMA, document
from omnisession_conformance.selftest.report.markdown import markdown
from omnisession_conformance.selftest.report.terminal import WIDTH, Progress, compose, progress_line
from omnisession_conformance.selftest.schedule import Schedule
from omnisession_conformance.selftest.trial import Kind, Scope

SCHEMA_FILE = schemas_folder() / "kit" / "matrix.schema.json"
VALIDATOR = Draft202012Validator(json.loads(SCHEMA_FILE.read_text("utf-8")))
FOLDER = Path("report-selftest")
PASS, FAIL = Status.PASS, Status.FAIL
HOSTILE = "\x1b[31m<b>|`x`\n" + "long " * 60


def proved() -> Matrix:
    listing = Listing(faults("late", "early"), variants("slow"), nulls("silent"))
    return matrix(
        listing,
        control(),
        *fault_trials("late", FAIL, FAIL),
        *fault_trials("early", FAIL),
        ran(trial(Kind.VARIANT, "slow", Scope.SHARD, "2/8")),
        ran(trial(Kind.NULL, "silent"), passed=0, exit_code=3, lost="nobody answered"),
        demanded=("CTRL-007",),
    )


def not_proved() -> Matrix:
    listing = Listing(
        faults("late", "early", "odd", "stuck", "shy"),
        variants("slow", "loud", "gone", "lame"),
        nulls("silent", "echo"),
    )
    blamed = (
        remark("CTRL-008@sweep"),
        remark("DISC-001@sweep", Status.WARN, HOSTILE),
        *(remark(f"CTRL-00{n}@sweep") for n in range(1, 5)),
    )
    return matrix(
        listing,
        control(),
        *fault_trials("late", PASS, PASS),
        *fault_trials("early", FAIL, PASS),
        *fault_trials("odd", PASS),
        ran(trial(Kind.FAULT, "odd"), CTRL_007=PASS, CTRL_008=FAIL, DISC_001=Status.WARN),
        ran(
            trial(Kind.FAULT, "stuck", Scope.REQUIREMENT), failed="the trial took longer than 90 s"
        ),
        *fault_trials("shy", FAIL),
        ran(trial(Kind.VARIANT, "slow", Scope.SHARD, "2/8"), remarks=blamed),
        ran(trial(Kind.VARIANT, "loud")),
        ran(replace(trial(Kind.VARIANT, "lame"), again="CTRL-007@sweep is FAIL: it was late")),
        ran(trial(Kind.VARIANT, "gone"), lost="the target exited with code 1"),
        ran(trial(Kind.NULL, "silent"), passed=0, exit_code=3),
        ran(trial(Kind.NULL, "echo"), passed=2),
        demanded=("CTRL-007", "CTRL-001"),
        about=replace(ABOUT, seed=7),
    )


def no_verdict() -> Matrix:
    wrong = "CTRL-007@sweep is FAIL: no pong within 2 s"
    return matrix(Listing(faults("late")), about=replace(ABOUT, control=wrong))


def interrupted() -> Matrix:
    about = replace(ABOUT, interrupted="SIGINT received", filtered=True)
    return matrix(Listing(faults("late", "early")), *fault_trials("late", FAIL), about=about)


def seen_by_generation() -> Matrix:
    return by_generation(*[(FAIL, None)] * 5, (None, FAIL), (None, FAIL), *[(None, None)] * 2)


def unseen_by_generation() -> Matrix:
    return by_generation((FAIL, None), (None, FAIL), (None, None))


MADE = {
    "proved": proved,
    "not-proved": not_proved,
    "no-verdict": no_verdict,
    "interrupted": interrupted,
    "generated": seen_by_generation,
    "generated-too-little": unseen_by_generation,
}


@pytest.mark.parametrize("name", MADE)
def test_the_terminal_reads_as_it_was_reviewed(name: str) -> None:
    lines = [line.plain for line in compose(MADE[name](), FOLDER).lines]
    matches_snapshot(f"selftest-{name}.txt", "\n".join(lines) + "\n")
    commands = [line for line in lines if "again: " in line]
    assert all(len(line) <= WIDTH for line in lines if line not in commands)
    assert "\x1b" not in "".join(lines)


@pytest.mark.parametrize("name", MADE)
def test_the_markdown_reads_as_it_was_reviewed(name: str) -> None:
    matches_snapshot(f"selftest-{name}.md", markdown(MADE[name]()))


@pytest.mark.parametrize("name", MADE)
def test_the_json_keeps_its_schema(name: str) -> None:
    made = MADE[name]()
    told = json.loads(document(made))
    VALIDATOR.validate(told)  # pyright: ignore[reportUnknownMemberType]
    assert (told["verdict"], told["exit_code"]) == (made.verdict.value, made.exit_code)
    assert [row["name"] for row in told["faults"]] == [row.name for row in made.faults]
    matches_snapshot(f"selftest-{name}.json", document(made))


def test_words_of_the_schema_are_those_of_the_kit() -> None:
    schema = json.loads(SCHEMA_FILE.read_text("utf-8"))
    assert schema["$id"] == SCHEMA
    defs = schema["$defs"]
    assert defs["matrix"]["properties"]["verdict"]["enum"] == [v.value for v in Verdict]
    named = [defs[kind]["properties"]["outcome"]["enum"] for kind in ("fault", "variant", "null")]
    assert {name for names in named for name in names} == {o.value for o in Outcome}


def test_what_went_wrong_is_told_first_and_the_verdict_last() -> None:
    lines = [line.plain for line in compose(not_proved(), FOLDER).lines]
    assert lines[0].startswith("Faults that were not caught")
    assert lines[-2] == (
        "NOT PROVED: 4 surviving faults, 2 flagged variants, 1 green null target, "
        "1 MUST without a fault"
    )
    told = [line.plain for line in compose(proved(), FOLDER).lines]
    assert len(told) <= 5


def test_progress_in_a_log_and_on_a_terminal() -> None:
    schedule = Schedule.of(REGISTRY, Listing(), [trial(Kind.CONTROL, "control")])
    for terminal in (True, False):
        console = Console(force_terminal=terminal, width=80, record=True, quiet=False)
        with Progress(console, "./server", 2) as progress:
            progress.update(schedule)
        assert "Trying the kit on ./server, 2 trials at a time" in console.export_text()
    assert progress_line(3, 12, 4.2) == "━━━━━╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌  3 of 12 trials · 4 s"
