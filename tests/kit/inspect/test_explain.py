from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.kit.inspect.conftest import CHECKS

from omnisession_conformance.cli.inspect import explain
from omnisession_conformance.protocol.excuses import EXCUSES
from omnisession_conformance.protocol.findings import CODES
from omnisession_conformance.protocol.registry import load_registry
from omnisession_conformance.protocol.schemas import catalogue

if TYPE_CHECKING:
    from tests.kit.inspect.conftest import Run


def flat(text: str) -> str:
    return " ".join(text.split())


def test_a_requirement_is_explained_from_text_to_command(run: Run) -> None:
    ran = run(explain, "STATE-003")
    wanted = load_registry()["STATE-003"]
    assert ran.code == 0
    for part in (wanted.title, wanted.text, wanted.observe, wanted.level):
        assert flat(part) in flat(ran.said)
    assert "docs/spec/state.md#state-003" in ran.said
    assert "  STATE-003@open-order\n      Opens with every kind.\n" in ran.said
    assert "needs events, hook:restart" in ran.said
    assert "--allow-disruption" in ran.said
    assert "judges every message of the target" in ran.said
    assert ran.said.endswith("  omnisession check --only STATE-003\n")
    assert max(map(len, ran.said.splitlines())) <= 100


def test_letters_may_be_small(run: Run) -> None:
    assert run(explain, "state-003").said == run(explain, "STATE-003").said


def test_a_check_is_explained_alone(run: Run) -> None:
    ran = run(explain, "STATE-003@open-order")
    assert "STATE-003@sweep" not in ran.said
    assert ran.said.endswith("  omnisession check --only STATE-003@open-order\n")


def test_a_requirement_without_a_check_says_so(run: Run) -> None:
    ran = run(explain, "STATE-001")
    assert "checks      none: " in ran.said
    assert "omnisession check" not in ran.said


def test_every_requirement_and_every_error_can_be_explained(run: Run) -> None:
    for requirement in load_registry():
        assert requirement.title in run(explain, requirement.id).said
    for code, error in catalogue().errors.items():
        assert run(explain, str(code)).said.startswith(f"{code} {error.name}\n")


def test_an_error_is_explained_by_code_or_name(run: Run) -> None:
    ran = run(explain, "4091")
    assert "CLIENT_SEQ_GAP" in ran.said
    assert "send the same bytes again" in ran.said
    assert "expected (integer)" in ran.said
    assert run(explain, "client_seq_gap") == ran
    assert "no: the outcome is final" in run(explain, "4092").said


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("STATE-03", "There is no requirement 'STATE-03' in version 1.0. Did you mean"),
        ("STATE-003@nope", "no check 'STATE-003@nope'. STATE-003 has STATE-003@open-order"),
        ("STATE-001@nope", "STATE-001 has no check at all"),
        ("4999", "There is no error code 4999. Protocol 1.0 has 4000, "),
        ("weather", "`omnisession list` shows them all"),
    ],
)
def test_an_unknown_name_is_an_error_with_the_way_out(run: Run, name: str, told: str) -> None:
    ran = run(explain, name)
    assert ran.code == 4
    assert told in ran.said


@pytest.mark.parametrize(
    ("name", "binds"),
    [("CLI-001", "clients"), ("CTRL-001", "servers"), ("ENV-001", "servers and clients")],
)
def test_whom_it_binds(run: Run, name: str, binds: str) -> None:
    assert f"\nbinds       {binds}\n" in run(explain, name).said


def test_a_requirement_of_clients_says_how_it_is_checked(run: Run) -> None:
    said = run(explain, "CLI-034").said
    assert "(a client that does not declare it is not judged)" in said
    assert "what its adapter reports" in flat(said)
    assert "what its connection sends is all" in flat(said)
    assert said.endswith("  omnisession check --role client --only CLI-034@sweep\n")
    core = run(explain, "CLI-006").said
    assert "profile     core (a client that does not declare it is not judged)" in core
    assert "--role" not in run(explain, "CTRL-001").said


def test_programs_are_told_the_same(run: Run) -> None:
    told = json.loads(run(explain, "STATE-003", "--json").said)
    assert (told["kind"], told["id"]) == ("requirement", "STATE-003")
    assert told["text"] == load_registry()["STATE-003"].text
    checks = {check["check"]: check for check in told["checks"]}
    assert list(checks) == [str(c) for c in CHECKS if c.requirement == "STATE-003"]
    assert checks["STATE-003@reopen-live"]["needs"] == ["events", "hook:restart"]
    assert checks["STATE-003@sweep"]["case"] is None
    alone = json.loads(run(explain, "STATE-003@sweep", "--json").said)
    assert [check["check"] for check in alone["checks"]] == ["STATE-003@sweep"]
    error = json.loads(run(explain, "4091", "--json").said)
    assert (error["kind"], error["code"], error["name"]) == ("error", 4091, "CLIENT_SEQ_GAP")
    assert "ACTION-012" in error["requirements"]


def test_every_code_of_the_kit_is_explained(run: Run) -> None:
    for excuse, about in EXCUSES.items():
        assert flat(about.what) in flat(run(explain, excuse.value).said)
        told = json.loads(run(explain, excuse.value, "--json").said)
        assert (told["kind"], told["code"]) == ("excuse", excuse.value)
    for code, what in CODES.items():
        assert flat(what) in flat(run(explain, code).said)
        assert json.loads(run(explain, code, "--json").said) == {
            "kind": "finding",
            "code": code,
            "what": what,
        }
