"""The profiles of clients, as docs/spec/clients.md has them."""

from __future__ import annotations

from omnisession_conformance.protocol.roles import PROFILES_OF_CLIENTS

STATES, CORE, EVENTS, DIGESTS, ACTIONS = "states", "core", "events", "digests", "actions"
HYBRID, OPTIMISTIC = "hybrid", "optimistic"
FEATURES = (EVENTS, DIGESTS)
PROFILES = PROFILES_OF_CLIENTS
