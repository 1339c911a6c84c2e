"""The roles that a target may have, and the profiles of each: the `core` of a client is another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.protocol.kinds.tables import NAMES

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

SERVER, CLIENT, INTEROP, DEPLOYMENT = "server", "client", "interop", "deployment"
"""The roles; a target is a server where nobody says another, and both sides together where it is a pair."""
SIDES = (SERVER, CLIENT)
"""Those of one program each."""
ROLES = (*SIDES, INTEROP, DEPLOYMENT)
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
SECURE = "secure"
PROFILES_OF_DEPLOYMENTS = (SECURE, "tenants")
"""Those of deployments: each has `secure`."""
ANY = "any"
"""What requirements that bind all sides have in the place of a role."""


def whole_name(role: str, profile: str) -> str:
    """The name of a profile where more than one role is told of: `client:core`."""
    return f"{role}:{profile}"


PROFILES_OF: Mapping[str, tuple[str, ...]] = {
    SERVER: PROFILES,
    CLIENT: PROFILES_OF_CLIENTS,
    INTEROP: (
        *(whole_name(SERVER, name) for name in PROFILES),
        *(whole_name(CLIENT, name) for name in PROFILES_OF_CLIENTS),
    ),
    DEPLOYMENT: PROFILES_OF_DEPLOYMENTS,
}


def of_a_pair(server: Collection[str], client: Collection[str]) -> frozenset[str]:
    """What a pair declares, each profile with whose it is; what binds all sides is asked of the server."""
    return frozenset(
        (
            *(whole_name(role, name) for role in (SERVER, ANY) for name in server),
            *(whole_name(CLIENT, name) for name in client),
        )
    )


def of_side(profiles: Collection[str], role: str) -> frozenset[str]:
    """The profiles of one side among those that a pair declares."""
    told = (split_name(name) for name in profiles)
    return frozenset(profile for whose, profile in told if whose == role)


def is_claimed(profiles: Collection[str], role: str, profile: str) -> bool:
    """Whether a requirement on a role, of a profile, binds a target that declares some profiles."""
    return profile in profiles or whole_name(role, profile) in profiles


def split_name(name: str) -> tuple[str | None, str]:
    """The role that a profile's name says, None where it says none, and the profile."""
    role, colon, profile = name.partition(":")
    return (role, profile) if colon else (None, name)


def in_order(role: str, profiles: frozenset[str]) -> tuple[str, ...]:
    """The profiles of a role that are among some, in their order."""
    return tuple(name for name in PROFILES_OF.get(role, sorted(profiles)) if name in profiles)
