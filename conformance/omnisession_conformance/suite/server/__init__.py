"""What a server must do: cases and rules, one folder an area of requirements."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from omnisession_conformance.engine.case import registered_cases
from omnisession_conformance.engine.sweep import registered_rules
from omnisession_conformance.roles.server.role import ServerRole

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
    "generated",
)
"""The folders beside this file, in the order of the reports; in each `cases_*.py` and `rules*.py`."""


@cache
def _load() -> None:
    for area in AREAS:
        folder = import_module(f"{__name__}.{area}")
        for module in sorted(found.name for found in iter_modules(folder.__path__)):
            if module.startswith(("cases_", "rules")):
                import_module(f"{folder.__name__}.{module}")


@cache
def role() -> ServerRole:
    """Servers, with all cases and rules that judge them."""
    _load()
    return ServerRole(registered_cases(__name__), registered_rules(__name__))
