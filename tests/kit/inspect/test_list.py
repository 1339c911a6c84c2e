from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import click
import pytest

from omnisession_conformance.cli import inspect
from omnisession_conformance.cli.inspect import list_
from omnisession_conformance.protocol.registry import load_registry

if TYPE_CHECKING:
    from tests.kit.inspect.conftest import Run


def test_everything_is_listed_by_area(run: Run) -> None:
    ran = run(list_)
    registry = load_registry()
    assert ran.code == 0
    assert all(f"  {r.id} " in ran.said for r in registry)
    assert ran.said.startswith("Subjects (SUBJ)\n  SUBJ-001")
    assert ran.said.endswith(f"\n{len(registry)} requirements, protocol 1.0\n")
    assert max(map(len, ran.said.splitlines())) <= 100


def test_filters_add_up(run: Run) -> None:
    ran = run(list_, "--area", "state", "--area", "ART", "--profile", "articles", "--level", "must")
    listed = {line.split()[0] for line in ran.said.splitlines() if line.startswith("  ")}
    assert listed
    assert {i.partition("-")[0] for i in listed} <= {"STATE", "ART"}
    registry = load_registry()
    assert {registry[i].profile for i in listed} == {"articles"}
    assert f"{len(listed)} requirements of {len(registry)}, protocol 1.0" in ran.said


def test_a_level_includes_its_not(run: Run) -> None:
    ran = run(list_, "--level", "MUST")
    assert " MUST NOT " in ran.said
    assert " SHOULD " not in ran.said


def test_checks_stand_below_their_requirement(run: Run) -> None:
    lines = run(list_, "--area", "STATE", "--cases").said.splitlines()
    at = next(n for n, line in enumerate(lines) if "STATE-003 " in line)
    assert [line.strip() for line in lines[at + 1 : at + 4]] == [
        "STATE-003@open-order",
        "STATE-003@reopen-live",
        "STATE-003@sweep",
    ]
    assert "no check: " in lines[at - 1]


def test_json_holds_every_member(run: Run) -> None:
    entries = json.loads(run(list_, "--area", "STATE", "--json", "--cases").said)
    by_id = {e["id"]: e for e in entries}
    assert by_id["STATE-003"]["checks"][0] == "STATE-003@open-order"
    assert by_id["STATE-001"]["checks"] == []
    assert by_id["STATE-003"]["text"] == load_registry()["STATE-003"].text
    plain = json.loads(run(list_, "--area", "STATE", "--json").said)
    assert "checks" not in plain[0]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--area", "STAET"), "No requirement has the area 'STAET'. Did you mean STATE?"),
        (("--profile", "event"), "No requirement has the profile 'event'. Did you mean events?"),
        (("--profile", "zzz"), "There are core, "),
    ],
)
def test_an_unknown_name_is_an_error_with_the_way_out(
    run: Run, arguments: tuple[str, str], told: str
) -> None:
    ran = run(list_, *arguments)
    assert ran.code == 4
    assert told in ran.said


def test_an_unknown_level_is_a_usage_error(run: Run) -> None:
    with pytest.raises(click.UsageError, match="must"):
        run(list_, "--level", "MAY")


def test_whom_a_requirement_binds_is_shown_with_its_profile(run: Run) -> None:
    said = run(list_).said
    assert re.search(r"^  CLI-004 +MUST +client:states +", said, re.MULTILINE)
    assert re.search(r"^  CTRL-001 +MUST +server:core +", said, re.MULTILINE)
    # What binds both sides is in no profile of either alone.
    assert re.search(r"^  ENV-001 +MUST( NOT)? +core +", said, re.MULTILINE)


def test_no_role_is_told_where_there_is_only_one(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    servers = load_registry().binding({"server", "any"})
    monkeypatch.setattr(inspect, "load_registry", lambda: servers)
    said = run(list_).said
    assert re.search(r"^  CTRL-001 +MUST +core +", said, re.MULTILINE)
    assert "server:" not in said


def test_a_role_or_its_profile_can_be_listed_alone(run: Run) -> None:
    def listed(*arguments: str) -> set[str]:
        entries = json.loads(run(list_, *arguments, "--json").said)
        return {f"{e['role']}:{e['profile']}" for e in entries}

    assert {whole.partition(":")[0] for whole in listed("--role", "client")} == {"client"}
    assert {whole.partition(":")[0] for whole in listed("--role", "server")} == {"server", "any"}
    assert listed("--profile", "client:core") == {"client:core"}
    assert {"client:core", "server:core"} <= listed("--profile", "core")
