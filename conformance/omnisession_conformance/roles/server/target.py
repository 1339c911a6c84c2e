"""The server that a run is about: somebody else's, or a command of the kit's to start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.environment.target import (
    REFERENCE_COMMAND,
    AttachedTarget,
    SpawnedTarget,
)

if TYPE_CHECKING:
    from omnisession_conformance.engine.run import Run
    from omnisession_conformance.environment.settings import Settings
    from omnisession_conformance.environment.target import Target


def target_of(settings: Settings) -> Target:
    """The server at the broker of some settings, else that of their command, else the reference."""
    if settings.attaches:
        return AttachedTarget(settings.hooks, settings.instances)
    return SpawnedTarget(
        settings.command or REFERENCE_COMMAND, dict(settings.env), instances=settings.instances
    )


Instances = SpawnedTarget | AttachedTarget


def instances_of(run: Run) -> Instances:
    """The server of a run, whose instances are ended and started one by one; Prerequisite for others."""
    if not isinstance(run.target, Instances):
        raise Prerequisite("what is judged has no instances")
    return run.target
