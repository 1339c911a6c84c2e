"""What the puppet grants at open, and what its sessions show at first."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.json import as_object, integers, texts
from omnisession_conformance.protocol.kinds.tables import NAMES
from omnisession_conformance.protocol.limits import DEFAULT_LIMITS
from omnisession_conformance.roles.client.puppet.bodies import VERSION, told
from omnisession_conformance.roles.client.puppet.effects import TYPES
from omnisession_conformance.roles.client.puppet.served import Served

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omnisession_conformance.protocol.json import Object
    from omnisession_conformance.protocol.kinds.parts import Slice
    from omnisession_conformance.roles.client.puppet.world import World

FEATURES = ("events", "digests")
LEAST_HEARTBEAT_MS, LEAST_WINDOW_MS = 200, 1_000


@dataclass(frozen=True, slots=True)
class Terms:
    """A server as its `session.opened` tells of it; timers are the highest that it grants."""

    heartbeat_ms: int = 15_000
    resume_window_ms: int = 120_000
    kinds: tuple[str, ...] = NAMES
    features: tuple[str, ...] = FEATURES
    actions: tuple[str, ...] = TYPES
    limits: Mapping[str, int] = field(default_factory=lambda: DEFAULT_LIMITS)
    first: Mapping[str, Slice] = field(default_factory=dict[str, "Slice"])
    """Slices that there are at first, in place of the usual ones."""
    counted: int = 0
    """The last action that counts in a session when it is opened."""
    expires_at: int | None = None


def granted(terms: Terms, asked: Mapping[str, Any]) -> dict[str, int]:
    """The timers of a session, for what it asks."""
    wanted = integers(asked)
    heartbeat = _within(wanted.get("heartbeat_ms"), LEAST_HEARTBEAT_MS, terms.heartbeat_ms)
    window = _within(wanted.get("resume_window_ms"), LEAST_WINDOW_MS, terms.resume_window_ms)
    return {
        "heartbeat_ms": heartbeat,
        "resume_window_ms": max(window, 2 * heartbeat),
        "coalesce_ms": 0,
        "gap_ms": 0,
    }


def _within(asked: int | None, least: int, most: int) -> int:
    return most if asked is None else min(max(asked, least), most)


def made(
    terms: Terms, world: World, user_id: str, session_id: str, asked: Object, at_ms: int
) -> Served | None:
    """The session that an open makes, None where it asks for no kind that is served."""
    kinds = tuple(kind for kind in texts(asked.get("kinds")) if kind in terms.kinds)
    if not kinds:
        return None
    features = frozenset(texts(asked.get("features"))) & frozenset(terms.features)
    begun = {"session_id": session_id, "opened_at": at_ms, "kinds": list(kinds)}
    world.changed("user.session_opened", {"session": begun})
    slices = {kind: world.first(kind) for kind in kinds}
    timers = granted(terms, as_object(asked.get("timers")))
    return Served(
        user_id, session_id, kinds, features, terms.limits, timers, slices, counted=terms.counted
    )


def opened(terms: Terms, session: Served) -> Object:
    """The data of `session.opened`."""
    return {
        "protocol": VERSION,
        "position": told(session.position),
        "kinds": list(session.kinds),
        "features": [name for name in FEATURES if name in session.features],
        "profiles": ["core", *terms.features, *terms.kinds],
        "actions": list(terms.actions),
        "server": {"name": "session-server", "version": "1.0.0"},
        "limits": dict(terms.limits),
        "timers": dict(session.timers),
        "expires_at": terms.expires_at,
    }
