"""The conformance suite: cases by area, and the catalogue of everything that the kit can judge."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from omnisession_conformance.case import Case, load_cases
from omnisession_conformance.plan import Catalogue
from omnisession_conformance.registry import load_registry
from omnisession_conformance.rules import all_rules

if TYPE_CHECKING:
    from omnisession_conformance.verdict import CheckId

AREAS = (
    "subjects",
    "tokens",
    "envelope",
    "times",
    "unknown_members",
    "strings",
    "strings_elsewhere",
    "versions",
    "control",
    "requests",
    "replies",
    "fence",
    "timers",
    "life",
    "expiry",
    "heartbeats",
    "neighbours",
    "state",
    "state_content",
    "state_changes",
    "state_elsewhere",
    "state_silence",
    "events",
    "events_reach",
    "order",
    "order_actions",
    "actions",
    "acks",
    "numbers",
    "numbers_order",
    "refusals",
    "identity",
    "copies",
    "copies_elsewhere",
    "resume",
    "resume_snapshots",
    "articles",
    "article_selection",
    "article_rights",
    "privacy",
    "editing",
    "editing_ends",
    "chat_messages",
    "chat_edits",
    "chat_subject",
    "chat_typing",
    "chat_presence",
    "urls",
    "url_rights",
    "users",
    "user_sessions",
    "errors",
    "garbage",
    "limits",
    "sizes",
    "lists",
    "security",
    "discovery",
    "hooks",
)
"""One module each, in the order of the reports."""


@cache
def cases() -> tuple[Case, ...]:
    """Every case of the suite."""
    return load_cases(AREAS, __name__)


@cache
def catalogue() -> Catalogue:
    """Requirements, cases and rules together."""
    return Catalogue(load_registry(), cases(), all_rules())


def checks() -> tuple[CheckId, ...]:
    """Every check that the kit can make, in the order of the registry."""
    return tuple(catalogue().checks())
