"""Records for a log, of which only place and sender count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.protocol.subjects import Side, classify
from omnisession_conformance.traffic.record import Party, Record, side_of

if TYPE_CHECKING:
    from omnisession_conformance.traffic.log import Log


def record(
    log: Log,
    subject: str,
    party: Party = Party.TARGET,
    side: Side | None = None,
    case: str | None = None,
) -> Record:
    """Add a record to a log, and give it back."""
    made = Record(
        n=log.mark(),
        t_ns=0,
        at_ms=0,
        subject=subject,
        reply="",
        headers={},
        data=b"{}",
        body={},
        flaws=(),
        party=party,
        side=side or side_of(party),
        case=case,
        address=classify(subject),
    )
    log.append(made)
    return made
