"""What cases that end instances need, and how much goes on meanwhile."""

from __future__ import annotations

from omnisession_conformance.engine.plan import SEVERAL, SEVERAL_NODES
from omnisession_conformance.roles.server.steps.any_kind import CREATES

DURABLE = ("durable", *CREATES)
STOPS = ("hook:stop", "hook:restart")
KILLS = ("hook:kill_instance", "hook:start_instance")
SUDDEN_ENDS = (SEVERAL, *KILLS)
FREEZES = (SEVERAL, "hook:freeze_instance", "hook:thaw_instance", "hook:start_instance")
LEAVES = (SEVERAL, "hook:stop_instance", "hook:start_instance")
AS_ONE = ("durable", SEVERAL)
"""What shows only where one instance may answer what another one has done; none of them is ended."""
NODES = (SEVERAL_NODES, "hook:kill_node", "hook:start_node")
LIMIT_MS = 300_000
"""Whatever instances take to start and to take over."""
