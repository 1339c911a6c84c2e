"""What a run will do, decided from a small catalogue that the tests make up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from omnisession_conformance.engine.case import Case, Phase
from omnisession_conformance.engine.plan import (
    Catalogue,
    Means,
    Selection,
    choose,
    make_plan,
    select,
)
from omnisession_conformance.engine.sweep import Rule, Sweep
from omnisession_conformance.errors import NothingToRunError, UsageError
from omnisession_conformance.protocol.declared import Declared
from omnisession_conformance.protocol.limits import DEFAULT_LIMITS, FLOORS
from omnisession_conformance.protocol.registry import load_registry
from omnisession_conformance.protocol.verdict import CheckId, Status
from omnisession_conformance.roles.server.role import ServerRole

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reading.trace import Trace


async def nothing(_: Context) -> None:
    return None


def no_rule(trace: Trace, sweep: Sweep) -> None:
    del trace, sweep


CASES = (
    Case("plain", ("CTRL-001", "CTRL-002"), nothing),
    Case("with-events", ("CTRL-002",), nothing, needs=("events",)),
    Case("by-editor", ("ART-010",), nothing, needs=("articles", "role:editor")),
    Case("garbage", ("ERR-005",), nothing, phase=Phase.HOSTILE),
    Case("expiry", ("CTRL-016",), nothing, slow=True),
    Case("lonely", ("SEC-007",), nothing, alone=True),
)
FLOORS_CASE = Case("floors", ("LIMIT-005",), nothing)
CATALOGUE = Catalogue(
    load_registry(), (ServerRole(CASES, (Rule("order", ("ORDER-001",), no_rule),)),)
)
ALL = Means(
    profiles=frozenset({"core", "events", "digests", "articles"}),
    offers=frozenset({"role:editor"}),
    may_disrupt=True,
)


def names(selection: Selection) -> set[str]:
    return {str(check) for check in select(CATALOGUE, selection)}


def test_everything_without_a_selection() -> None:
    plan = make_plan(choose(CATALOGUE, Selection()), ALL)
    assert not plan.filtered
    assert not plan.settled
    assert CheckId("ORDER-001", "sweep") in plan.checks
    assert [c.name for c in plan.cases] == [
        "expiry",
        "by-editor",
        "plain",
        "with-events",
        "lonely",
        "garbage",
    ]


@pytest.mark.parametrize(
    ("selection", "found"),
    [
        (Selection(only=("CTRL-001",)), {"CTRL-001@plain"}),
        (Selection(only=("CTRL-002",)), {"CTRL-002@plain", "CTRL-002@with-events"}),
        (Selection(only=("CTRL-002@plain",)), {"CTRL-002@plain"}),
        (Selection(only=("plain",)), {"CTRL-001@plain", "CTRL-002@plain"}),
        (Selection(only=("SEC",)), {"SEC-007@lonely"}),
        (Selection(only=("CTRL-001", "SEC")), {"CTRL-001@plain", "SEC-007@lonely"}),
        (Selection(only=("CTRL-002",), skip=("plain",)), {"CTRL-002@with-events"}),
        (Selection(profiles=("articles",)), {"ART-010@by-editor"}),
        (
            Selection(cases=("plain",)),
            {"CTRL-001@plain", "CTRL-002@plain", "ORDER-001@sweep"},
        ),
    ],
)
def test_selections(selection: Selection, found: set[str]) -> None:
    assert names(selection) == found
    assert selection.filtered


@pytest.mark.parametrize(
    ("selection", "said"),
    [
        (Selection(only=("CTRL-00",)), "no requirement, check, area or case 'CTRL-00'"),
        (Selection(only=("plane",)), "Did you mean plain"),
        (Selection(cases=("nope",)), "no case 'nope'"),
        (Selection(profiles=("event",)), "Did you mean events"),
        (Selection(skip=("nope",)), "'nope'"),
        (Selection(only=("STATE-003",)), "has no check of its own"),
    ],
)
def test_unknown_names_are_refused(selection: Selection, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        select(CATALOGUE, selection)


def test_good_names_that_leave_nothing() -> None:
    with pytest.raises(NothingToRunError, match="matches no check"):
        select(CATALOGUE, Selection(only=("CTRL-001",), skip=("CTRL",)))


def settled(means: Means) -> dict[str, tuple[Status, bool]]:
    plan = make_plan(choose(CATALOGUE, Selection()), means)
    return {str(check): (v.status, v.excused) for check, v in plan.settled.items()}


def test_a_profile_that_is_not_declared_is_not_claimed() -> None:
    found = settled(replace(ALL, profiles=frozenset({"core"})))
    assert found == {
        "CTRL-002@with-events": (Status.NOT_RUN, True),
        "ART-010@by-editor": (Status.NOT_CLAIMED, False),
    }


def test_what_the_fixture_lacks_is_not_run_and_excused() -> None:
    assert settled(replace(ALL, offers=frozenset())) == {
        "ART-010@by-editor": (Status.NOT_RUN, True)
    }


def test_disruption_must_be_allowed() -> None:
    means = replace(ALL, may_disrupt=False)
    assert settled(means) == {"ERR-005@garbage": (Status.NOT_RUN, True)}
    assert "garbage" not in [c.name for c in make_plan(choose(CATALOGUE, Selection()), means).cases]


def test_a_sweep_alone_runs_all_cases_that_make_traffic() -> None:
    plan = make_plan(choose(CATALOGUE, Selection(only=("ORDER-001",))), ALL)
    assert {c.name for c in plan.cases} == {c.name for c in CASES}
    assert plan.checks == (CheckId("ORDER-001", "sweep"),)


def test_a_sweep_beside_cases_of_its_requirement_judges_their_traffic() -> None:
    rules = (Rule("answers", ("CTRL-001",), no_rule),)
    catalogue = replace(CATALOGUE, roles=(ServerRole(CASES, rules),))
    plan = make_plan(choose(catalogue, Selection(only=("CTRL-001",))), ALL)
    assert [c.name for c in plan.cases] == ["plain"]
    assert set(plan.checks) == {CheckId("CTRL-001", "plain"), CheckId("CTRL-001", "sweep")}


# -- limits below their floors -----------------------------------------------------------------------------

ROOMS = Catalogue(load_registry(), (ServerRole((*CASES, FLOORS_CASE), ()),))


def cramped(**limits: int) -> dict[str, str]:
    """Of a server with such limits: the cases that do not run, with the reason."""
    declared = Declared(limits={**DEFAULT_LIMITS, **limits})
    plan = make_plan(choose(ROOMS, Selection()), replace(ALL, cramped=declared.cramped()))
    settled = {check.source: v for check, v in plan.settled.items()}
    assert {v.status for v in settled.values()} <= {Status.NOT_RUN}
    assert not any(v.excused for v in settled.values()), "nothing that a target says is an excuse"
    assert not {case.name for case in plan.cases} & settled.keys()
    return {name: v.reason for name, v in settled.items()}


def test_limits_at_their_floors_leave_room_for_all() -> None:
    assert cramped(**FLOORS) == {}


def test_a_limit_of_a_kind_below_its_floor_leaves_no_room_for_that_kind() -> None:
    assert cramped(editors=19, chat_content=1) == {
        "by-editor": "limits.editors is 19, below its floor of 20 (LIMIT-005)"
    }


@pytest.mark.parametrize("name", ["sessions", "action", "event", "state"])
def test_a_limit_of_all_below_its_floor_leaves_room_for_nothing_else(name: str) -> None:
    floor = FLOORS[name]
    told = cramped(**{name: floor - 1}, articles=0)
    assert told.keys() == {case.name for case in CASES}
    assert set(told.values()) == {
        f"limits.{name} is {floor - 1}, below its floor of {floor} (LIMIT-005)"
    }


def test_actions_are_of_their_kinds() -> None:
    case = Case("writes", ("CTRL-001",), nothing, needs=("action:article.create",))
    catalogue = Catalogue(load_registry(), (ServerRole((case,), ()),))
    low = Declared(limits={"revisions": 9, "articles": 1}).cramped()
    offers = frozenset({"action:article.create"})
    plan = make_plan(choose(catalogue, Selection()), replace(ALL, offers=offers, cramped=low))
    [verdict] = plan.settled.values()
    assert verdict.reason == (
        "limits.articles is 1, below its floor of 20; "
        "limits.revisions is 9, below its floor of 10 (LIMIT-005)"
    )


def planned(selection: Selection) -> list[str]:
    return [c.name for c in make_plan(choose(CATALOGUE, selection), ALL).cases]


def test_a_sweep_beside_others_of_its_profile_judges_their_traffic() -> None:
    assert planned(Selection(profiles=("core",))) == [
        "expiry",
        "plain",
        "with-events",
        "lonely",
        "garbage",
    ]
    assert planned(Selection(profiles=("articles",))) == ["by-editor"]


def test_what_was_left_out_is_not_run_for_a_sweep() -> None:
    assert planned(Selection(skip=("ERR", "CTRL-016"))) == [
        "by-editor",
        "plain",
        "with-events",
        "lonely",
    ]
    assert planned(Selection(only=("ORDER-001",), skip=("garbage",))) == [
        *("expiry", "by-editor", "plain", "with-events", "lonely")
    ]
