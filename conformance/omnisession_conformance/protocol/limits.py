"""The limits of the protocol, and what holds of each where a server does not tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_LIMITS: Final[Mapping[str, int]] = {
    "action": 196_608,
    "event": 262_144,
    "state": 786_432,
    "article_content": 131_072,
    "article_rest": 2_048,
    "chat_content": 4_096,
    "target_url": 2_048,
    "articles": 200,
    "revisions": 50,
    "editors": 200,
    "urls": 200,
    "chat_messages": 100,
    "participants": 500,
    "sessions": 32,
}
"""By member of `opened.limits`: bytes, entries of a list, or live sessions of a user."""

OF_TEXTS: Final = ("article_content", "article_rest", "chat_content", "target_url")
"""The limits of what users write."""

FLOORS: Final[Mapping[str, int]] = {
    "action": 8_192,
    "event": 20_480,
    "state": 49_152,
    "article_content": 2_048,
    "article_rest": 1_024,
    "chat_content": 512,
    "target_url": 512,
    "articles": 20,
    "revisions": 10,
    "editors": 20,
    "urls": 20,
    "chat_messages": 20,
    "participants": 20,
    "sessions": 8,
}
"""Below these a server may tell none: what is observed needs so much room."""
FLOORS_HOLD: Final = "LIMIT-005"
"""The requirement that says so."""
FLOOR_OF_RATE: Final = 20
"""Actions of a user within a second that no limit of rates refuses."""
RATE_HOLDS: Final = "LIMIT-006"
"""The requirement that says so."""

OF_KINDS: Final[Mapping[str, str]] = {
    "article_content": "articles",
    "article_rest": "articles",
    "articles": "articles",
    "revisions": "articles",
    "editors": "articles",
    "chat_content": "chat",
    "chat_messages": "chat",
    "participants": "chat",
    "target_url": "url",
    "urls": "url",
}
"""The kind that a limit is about; the others are about every session."""

OUTCOMES_MS: Final = "outcomes_ms"
"""The one limit that need not be told: how long outcomes are kept of a user without a session, in ms."""
LONGEST_ACTION_ID: Final = 128
"""In characters, which are code points. The same for every server, and not among the limits told."""


def limit_of(limits: Mapping[str, Any], name: str) -> int:
    """Return a limit as it was told, or its default where what was told is none.

    Raises KeyError for a name that is no limit of the protocol.
    """
    told = limits.get(name)
    return told if type(told) is int and told > 0 else DEFAULT_LIMITS[name]


def below_floors(limits: Mapping[str, Any]) -> dict[str, int]:
    """The limits that are told below their floors; what is no integer at all is not among them."""
    told = ((name, limits.get(name)) for name in FLOORS)
    return {name: value for name, value in told if type(value) is int and value < FLOORS[name]}
