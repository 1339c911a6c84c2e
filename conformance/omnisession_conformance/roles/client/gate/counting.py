"""How many messages have come to a client for a session, by its subscriptions alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omnisession_conformance.environment.proxy.subscriptions import covers
from omnisession_conformance.protocol.subjects import tok

if TYPE_CHECKING:
    from collections.abc import Iterable

    from omnisession_conformance.environment.proxy.subscriptions import Subscription

_LEAVES = ("state", "events", "control")


@dataclass(frozen=True, slots=True)
class Count:
    """Messages that have passed to the subscriptions of a session.

    `live` of them to those in force, `ended` to the `ends` that are over, by an UNSUB or with their
    connection.
    """

    live: int = 0
    ended: int = 0
    ends: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.live + self.ended


def subjects_of(user_id: str, session_id: str) -> tuple[bytes, ...]:
    """The subjects of a session."""
    begin = f"session.{tok(user_id)}.{tok(session_id)}"
    return tuple(f"{begin}.{leaf}".encode() for leaf in _LEAVES)


def count(subjects: Iterable[bytes], found: Iterable[tuple[Subscription, bool]]) -> Count:
    """Count for the subscriptions that cover any of these; each comes with whether it may be in force."""
    wanted = tuple(subjects)
    live = ended = ends = 0
    for one, connected in found:
        if not any(covers(one.subject, subject) for subject in wanted):
            continue
        if connected and not one.over:
            live += one.delivered
        else:
            ended += one.delivered
            ends += 1
    return Count(live, ended, ends)
