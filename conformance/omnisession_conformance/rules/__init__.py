"""Rules: functions on the trace of a run, each feeding the sweep checks of some requirements.

A rule judges every message of the target in the whole run, whatever case was at work. It reports
good observations too: a sweep that saw nothing is NOT_RUN, never PASS.
"""

from __future__ import annotations

from importlib import import_module

from omnisession_conformance.rules.sweep import Rule, Sweep, registered, rule

_AREAS = (
    "envelope",
    "subjects",
    "state",
    "events",
    "order",
    "control",
    "actions",
    "resume",
    "errors",
    "security",
    "chat",
    "urls",
    "users",
    "discovery",
)

__all__ = ["Rule", "Sweep", "all_rules", "rule"]


def all_rules() -> tuple[Rule, ...]:
    """Every rule, by area."""
    for area in _AREAS:
        import_module(f"{__name__}.{area}")
    return registered()
