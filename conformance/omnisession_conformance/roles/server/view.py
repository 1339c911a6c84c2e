"""What can be seen of one session: its names, what the target granted it, and its messages so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, cast

from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.protocol.model.fold import RunningFold
from omnisession_conformance.protocol.position import Position
from omnisession_conformance.traffic.log import session_topic

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from omnisession_conformance.environment.users import User
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.traffic.log import Log
    from omnisession_conformance.traffic.record import Record

T = TypeVar("T")


def _texts(value: Any) -> tuple[str, ...]:
    items = cast("list[Any]", value) if isinstance(value, list) else []
    return tuple(item for item in items if isinstance(item, str))


def _integers(value: Any) -> dict[str, int]:
    members = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    return {name: number for name, number in members.items() if type(number) is int}


@dataclass(slots=True)
class SessionView:
    """A session of a user on the log; `opened` is the answer that opened it, once there is one."""

    log: Log
    user: User
    id: str
    opened: Answer | None = None
    _folded: RunningFold = field(default_factory=RunningFold, init=False, repr=False, compare=False)

    @property
    def topics(self) -> tuple[str, ...]:
        """What a wait on this session listens to."""
        return (session_topic(self.user.id, self.id),)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds that the target opened."""
        return _texts(self.opened.data.get("kinds")) if self.opened else ()

    @property
    def features(self) -> tuple[str, ...]:
        """Features that the target granted."""
        return _texts(self.opened.data.get("features")) if self.opened else ()

    @property
    def timers(self) -> Mapping[str, int]:
        """Timers in force, as `session.opened` told them; one that is no integer counts as not told."""
        return _integers(self.opened.data.get("timers")) if self.opened else {}

    @property
    def limits(self) -> Mapping[str, int]:
        """Limits that the target advertised to this session; see `timers`."""
        return _integers(self.opened.data.get("limits")) if self.opened else {}

    # -- views on the log ----------------------------------------------------------------------------

    @property
    def stream(self) -> Sequence[Record]:
        """States and events of this session so far, in tap order."""
        return self.log.stream(self.user.id, self.id)

    @property
    def pushes(self) -> Sequence[Record]:
        """What the target published on `.control`, in tap order."""
        return self.log.control(self.user.id, self.id)

    @property
    def head(self) -> tuple[int, int]:
        """Epoch and seq that the stream in the log has reached."""
        return self.log.head(self.user.id, self.id)

    def after(self, position: Position) -> list[Record]:
        """States and events beyond a position, in tap order."""
        return [
            r
            for r in self.stream
            if (p := Position.of(r.body)) is not None and p.head > position.head
        ]

    def states(self, kind: str | None = None) -> list[Record]:
        """States so far, of one kind or all."""
        return [
            r
            for r in self.stream
            if r.address.family == "state" and (kind is None or r.payload.get("type") == kind)
        ]

    def events(self, type_: str | None = None) -> list[Record]:
        """Events so far, of one type or all."""
        return [
            r
            for r in self.stream
            if r.address.family == "events" and (type_ is None or r.type == type_)
        ]

    def slice(self, kind: str, *, upto: Position | None = None) -> dict[str, Any]:
        """What a right client of this session would hold of a kind, up to a position or now."""
        head = upto.head if upto else None
        slices = self._folded.fold(self.stream, upto=head, limits=self.limits)
        if kind not in slices:
            raise Prerequisite(f"a session has not been told any state of its kind '{kind}'")
        return slices[kind]

    async def wait(self, find: Callable[[], T | None], timeout_s: float) -> T | None:
        """Wait for something in this session's messages; None when its time has passed."""
        return await self.log.wait(self.topics, find, timeout_s=timeout_s)
