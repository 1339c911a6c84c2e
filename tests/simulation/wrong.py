"""Wrong cores: a client or a server of which one rule was broken on purpose."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from tests.simulation.generate import draw
from tests.simulation.world import play

from omnisession_client.faults import FAULTS as CLIENT_FAULTS
from omnisession_client_faults.places import in_force
from omnisession_reference.faults import FAULTS as SERVER_FAULTS
from omnisession_reference.protocol import LIMITS

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.simulation.findings import Finding


@contextlib.contextmanager
def put(side: str, name: str) -> Generator[tuple[type, ...]]:
    """Have a fault in force: the parts of a server, none of a client. Raises KeyError if there is none."""
    if side == "client":
        with in_force(CLIENT_FAULTS[name].replacements):
            yield ()
        return
    fault, limits = SERVER_FAULTS[name], dict(LIMITS)
    LIMITS.update(fault.limits)
    try:
        yield fault.parts
    finally:
        LIMITS.clear()
        LIMITS.update(limits)


def caught(side: str, name: str, most: int, first: int = 0) -> tuple[int, Finding] | None:
    """How many schedules it took to see a fault, and what was found; None where `most` did not."""
    with put(side, name) as parts:
        for number in range(most):
            schedule = draw(first + number)
            taken = {part.__bases__ for part in parts}
            if taken and schedule.server:
                continue  # its parts may stand in the same place
            played = play(schedule, parts)
            if played.finding is not None:
                return number + 1, played.finding
    return None
