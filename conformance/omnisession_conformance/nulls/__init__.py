"""Targets that are no session server, which the kit must never call green.

Each is a command, `python -m omnisession_conformance.nulls NAME`, that is told the broker by NATS_URL
as any target is. The kit's self-test starts them, and so do the kit's own tests.
"""

from __future__ import annotations

from typing import Final

NULLS: Final = {
    "absent": "Lives, and listens on nothing.",
    "silent": "Listens like a server, and never answers.",
    "echo": "Answers every message with itself.",
    "garbage": "Answers every message with random bytes, or with JSON that means nothing.",
    "replay": "Plays back what a server once said in other sessions.",
    "half-way": "A real server, until some messages have come: then its process ends.",
}
"""The null targets by name, each with what it does."""
