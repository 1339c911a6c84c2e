"""What a server must do: cases and rules, one folder an area of requirements."""

from __future__ import annotations

from functools import cache

from omnisession_conformance.engine.case import registered_cases
from omnisession_conformance.engine.sweep import registered_rules
from omnisession_conformance.roles.server.role import ServerRole
from omnisession_conformance.suite.loading import load_areas

AREAS = (
    "subjects",
    "messages",
    "control",
    "state",
    "events",
    "order",
    "actions",
    "resume",
    "articles",
    "chat",
    "urls",
    "users",
    "errors",
    "limits",
    "security",
    "discovery",
    "durable",
    "generated",
)
"""The folders beside this file, in the order of the reports; in each `cases_*.py` and `rules*.py`."""


@cache
def role() -> ServerRole:
    """Servers, with all cases and rules that judge them."""
    load_areas(__name__, AREAS)
    return ServerRole(registered_cases(__name__), registered_rules(__name__))
