"""The conformance suite: cases and rules by area, and the catalogue of all that the kit can judge."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import Case, registered_cases
from omnisession_conformance.engine.plan import Catalogue
from omnisession_conformance.engine.sweep import Rule, registered_rules
from omnisession_conformance.protocol.registry import load_registry

if TYPE_CHECKING:
    from omnisession_conformance.protocol.verdict import CheckId

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
)
"""The folders of `server/`, in the order of the reports; in each `cases_*.py` and `rules*.py`."""


@cache
def _load() -> None:
    for area in AREAS:
        folder = import_module(f"{__name__}.server.{area}")
        for module in sorted(found.name for found in iter_modules(folder.__path__)):
            if module.startswith(("cases_", "rules")):
                import_module(f"{folder.__name__}.{module}")


@cache
def cases() -> tuple[Case[Any], ...]:
    """Every case of the suite."""
    _load()
    return registered_cases(f"{__name__}.server")


@cache
def rules() -> tuple[Rule[Any], ...]:
    """Every rule of the suite."""
    _load()
    return registered_rules(f"{__name__}.server")


@cache
def catalogue() -> Catalogue:
    """Requirements, cases and rules together."""
    return Catalogue(load_registry(), cases(), rules())


def checks() -> tuple[CheckId, ...]:
    """Every check that the kit can make, in the order of the registry."""
    return tuple(catalogue().checks())
