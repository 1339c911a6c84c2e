"""A run that ends at its first failure: what it has seen counts, and nothing else does."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.kit.core.running import (
    REQUIREMENT,
    Watching,
    broken,
    case,
    good,
    slow_kit,
    verdict_of,
    watched,
)

from omnisession_conformance.engine.case import Case, Phase
from omnisession_conformance.engine.fail_fast import FailFast
from omnisession_conformance.engine.silence import ENOUGH, Silence
from omnisession_conformance.environment.settings import Settings
from omnisession_conformance.protocol.excuses import Excuse
from omnisession_conformance.protocol.registry import load_registry
from omnisession_conformance.protocol.verdict import (
    ENDED_AT_FAILURE,
    SWEEP,
    CheckId,
    Status,
    Verdict,
)

if TYPE_CHECKING:
    from typing import Any

    from omnisession_conformance.roles.server.context import Context

FAST = Settings(fail_fast=True)
SHOULD = next(r.id for r in load_registry() if r.level == "SHOULD" and r.profile == "core")
NOT_RUN = (Status.NOT_RUN, ENDED_AT_FAILURE)


async def impolite(w: Context) -> None:
    w.check(SHOULD, good=False, expected="one", seen="two")


def alone(made: Case[Any], name: str = "") -> Case[Any]:
    """A case that runs by itself, after those before it."""
    return replace(made, phase=Phase.HOSTILE, name=name or made.name)


def names(watching: Watching) -> list[str]:
    return [result.case.name for result in watching.ended]


def test_no_case_begins_after_the_first_that_failed() -> None:
    outcome, watching = watched(
        case(good), alone(case(broken)), alone(case(good), "behind"), settings=FAST
    )
    assert names(watching) == ["good", "broken"]
    assert (outcome.lost, outcome.interrupted) == (None, None)
    assert verdict_of(outcome, "good") == (Status.PASS, "")
    assert verdict_of(outcome, "broken")[0] is Status.FAIL
    assert verdict_of(outcome, "behind") == NOT_RUN
    assert not any(v.excused for v in outcome.verdicts if v.reason == ENDED_AT_FAILURE)


@pytest.mark.dear
def test_those_that_run_beside_it_come_to_their_end() -> None:
    failed = asyncio.Event()

    async def fails(w: Context) -> None:
        await broken(w)
        failed.set()

    async def beside(w: Context) -> None:
        await failed.wait()
        await good(w)

    more = [replace(case(good), name=f"behind-{n}") for n in range(10)]
    outcome, watching = watched(case(beside), case(fails), *more, settings=FAST)
    assert verdict_of(outcome, "beside") == (Status.PASS, "")
    assert verdict_of(outcome, "behind-9") == NOT_RUN
    assert not watching.running


@pytest.mark.parametrize(
    ("made", "settings"),
    [
        (case(broken), Settings()),
        *(
            pytest.param(*row, marks=pytest.mark.dear)
            for row in (
                (case(broken), replace(FAST, expected=frozenset({CheckId(REQUIREMENT, "broken")}))),
                (replace(case(impolite), requirements=(SHOULD,)), FAST),
                (case(slow_kit), FAST),
            )
        ),
    ],
    ids=["not asked for", "expected", "a SHOULD", "a slow machine"],
)
def test_a_run_goes_on_after(made: Case[Any], settings: Settings) -> None:
    outcome, watching = watched(alone(made), alone(case(good), "behind"), settings=settings)
    assert names(watching)[:2] == [made.name, "behind"]
    assert verdict_of(outcome, "behind") == (Status.PASS, "")


def test_a_case_that_waited_shortly_may_have_missed_what_comes_after_all() -> None:
    silence = Silence()
    for _ in range(ENOUGH):
        assert not silence.hurried("one")
        silence.missed(("a pong",))
    silence.wait_s(("a pong",), 2.0, "one")
    assert silence.hurried("one")
    assert not silence.hurried("another")
    silence.heard(("a pong",))
    assert silence.hurried("one")


@pytest.mark.parametrize("status", [Status.FAIL, Status.WARN, Status.HARNESS])
def test_what_a_sweep_found_by_then_counts(status: Status) -> None:
    found = Verdict(CheckId(REQUIREMENT, SWEEP), status, "MUST", 3)
    fast = FailFast(asked=True, reached=True)
    assert fast.settled(found, ran=True) is found


@pytest.mark.parametrize("status", [Status.PASS, Status.NOT_RUN])
def test_a_sweep_that_found_nothing_in_a_part_says_nothing(status: Status) -> None:
    nothing = Verdict(CheckId(REQUIREMENT, SWEEP), status, "MUST", 3, excuse=Excuse.NOTHING_SEEN)
    told = FailFast(asked=True, reached=True).settled(nothing, ran=True)
    assert (told.status, told.reason, told.excused) == (*NOT_RUN, False)
    assert FailFast(asked=True).settled(nothing, ran=True) is nothing
