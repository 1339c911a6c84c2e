"""Reads a journal without the code that writes and folds it: what counts, by the rules as they are told."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nats.errors import Error as NatsError

if TYPE_CHECKING:
    from nats.aio.client import Client
    from tests.reference.bench import Body


ANSWER_S, TRIES = 10, 6
"""An election takes less than one of these."""


@dataclass
class Reading:
    """What counts in a journal: of entries that are in their place, those with an effect."""

    term: int = 0
    at_ms: int = 0
    n: int = 0
    terms: list[int] = field(default_factory=list[int])
    acts: dict[tuple[str, str], Body] = field(default_factory=dict[tuple[str, str], "Body"])
    """The first outcome of each action of a user."""
    counted: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])

    def results(self, member: str) -> list[str]:
        """What all actions that were done have made."""
        return [str(act["out"]["result"][member]) for act in self.acts.values()]

    def read(self, entry: Body, at_ms: int) -> None:
        """Read the next entry."""
        self.at_ms = max(self.at_ms, at_ms)
        if entry["t"] == "own" and entry["over"] == self.term:
            self.term, self.n = max(self.term, self.at_ms) + 1, 0
            self.terms.append(self.term)
        elif (entry.get("term"), entry.get("n")) == (self.term, self.n + 1):
            self.n += 1
            self.count(entry)

    def count(self, entry: Body) -> None:
        """Let an entry that is in its place have its effect."""
        if entry["t"] == "act":
            session = entry["u"], entry["s"]
            assert entry["c"] == self.counted.get(session, 0) + 1
            self.counted[session] = entry["c"]
            if not entry.get("copy"):
                assert (entry["u"], entry["a"]) not in self.acts, "it has two effects"
                self.acts[entry["u"], entry["a"]] = entry


async def read_journal(connection: Client) -> Reading:
    """Read it from its begin to its end.

    A cluster that elects a leader, or has just lost a node, may never answer what it was asked then: it is
    asked again, and read from the begin.
    """
    for _ in range(TRIES - 1):
        with contextlib.suppress(NatsError):
            return await _read(connection)
    return await _read(connection)


async def _read(connection: Client) -> Reading:
    reading = Reading()
    stream = connection.jetstream(timeout=ANSWER_S)  # pyright: ignore[reportUnknownMemberType]
    entries = await stream.subscribe("omni.j.0", stream="OMNI_JOURNAL", ordered_consumer=True)
    try:
        while True:
            message = await entries.next_msg(ANSWER_S)
            at_ns, pending = message.reply.split(".")[-2:]
            reading.read(json.loads(message.data), int(at_ns) // 1_000_000)
            if pending == "0":
                return reading
    finally:
        with contextlib.suppress(NatsError):
            await entries.unsubscribe()
