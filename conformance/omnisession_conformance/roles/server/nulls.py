"""Targets that are no session server, which the kit must never call green.

Each is a command, `python -m omnisession_conformance.nulls NAME`, that is told the broker by NATS_URL
as any target is. The kit's self-test starts them, and so do the kit's own tests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnisession_conformance.engine.role import NullTarget
from omnisession_conformance.own_python import program

if TYPE_CHECKING:
    from collections.abc import Sequence

NULLS: Final = {
    "absent": "Lives, and listens on nothing.",
    "silent": "Listens like a server, and never answers.",
    "echo": "Answers every message with itself.",
    "garbage": "Answers every message with random bytes, or with JSON that means nothing.",
    "replay": "Plays back what a server once said in other sessions.",
    "half-way": "A real server, until some messages have come: then its process ends.",
    "by-word": "The reference server, which declares `durable` and keeps everything in its memory.",
}
"""The null targets by name, each with what it does."""
ABSENT = "absent"
ABSENT_FOR_S = 2.0
"""Nothing else can come of it, however long it is waited for."""
HALF_WAY = "half-way"
PROFILES = {"by-word": "durable"}
"""What a null target only says of itself; beside that it is right."""
_COMMAND = program("omnisession_conformance.nulls")


def null_targets(server: Sequence[str]) -> tuple[NullTarget, ...]:
    """What is no session server, or does not stay one; `server` is the command of a real one."""
    return tuple(
        NullTarget(
            name,
            sentence,
            (*_COMMAND, name, *(("--", *server) if name == HALF_WAY else ())),
            ABSENT_FOR_S if name == ABSENT else None,
            PROFILES.get(name, ""),
        )
        for name, sentence in NULLS.items()
    )
