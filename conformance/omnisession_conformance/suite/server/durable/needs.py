"""What cases that end instances need, and how much goes on meanwhile."""

from __future__ import annotations

from omnisession_conformance.engine.plan import SEVERAL
from omnisession_conformance.roles.server.steps.any_kind import CREATES

DURABLE = ("durable", *CREATES)
STOPS = ("hook:stop", "hook:restart")
KILLS = ("hook:kill_instance", "hook:start_instance")
FREEZES = (SEVERAL, "hook:freeze_instance", "hook:thaw_instance", "hook:start_instance")
LEAVES = (SEVERAL, "hook:stop_instance", "hook:start_instance")
LIMIT_MS = 300_000
"""Whatever instances take to start and to take over."""
