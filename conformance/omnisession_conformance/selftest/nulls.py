"""The null targets of the kit, as commands."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from omnisession_conformance.nulls import NULLS
from omnisession_conformance.selftest.listing import NullTarget

if TYPE_CHECKING:
    from collections.abc import Sequence

HALF_WAY = "half-way"
_COMMAND = (sys.executable, "-m", "omnisession_conformance.nulls")


def null_targets(server: Sequence[str]) -> tuple[NullTarget, ...]:
    """What is no session server, or does not stay one, and must never be green.

    `server` is the command of a real one, which one of them is until it ends.
    """
    return tuple(
        NullTarget(
            name, sentence, (*_COMMAND, name, *(("--", *server) if name == HALF_WAY else ()))
        )
        for name, sentence in NULLS.items()
    )
