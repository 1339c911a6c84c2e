"""What a client must do: cases and rules, one folder an area of requirements."""

from __future__ import annotations

from functools import cache

from omnisession_conformance.engine.case import registered_cases
from omnisession_conformance.engine.sweep import registered_rules
from omnisession_conformance.roles.client.role import ClientRole
from omnisession_conformance.suite.loading import load_areas

AREAS = ("opening", "stream", "recovery", "life", "actions", "pending", "view", "garbage")
"""The folders beside this file, in the order of the reports; in each `cases_*.py` and `rules*.py`."""


@cache
def role() -> ClientRole:
    """Clients, with all cases and rules that judge them."""
    load_areas(__name__, AREAS)
    return ClientRole(registered_cases(__name__), registered_rules(__name__))
