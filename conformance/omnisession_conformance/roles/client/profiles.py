"""The profiles of clients, as docs/spec/clients.md has them."""

from __future__ import annotations

from omnisession_conformance.protocol.kinds.tables import NAMES

STATES, CORE, EVENTS, DIGESTS, ACTIONS = "states", "core", "events", "digests", "actions"
FEATURES = (EVENTS, DIGESTS)
PROFILES = (STATES, CORE, *FEATURES, *NAMES, ACTIONS)
"""Those that something is judged of; a client may declare more."""
