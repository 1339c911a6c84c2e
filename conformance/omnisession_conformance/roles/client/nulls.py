"""Programs that are no adapter, or none of a client, which the kit must never call green.

Each is a command, `python -m omnisession_conformance.nulls NAME`, that talks on its standard input and
output as any adapter does. The kit's self-test starts them, and so do the kit's own tests.
"""

from __future__ import annotations

from typing import Final

from omnisession_conformance.engine.role import NullTarget
from omnisession_conformance.own_python import program

NULLS: Final = {
    "exits": "Ends before it is asked anything.",
    "mute": "Takes every request, and answers none.",
    "parrot": "Answers every request with the same line.",
    "hermit": "Answers every request, and never connects.",
    "stray": "Answers every request, and connects somewhere else than it is told.",
    "recording": "Connects, opens nothing, and reports what a client once reported.",
    "frozen": "Opens a session, and never reports more than its first states.",
}
"""The null targets by name, each with what it does."""
MUTE = "mute"
MUTE_FOR_S = 2.0
"""Nothing else can come of it, however long it is waited for."""
_COMMAND = program("omnisession_conformance.nulls")


def null_targets() -> tuple[NullTarget, ...]:
    """All of them."""
    return tuple(
        NullTarget(name, sentence, (*_COMMAND, name), MUTE_FOR_S if name == MUTE else None)
        for name, sentence in NULLS.items()
    )
