"""What a deployment must let nobody do: a broker with its permissions."""

from __future__ import annotations

from functools import cache

from omnisession_conformance.engine.case import registered_cases
from omnisession_conformance.roles.deployment.role import DeploymentRole
from omnisession_conformance.suite.loading import load_areas

AREAS = ("secure",)
"""The folder beside this file, with `cases_*.py`."""


@cache
def role() -> DeploymentRole:
    """Deployments, with all their cases."""
    load_areas(__name__, AREAS)
    return DeploymentRole(registered_cases(__name__))
