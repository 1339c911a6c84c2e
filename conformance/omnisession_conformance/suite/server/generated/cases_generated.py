"""Programs of steps that nobody thought of, judged by the kit's own account of what a right server does."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.server.generation.judged import JUDGED, LONGEST_MS

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context


def _player() -> Any:
    # Whoever lists cases needs nothing of what plays them.
    return import_module("omnisession_conformance.roles.server.generation.run")


# Beside others each change of theirs would be told to all its sessions, whole where there are no events.
@case(*JUDGED, drawn=True, alone=True, limit_ms=LONGEST_MS)
async def generated_traffic(ctx: Context) -> None:
    """Whatever several users do in any order, each session shows what the pages say."""
    await _player().play_quick(ctx)


# Beside others a program comes to a resume that can tell nothing, and its word would be chance.
EXPIRY = tuple(id_ for id_ in JUDGED if id_ != "RESUME-001")


@case(*EXPIRY, "STATE-007", drawn=True, slow=True, limit_ms=LONGEST_MS)
async def generated_expiry(ctx: Context) -> None:
    """The same with a session that is left alone until it expires."""
    await _player().play_expiry(ctx)
