"""Several roles in one registry: each is run, judged and counted by what binds it, and by nothing else."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Any

import pytest
from tests.kit.core.toy_role import COMMAND, ToyDriver, ToyRole, registry, requirement

from omnisession_conformance import suite
from omnisession_conformance.engine.conduct import conduct
from omnisession_conformance.engine.plan import (
    Catalogue,
    Means,
    Selection,
    choose,
    make_plan,
    select,
)
from omnisession_conformance.engine.stopper import Stopper
from omnisession_conformance.environment.settings import Settings
from omnisession_conformance.errors import UsageError
from omnisession_conformance.outputs.folder import ReportFolder
from omnisession_conformance.outputs.wording import of_check
from omnisession_conformance.protocol.registry import Registry, load_registry
from omnisession_conformance.protocol.subjects import Side
from omnisession_conformance.protocol.verdict import Status
from omnisession_conformance.report import RESULTS_FILE
from omnisession_conformance.results import Exit, read_results
from omnisession_conformance.roles.client.leaving import LeavingError
from omnisession_conformance.selftest.plan import Suite, Wish, demanded
from omnisession_conformance.traffic.record import Party
from omnisession_conformance.traffic.redact import Redactor

if TYPE_CHECKING:
    from pathlib import Path

    from omnisession_conformance.engine.events import RunOutcome, Subscriber


ENDS = (sys.executable, "-c", "")
SERVERS, ROBOTS = Selection(), Selection(role="robot")
BIND_SERVERS = suite.server.role().binds
OF_SERVERS = [r.id for r in load_registry() if r.role in BIND_SERVERS]
MEANS = Means(frozenset({"core"}), frozenset(), may_disrupt=True)


@pytest.fixture
def both() -> Catalogue:
    """What a kit that tests servers and robots could judge."""
    return Catalogue(registry(), (suite.server.role(), ToyRole()))


def run(both: Catalogue, selection: Selection, *subscribers: Subscriber) -> RunOutcome:
    settings = Settings(command=COMMAND if selection.role == "robot" else ENDS)
    return asyncio.run(conduct(settings, choose(both, selection), subscribers, Stopper()))


def ids(registry: Registry) -> list[str]:
    return [r.id for r in registry]


def of_servers() -> Registry:
    return load_registry().binding({"server", "any"})


# -- what is selected -------------------------------------------------------------------------------------


def test_a_run_is_about_what_binds_its_role(both: Catalogue) -> None:
    assert ids(both.of("server").registry) == OF_SERVERS
    assert ids(both.of("robot").registry) == ["TOY-001", "TOY-002"]
    assert both.registry.roles == ("server", "robot", "deployment", "client")
    assert both.of("server").of("server") == both.of("server")


def test_checks_are_those_of_the_role(both: Catalogue) -> None:
    assert list(select(both, SERVERS)) == list(suite.catalogue().checks())
    assert [str(check) for check in select(both, ROBOTS)] == [
        "TOY-001@opens",
        "TOY-001@sweep",
        "TOY-002@closes",
    ]
    assert len(both.checks()) == len(suite.catalogue().checks()) + 3


def test_a_plan_runs_the_cases_of_the_role(both: Catalogue) -> None:
    plan = make_plan(choose(both, ROBOTS), MEANS)
    assert [case.name for case in plan.cases] == ["opens", "closes"]
    cases = {case.name for case in make_plan(choose(both, SERVERS), MEANS).cases}
    assert cases
    assert not cases & {"opens", "closes"}


@pytest.mark.parametrize(
    ("selection", "said"),
    [
        (
            Selection(only=("TOY-001",)),
            "TOY-001 binds a target of role 'robot', and this run judges one of role 'server'",
        ),
        (Selection(skip=("TOY-002@closes",)), "TOY-002 binds a target of role 'robot'"),
        (Selection(role="robot", only=("CTRL-001",)), "of role 'server'.* of role 'robot'"),
        (Selection(profiles=("hybrid",)), "no profile 'hybrid'"),
        (Selection(role="robot", profiles=("events",)), "no profile 'events'"),
        (Selection(cases=("opens",)), "no case 'opens'"),
        (Selection(role="judge"), "no role 'judge'. There are server, robot"),
    ],
)
def test_what_is_of_another_role_is_refused(
    both: Catalogue, selection: Selection, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        select(both, selection)


def test_profiles_are_those_of_the_role(both: Catalogue) -> None:
    assert select(both, Selection(role="robot", profiles=("core",)))
    assert both.profiles[-1] == "hybrid"


# -- what is run ------------------------------------------------------------------------------------------


@pytest.mark.dear
def test_a_case_that_cannot_be_left_ends_the_run(
    both: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def leave(driver: ToyDriver, context: object) -> None:
        del driver, context
        raise LeavingError("The kit has not left it.")

    monkeypatch.setattr(ToyDriver, "leave", leave)
    outcome = run(both, ROBOTS)
    assert outcome.lost == "The kit has not left it."


def test_the_engine_runs_a_role_that_it_does_not_know(both: Catalogue) -> None:
    outcome = run(both, ROBOTS)
    assert outcome.lost is None
    assert {str(v.check): v.status for v in outcome.verdicts} == {
        "TOY-001@opens": Status.PASS,
        "TOY-001@sweep": Status.PASS,
        "TOY-002@closes": Status.FAIL,
    }
    assert outcome.facts is not None
    role = both.role("robot")
    assert isinstance(role, ToyRole)
    (driver,) = role.drivers
    assert driver.asked[:2] == ["start", "probe"]
    assert [a for a in driver.asked if a.startswith("leave")] == ["leave opens", "leave closes"]


def test_what_the_kit_sends_as_the_server_is_of_that_side(both: Catalogue) -> None:
    outcome = run(both, ROBOTS)
    told = {(r.party, r.type): r.side for r in outcome.records if r.type}
    assert told[Party.TARGET, "session.open"] is Side.CLIENT
    assert told[Party.KIT, "session.opened"] is Side.SERVER


def results(both: Catalogue, selection: Selection, folder: Path) -> dict[str, list[dict[str, Any]]]:
    wording = of_check(["omnisession", "check"], Redactor(), 7)
    with ReportFolder(folder, Redactor(), wording) as report:
        report.write_reports(report.results(run(both, selection, *report.subscribers)))
    lines: dict[str, list[dict[str, Any]]] = {}
    for text in (folder / RESULTS_FILE).read_text("utf-8").splitlines():
        line = json.loads(text)
        lines.setdefault(line["line"], []).append(line)
    return lines


@pytest.mark.dear
def test_a_report_counts_what_binds_the_role(both: Catalogue, tmp_path: Path) -> None:
    found = results(both, ROBOTS, tmp_path)
    (header,) = found["header"]
    assert header["selection"]["of"] == 2
    assert header["selection"]["requirements"] == ["TOY-001", "TOY-002"]
    assert [line["id"] for line in found["requirement"]] == ["TOY-001", "TOY-002"]
    (footer,) = found["footer"]
    assert footer["requirements"]["PASS"] == footer["requirements"]["FAIL"] == 1
    assert footer["exit_code"] == Exit.NOT_CONFORMANT
    said = (tmp_path / "report.txt").read_text("utf-8")
    assert "1 of 2 requirements failed (TOY-002)" in said


def test_a_server_is_not_asked_for_what_binds_robots(both: Catalogue, tmp_path: Path) -> None:
    """No server is there; what was to be judged is told all the same."""
    found = results(both, SERVERS, tmp_path)
    (header,) = found["header"]
    assert header["selection"]["of"] == len(OF_SERVERS)
    assert [line["id"] for line in found["requirement"]] == OF_SERVERS
    assert read_results(tmp_path / RESULTS_FILE).end.exit_code == Exit.NO_VERDICT


# -- the self-test ----------------------------------------------------------------------------------------


def test_a_server_needs_no_faults_for_what_binds_robots(both: Catalogue) -> None:
    servers = load_registry().binding(BIND_SERVERS)
    assert demanded(both.of("server").registry, Wish()) == demanded(servers, Wish())
    assert demanded(both.of("robot").registry, Wish()) == ("TOY-001", "TOY-002")


def test_only_its_own_cases_are_dealt_out(both: Catalogue) -> None:
    assert Suite.of(both.of("robot")).cases == ("opens", "closes")
    assert Suite.of(both.of("server")) == Suite.of(suite.catalogue())


def test_null_targets_are_those_of_the_role(both: Catalogue) -> None:
    (null,) = both.role("robot").nulls(("robot",))
    assert null.command == ("robot", "--mute")
    names = [n.name for n in both.role("server").nulls(("serve",))]
    assert names == ["absent", "silent", "echo", "garbage", "replay", "half-way", "by-word"]


def test_any_binds_servers_alone_where_others_are_asked_by_ids_of_their_own() -> None:
    both_sides = Registry("1.0", (requirement("ENV-001", role="any"), requirement("TOY-001")))
    kit = Catalogue(both_sides, (suite.server.role(), ToyRole()))
    assert ids(kit.of("server").registry) == ["ENV-001"]
    assert ids(kit.of("robot").registry) == ["TOY-001"]
