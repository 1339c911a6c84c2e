"""What a server and a client must do together: scenarios, and the rules of both sides on all messages."""

from __future__ import annotations

from functools import cache

from omnisession_conformance.engine.case import registered_cases
from omnisession_conformance.roles.interop.role import InteropRole
from omnisession_conformance.roles.interop.trace import rules_of_both
from omnisession_conformance.suite import client, server
from omnisession_conformance.suite.loading import load_areas

AREAS = ("together",)
"""The folder beside this file; in it `cases_*.py`, one a scenario."""


@cache
def role() -> InteropRole:
    """Pairs, with their scenarios and the rules of both sides."""
    load_areas(__name__, AREAS)
    rules = rules_of_both(server.role().rules, client.role().rules)
    return InteropRole(registered_cases(__name__), rules)
