"""What the core asks of a kind of state."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from omnisession_reference.action import Handler
from omnisession_reference.change import Change, Slice
from omnisession_reference.session import Session


class Kind(Protocol):
    """One kind of state: its actions, its slices and who is told of its changes.

    It is made from the Services alone. A change that no action causes, such as a timer's, it hands
    to `services.fanout` itself.
    """

    name: str

    def handlers(self) -> Mapping[str, Handler]:
        """Return the actions of the kind by type."""
        ...

    def build(self, session: Session, /) -> Slice:
        """Make the slice of a session that is being opened."""
        ...

    def joined(self, session: Session, /) -> Iterable[Change]:
        """Take note of a session, of whatever kinds, that is being opened; tell the others."""
        ...

    def left(self, session: Session, /) -> Iterable[Change]:
        """Take note of a session, of whatever kinds, that has ended; tell the others."""
        ...
