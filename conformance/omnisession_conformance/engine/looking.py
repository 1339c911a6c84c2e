"""Looks at the broker before a target is started: what it is, and what the target's role needs of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.finding import Finding
from omnisession_conformance.traffic.world import look as look_at_world

if TYPE_CHECKING:
    from omnisession_conformance.engine.role import Driver, RunFacts
    from omnisession_conformance.engine.run import Run
    from omnisession_conformance.traffic.world import World


async def look(run: Run, driver: Driver[Any, RunFacts]) -> list[Finding]:
    """Look at everything but the target, and note what was found in the run.

    Where the broker suits no run, no more is looked at. Raises BrokerError where there is none, and what
    `look` of the role raises.
    """
    name = run.draws.connection_name("world")
    run.world = await look_at_world(run.access, run.trace_prefix, name)
    findings = _of_world(run.world)
    if run.world.problems:
        return findings
    return [*findings, *await driver.look()]


def _of_world(world: World) -> list[Finding]:
    found = [Finding("ok", "broker", world.name, "broker.version")]
    found += [Finding("bad", "broker", text, "broker.unfit") for text in world.problems]
    if world.no_traces is not None:
        told = f"{world.no_traces}: queue groups cannot be judged (SUBJ-006)"
        found.append(Finding("note", "tracing", told, "broker.tracing"))
    else:
        told = "the broker can tell who receives a subject"
        found.append(Finding("ok", "tracing", told, "broker.tracing"))
    if not world.problems:
        told = f"messages of {world.max_payload} bytes"
        found.append(Finding("ok", "takes", told, "broker.max-payload"))
    return found
