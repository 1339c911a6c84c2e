"""The records of a run as the rules for clients read them: what the client has said, and of what."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from omnisession_conformance.protocol.subjects import Side
from omnisession_conformance.traffic.record import Party

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.roles.client.facts import Facts
    from omnisession_conformance.traffic.record import Record


@dataclass(frozen=True)
class Trace:
    """All records, those of strangers left out, and what is known beside them."""

    records: Sequence[Record]
    facts: Facts

    @cached_property
    def said(self) -> tuple[Record, ...]:
        """What clients have published: of the protocol's subjects alone."""
        return tuple(
            r
            for r in self.records
            if r.party is Party.TARGET and r.side is Side.CLIENT and r.address.family != "other"
        )
