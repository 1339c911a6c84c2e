"""A journal of a few entries, written by hand, and a fold that reads it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.durable.board import Board

from omnisession_durable.entries import (
    Act,
    Conf,
    Decided,
    Entry,
    Limits,
    Open,
    Outcome,
    Own,
    Place,
    encode,
)
from omnisession_durable.fold import Fold, Judged, Stored
from omnisession_durable.people import People

LIMITS = Limits(sessions=2, outcomes=3, outcomes_ms=1_000, window_ms=500)
SAY: dict[str, Any] = {"op": "say", "key": "chat", "value": {}, "by": "a1"}


class Journal:
    """Hands each entry to a fold when it is written; times are `at_ms`."""

    def __init__(self) -> None:
        self.board = Board()
        self.fold = Fold(self.board, People())
        self.at_ms = 1_000
        self.seq = 0

    def write(self, entry: Entry | bytes, at_ms: int | None = None) -> Judged:
        self.seq += 1
        self.at_ms = self.at_ms + 10 if at_ms is None else at_ms
        data = entry if isinstance(entry, bytes) else encode(entry)
        return self.fold.fold(Stored(self.seq, self.at_ms, data))

    def decide(self, body: Any, n: int | None = None, term: int | None = None) -> Judged:
        place = Place(term or self.fold.term, self.fold.n + 1 if n is None else n)
        return self.write(Decided(place, body))

    def begin(self) -> None:
        """Have a configuration, an owner, and a session."""
        self.write(Conf(0, 1, LIMITS))
        self.write(Own("i1", "i1", 0))
        self.decide(Open("ann", "s1", {"kinds": ["chat"]}))


def act(number: int, name: str = "", **members: Any) -> Act:
    """A message of ann in her first session."""
    base = Act(
        "ann",
        "s1",
        name or f"a{number}",
        number,
        "chat.send",
        "f",
        Outcome({"id": f"m{number}"}),
        writes=({**SAY, "by": name or f"a{number}"},),
    )
    return replace(base, **members)
