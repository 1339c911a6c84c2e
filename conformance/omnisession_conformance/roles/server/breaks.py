"""In which ways a connection to the broker fails, by the names that programs and cases have for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.environment.proxy.faults import (
    Cut,
    Delay,
    Doubled,
    HalfOpen,
    Hold,
    Outage,
)

if TYPE_CHECKING:
    from omnisession_conformance.environment.proxy.faults import Fault

SERVER, CLIENTS = "server", "clients"
SIDES = (SERVER, CLIENTS)
"""Whose connection fails."""
CUT, HALF_OPEN, HOLD, DELAY, DOUBLED, OUTAGE, NODE = (
    *("cut", "half-open", "hold", "delay", "doubled", "outage", "node"),
)
"""How it does."""
ENDING = (CUT, HALF_OPEN, DOUBLED, OUTAGE, NODE)
"""Those after which the connection is another one."""
LASTS_MS = 300.0
"""How long something is wrong: longer than an action takes, and shorter than anybody's patience."""
FAULTS: dict[str, Fault] = {
    CUT: Cut(),
    HALF_OPEN: HalfOpen(for_ms=LASTS_MS),
    HOLD: Hold(for_ms=LASTS_MS),
    DELAY: Delay(to_broker_ms=20, to_client_ms=20, jitter_ms=30, for_ms=LASTS_MS),
    DOUBLED: Doubled(for_ms=LASTS_MS),
    OUTAGE: Outage(for_ms=LASTS_MS),
}
HOWS = (*FAULTS, NODE)
"""All ways; the last one is a node of the broker, behind which the server is, that is started again."""
