"""What the core asks of a kind of state."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from omnisession_reference.action import Handler
from omnisession_reference.change import Change, Slice
from omnisession_reference.clock import Clock
from omnisession_reference.fanout import Fanout
from omnisession_reference.parts import Parts
from omnisession_reference.session import Session
from omnisession_reference.sessions import Sessions
from omnisession_reference.store import Store


@dataclass(frozen=True, slots=True)
class Needs:
    """What a kind may use; `fanout` is for changes that no action causes, such as a timer's."""

    store: Store
    sessions: Sessions
    clock: Clock
    fanout: Fanout
    parts: Parts


class Kind(Protocol):
    """One kind of state: its actions, its slices and who is told of its changes."""

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


KindType = Callable[[Needs], Kind]
