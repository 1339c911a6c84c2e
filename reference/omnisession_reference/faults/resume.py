"""Faults of resume."""
# ruff: noqa: D102  an override means what it overrides

from omnisession_reference.faults.registry import fault
from omnisession_reference.session import Session


@fault("replay-one-too-early", breaks="RESUME-003")
class ReplayOneTooEarly(Session):
    """A replay begins with the body at the position asked."""

    def missed(self, seq: int) -> list[bytes] | None:
        behind = 0 < seq < self.seq
        return super().missed(seq - 1 if behind else seq)


@fault("ahead-is-current", breaks="RESUME-005")
class AheadIsCurrent(Session):
    """A position ahead of the head is taken for the head."""

    def missed(self, seq: int) -> list[bytes] | None:
        return [] if seq > self.seq else super().missed(seq)
