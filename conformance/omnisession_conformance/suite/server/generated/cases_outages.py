"""Programs in which the server's connection fails and the server is started again."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import Phase, case
from omnisession_conformance.roles.server.generation.judged import (
    JUDGED,
    LONGEST_MS,
    OF_CONNECTIONS,
)
from omnisession_conformance.roles.server.wires import WIRE

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context


def _player() -> Any:
    # Whoever lists cases needs nothing of what plays them.
    return import_module("omnisession_conformance.roles.server.generation.run")


@case(
    *(*OF_CONNECTIONS, *JUDGED),
    needs=WIRE,
    phase=Phase.WIRES,
    drawn=True,
    alone=True,
    ends=OF_CONNECTIONS[:1],
    limit_ms=LONGEST_MS,
)
async def generated_outages(ctx: Context) -> None:
    """Whatever was under way when connections failed or the server ended is done once, and stays done."""
    await _player().play_outages(ctx)
