"""What goes wrong with an adapter: never a fault of the client behind it."""

from __future__ import annotations

from omnisession_conformance.engine.stops import Prerequisite, Unfit
from omnisession_conformance.errors import KitError


class AdapterError(KitError, Prerequisite):
    """The kit cannot go on with an adapter; says what it did, in a sentence. Its case is not run."""


class ContractError(AdapterError, Unfit):
    """It has broken the contract of docs/reference/testee.md: a run ends without a verdict (exit 3)."""


class GoneError(AdapterError):
    """It has ended, or hangs: its cases are not run, and it is started again.

    `by_itself` says that its process ended, and that nobody killed it.
    """

    def __init__(self, text: str, *, by_itself: bool = False) -> None:
        super().__init__(text)
        self.by_itself = by_itself


class DeclinedError(AdapterError):
    """It has answered a request with `error`; the text is the adapter's own."""
