"""A tap outside a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.protocol.schemas.check import Checker
from omnisession_conformance.traffic.reader import Reader
from omnisession_conformance.traffic.tap import Tap

if TYPE_CHECKING:
    from omnisession_conformance.traffic.ledger import Ledger
    from omnisession_conformance.traffic.log import Log


def new_tap(log: Log, ledger: Ledger, lost: list[str]) -> Tap:
    """A tap that is not open yet; `lost` is told why it can go on no more."""
    reader = Reader(Checker(), ledger.services, 1.0)
    return Tap(log, ledger, reader, "_INBOX.trace.", lost.append)
