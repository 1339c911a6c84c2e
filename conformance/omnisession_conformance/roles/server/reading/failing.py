"""Types of actions that a server never takes: each of them fails, or waits for one that failed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from omnisession_conformance.engine.blame import NeverWorks
from omnisession_conformance.protocol.json import maybe_int, maybe_text, member
from omnisession_conformance.traffic.record import Party

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from omnisession_conformance.protocol.verdict import CheckId
    from omnisession_conformance.traffic.record import Record

FAILURES = (5000, 5030, 5040)
AHEAD = 4091
"""An action that is ahead of the count, as every one is that comes behind a failure in its session."""
Number = tuple[str | None, str | None, int | None]
"""Of an action in a session of a user."""


@dataclass(slots=True)
class _Outcomes:
    """What became of actions of some types, and of those of any type that are ahead of the count."""

    works: set[str] = field(default_factory=set[str])
    refused: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    failed: dict[Number, str] = field(default_factory=dict[Number, str])
    """By number of an action that failed its type."""
    ahead: list[tuple[Number, int]] = field(default_factory=list[tuple[Number, int]])
    """The numbers that actions ahead of them were told to send first, with the record that did so."""

    def take(self, outcome: Record, type_: str | None) -> None:
        """Take note of an outcome; the type is None where it is none of those looked for."""
        error = outcome.payload.get("error")
        code = maybe_int(member(error, "code"))
        if outcome.type == "action.ack" and type_ is not None:
            self.works.add(type_)
        elif code == AHEAD:
            first = maybe_int(member(member(error, "details"), "expected"))
            self.ahead.append((_number(outcome, first), outcome.n))
        elif code in FAILURES and type_ is not None:
            self.refused[type_].add(outcome.n)
            number = maybe_int(outcome.payload.get("client_seq"))
            self.failed[_number(outcome, number)] = type_

    def of(self, type_: str) -> frozenset[int]:
        """The records that refused actions of a type, and all that were ahead of one that failed."""
        behind = {n for number, n in self.ahead if self.failed.get(number) == type_}
        return frozenset(self.refused[type_] | behind)


def never_works(
    records: Iterable[Record], suspects: Mapping[str, CheckId]
) -> tuple[NeverWorks, ...]:
    """Which of some types of actions were never acked, with the records that refused them as failures."""
    types: dict[str, str] = {}
    found = _Outcomes()
    for record in records:
        if record.party is Party.KIT:
            action_id = maybe_text(member(record.body, "action_id"))
            if action_id is not None and types.setdefault(action_id, record.type) != record.type:
                # Garbage, or another action under an id that is known: nobody can tell whose outcome comes.
                types[action_id] = ""
        elif record.type in ("action.ack", "action.nack"):
            type_ = types.get(maybe_text(record.payload.get("action_id")) or "")
            found.take(record, type_ if type_ in suspects else None)
    return tuple(
        NeverWorks(type_, check, found.of(type_))
        for type_, check in suspects.items()
        if type_ not in found.works
    )


def _number(outcome: Record, number: int | None) -> Number:
    user_id = maybe_text(member(outcome.body, "user_id"))
    return user_id, maybe_text(member(outcome.body, "session_id")), number
