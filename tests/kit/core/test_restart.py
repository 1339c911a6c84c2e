"""A case that is to restart the target, and finds before that it cannot go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.kit.core.running import case, good, run, verdict_of

from omnisession_conformance.engine.case import Phase
from omnisession_conformance.environment.target import SpawnedTarget
from omnisession_conformance.protocol.verdict import Status
from omnisession_conformance.roles.server.restart import revive

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context

STARTS: list[int] = []


async def stops_early(w: Context) -> None:
    """What it needs is missing while the target runs still, and it sees to it that one runs."""
    try:
        w.require(False, "a change was not acked")
    finally:
        await revive(w)
        assert isinstance(w.target, SpawnedTarget)
        STARTS.append(w.target.starts)


def test_a_target_that_runs_is_not_started_beside_itself() -> None:
    STARTS.clear()
    outcome = run(case(stops_early, Phase.HOOKS), case(good))
    assert STARTS == [1]
    assert verdict_of(outcome, "stops_early") == (Status.NOT_RUN, "a change was not acked")
    assert verdict_of(outcome, "good")[0] is Status.PASS
