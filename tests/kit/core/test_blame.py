"""What cases only use, and never works, is told once: under the requirement that is about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.kit.core.running import run, verdict_of

from omnisession_conformance.engine.blame import NeverWorks, blamed_once
from omnisession_conformance.engine.case import Case
from omnisession_conformance.environment.settings import Settings
from omnisession_conformance.environment.target import REFERENCE_COMMAND
from omnisession_conformance.protocol.verdict import (
    SWEEP,
    CheckId,
    Observation,
    Outcome,
    Status,
    Verdict,
    settle,
)
from omnisession_conformance.roles.server.steps.ordinary import acked

if TYPE_CHECKING:
    from omnisession_conformance.engine.events import RunOutcome
    from omnisession_conformance.roles.server.context import Context

PLAIN = CheckId("ACTION-018", "an-ordinary-noop")
NEVER = NeverWorks("session.noop", PLAIN, frozenset({1, 2, 3}))
SEE = "session.noop does not work at all, see ACTION-018@an-ordinary-noop"


def failing(requirement: str, source: str, *records: int, level: str = "MUST") -> Verdict:
    """A check that saw one thing wrong in each of some records."""
    check = CheckId(requirement, source)
    seen = [Observation(check, Outcome.BROKEN, records=(n,) if n else ()) for n in records]
    return settle(check, level, seen)


def told(*verdicts: Verdict) -> dict[str, Status]:
    return {str(v.check): v.status for v in blamed_once(verdicts, (NEVER,))}


def test_what_only_says_it_again_is_not_run() -> None:
    plain, other = failing("ACTION-018", PLAIN.source, 1), failing("ENV-007", "a", 2, 3)
    _, verdict = blamed_once((plain, other), (NEVER,))
    assert (verdict.status, verdict.reason, verdict.excused) == (Status.NOT_RUN, SEE, False)
    assert told(plain, failing("ERR-001", "a", 2, level="SHOULD"))["ERR-001@a"] is Status.NOT_RUN


@pytest.mark.parametrize(
    "other",
    [
        failing("ENV-007", "a", 2, 9),
        failing("ENV-007", "a", 0),
        failing("ENV-007", SWEEP, 2),
        failing("ACTION-018", "noop-changes-nothing", 2),
    ],
    ids=["another message", "none", "a sweep", "its own requirement"],
)
def test_what_is_seen_wrong_beside_it_counts(other: Verdict) -> None:
    plain = failing("ACTION-018", PLAIN.source, 1)
    assert set(told(plain, other).values()) == {Status.FAIL}


def test_nothing_is_let_go_unless_the_plain_check_fails() -> None:
    for plain in (settle(PLAIN, "MUST", (), observed=1), failing("ACTION-018", "another", 1)):
        assert told(plain, failing("ENV-007", "a", 2))["ENV-007@a"] is Status.FAIL


# -- with a server ---------------------------------------------------------------------------------


async def plain(w: Context) -> None:
    await acked(w, PLAIN.requirement, await w.open(w.user()), "session.noop", {})


async def uses_it(w: Context) -> None:
    session = await w.open(w.user())
    w.acked("ENV-007", await session.outcome_of(session.action_body("session.noop")))


async def works(w: Context) -> None:
    """Sees another thing wrong than the type that does not work."""
    session = await w.open(w.user())
    await session.outcome_of(session.action_body("session.noop"))
    w.check("VER-003", good=False, expected="one", seen="two", on=session.opened)


async def goes_on(w: Context) -> None:
    """Sends an action of another type behind one that failed."""
    session = await w.open(w.user())
    await session.outcome_of(session.action_body("session.noop"))
    data = {"changes": {"username": "Uma"}}
    w.acked("VER-001", await session.outcome_of(session.action_body("user.update", data)))


CASES: tuple[Case[Any], ...] = (
    Case("an-ordinary-noop", (PLAIN.requirement,), plain),
    Case("uses-it", ("ENV-007",), uses_it),
    Case("sees-more", ("VER-003",), works),
    Case("goes-on", ("VER-001",), goes_on),
)


def ran(*fault: str) -> RunOutcome:
    return run(*CASES, settings=Settings(command=(*REFERENCE_COMMAND, *fault)))


@pytest.mark.dear
def test_a_type_that_is_always_refused_as_failed_is_told_by_its_plain_case_alone() -> None:
    outcome = ran("--fault", "session-noop-always-5000")
    assert verdict_of(outcome, "an-ordinary-noop")[0] is Status.FAIL
    assert verdict_of(outcome, "uses-it") == (Status.NOT_RUN, SEE)
    assert verdict_of(outcome, "goes-on") == (Status.NOT_RUN, SEE)
    assert verdict_of(outcome, "sees-more")[0] is Status.FAIL


def test_a_type_that_works_is_never_let_go() -> None:
    outcome = ran("--fault", "noop-deselects")
    assert verdict_of(outcome, "an-ordinary-noop")[0] is Status.PASS
    assert verdict_of(outcome, "uses-it")[0] is Status.PASS
    assert verdict_of(outcome, "goes-on")[0] is Status.PASS
