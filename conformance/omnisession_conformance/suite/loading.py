"""Loads what a role is judged by: the modules of its areas."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def load_areas(package: str, areas: Iterable[str]) -> None:
    """Import `cases_*.py` and `rules*.py` of each area of a package, in the order of the areas."""
    for area in areas:
        folder = import_module(f"{package}.{area}")
        for module in sorted(found.name for found in iter_modules(folder.__path__)):
            if module.startswith(("cases_", "rules")):
                import_module(f"{folder.__name__}.{module}")
