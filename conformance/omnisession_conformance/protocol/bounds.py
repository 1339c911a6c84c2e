"""The times of the protocol that no timer sets, and the headroom that the kit adds to each of them."""

from __future__ import annotations

from typing import Final

BOUND_MS: Final = 2_000
"""The one bound of the protocol, in ms: within it a server answers a request (CTRL-001) or an action
(ACTION-001), ends a session whose window has passed (CTRL-016), hints at a change (ART-014), and tells
others what an open, an end or a time has changed (EDIT-005, CHAT-009, CHAT-010, CHAT-011, USER-003)."""
BOUND_S: Final = BOUND_MS / 1_000
MARGIN_MS: Final = 250
"""Headroom over every bound: a busy CI machine was seen to delay a loop by that much."""
MS: Final = 1_000_000
"""Nanoseconds of a millisecond: timers are told in one, the tap's clock in the other."""
MARGIN_NS: Final = MARGIN_MS * MS
ABSENT_NS: Final = BOUND_MS * MS + MARGIN_NS
"""When something that must come within the bound counts as absent."""
