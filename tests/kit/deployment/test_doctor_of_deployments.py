"""What `omnisession doctor` says that each may do on the broker: no verdict, and nothing untried."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest
from rich.console import Console
from tests.kit.deployment.judged import deployed
from tests.kit.report.snapshot import matches_snapshot

from omnisession_conformance.cli.doctor import show
from omnisession_conformance.engine.finding import Finding
from omnisession_conformance.roles.deployment import attempts
from omnisession_conformance.roles.deployment.attempt import Attempt
from omnisession_deployments.cli import place_of
from omnisession_deployments.place import PASSWORD, Place

if TYPE_CHECKING:
    from tests.kit.command.inside import Inside

    from omnisession_deployments.place import Place as Deployment


def found(inside: Inside, place: Deployment) -> list[Finding]:
    with deployed(place, inside.folder):
        ran = inside.omnisession("doctor", "--json")
    assert PASSWORD not in ran.out + ran.err
    told = json.loads(ran.out)
    # What is open is for whoever runs the broker: a run is possible.
    assert (ran.code, told["exit_code"]) == (0, 0)
    return [Finding(**one) for one in told["findings"]]


def shown(findings: list[Finding]) -> str:
    told = io.StringIO()
    show(findings, Console(file=told, width=100, force_terminal=True, color_system=None))
    return "\n".join(line.rstrip() for line in told.getvalue().splitlines()) + "\n"


def test_what_a_wrong_deployment_lets_each_do(inside: Inside) -> None:
    findings = found(inside, place_of("open-all", "no-server", None))
    matches_snapshot("doctor-of-an-open-deployment.txt", shown(findings))
    assert {one.mark for one in findings} == {"ok", "warn", "note"}


@pytest.mark.dear
def test_what_a_right_deployment_lets_each_do(inside: Inside) -> None:
    findings = found(inside, Place())
    assert {one.mark for one in findings} == {"ok"}, shown(findings)
    assert [one.what for one in findings if one.what.endswith(" may not")] == [
        *("anonymous may not", "ann may not", "bob may not", "* may not"),
        *("the server may not", "the tenant may not"),
    ]


@pytest.mark.dear
@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("anonymous", "anonymous may: connect without credentials (SECU-011)"),
        ("server-hears-inboxes", "the server may: do more than a server needs (SECU-015)"),
        ("one-account", "the tenant may: reach another tenant (SECU-014)"),
        ("allow-responses", "ann may: answer messages (SECU-005)"),
    ],
)
def test_what_is_open_is_a_warning(inside: Inside, fault: str, told: str) -> None:
    findings = found(inside, place_of(fault, None, None))
    warned = [f"{one.what}: {one.text}" for one in findings if one.mark == "warn"]
    assert any(line.startswith(told) for line in warned), warned


@pytest.mark.dear
def test_what_no_identity_was_given_for_is_not_claimed(inside: Inside) -> None:
    bare = place_of(None, "no-tenant", None).without("server").without("*")
    notes = [f"{one.what}: {one.text}" for one in found(inside, bare) if one.mark == "note"]
    assert [(note.partition(":")[0], "not claimed" in note) for note in notes] == [
        ("server", True),
        ("tenant", True),
        ("odd id", True),
    ]


def test_every_list_of_attempts_is_told() -> None:
    kinds = (*attempts.OF_CLIENTS, attempts.OF_SERVERS_USER, attempts.ACROSS_TENANTS)
    told = [kind.attempts for kind in kinds]
    left = {"TRACES", "RIGHT_OF_SERVERS"}
    for name, value in vars(attempts).items():
        if isinstance(value, tuple) and isinstance(value[0], Attempt) and name not in left:
            assert value in told, name
