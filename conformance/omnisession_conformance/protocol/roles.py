"""The roles that a target may have, and the profiles of each: the `core` of a client is another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.protocol.kinds.tables import NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

SERVER, CLIENT = "server", "client"
"""The roles; a target is a server where nobody says another."""
ROLES = (SERVER, CLIENT)
PROFILES = (
    "core",
    "events",
    "digests",
    *NAMES,
    "durable",
    "audit",
    "secure",
    "coexist",
)
"""The profiles of servers."""
PROFILES_OF_CLIENTS = (
    "states",
    "core",
    "events",
    "digests",
    *NAMES,
    "actions",
    "hybrid",
    "optimistic",
)
"""Those of clients."""
PROFILES_OF: Mapping[str, tuple[str, ...]] = {SERVER: PROFILES, CLIENT: PROFILES_OF_CLIENTS}


def whole_name(role: str, profile: str) -> str:
    """The name of a profile where more than one role is told of: `client:core`."""
    return f"{role}:{profile}"


def split_name(name: str) -> tuple[str | None, str]:
    """The role that a profile's name says, None where it says none, and the profile."""
    role, colon, profile = name.partition(":")
    return (role, profile) if colon else (None, name)


def in_order(role: str, profiles: frozenset[str]) -> tuple[str, ...]:
    """The profiles of a role that are among some, in their order."""
    return tuple(name for name in PROFILES_OF.get(role, sorted(profiles)) if name in profiles)
