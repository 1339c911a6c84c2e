"""One session as its server knows it: slices, head and history, which its own states and events keep."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.model.digest import digest
from omnisession_conformance.protocol.model.reducers import reduce_event
from omnisession_conformance.protocol.model.slices import kind_of_event
from omnisession_conformance.protocol.position import Position
from omnisession_conformance.protocol.subjects import tok
from omnisession_conformance.roles.client.puppet.bodies import envelope, told

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omnisession_conformance.protocol.json import Object
    from omnisession_conformance.protocol.kinds.parts import Slice


@dataclass(frozen=True, slots=True)
class Message:
    """A message of a session: on which of its subjects, and what it says."""

    subject: str
    body: Object


@dataclass(slots=True)
class Served:
    """A session from its open on; `slices` are what a client has to hold when all is there."""

    user_id: str
    session_id: str
    kinds: tuple[str, ...]
    features: frozenset[str]
    limits: Mapping[str, int]
    timers: Mapping[str, int]
    slices: dict[str, Slice]
    epoch: int = 1
    seq: int = 0
    counted: int = 0
    """The last of its actions that is done and visible."""
    ended: bool = False
    history: dict[tuple[int, int], Message] = field(default_factory=dict[tuple[int, int], Message])

    @property
    def position(self) -> Position:
        """Its head."""
        return Position(self.epoch, self.seq, self.counted)

    @property
    def digests(self) -> dict[str, str | None]:
        """The digest of each slice."""
        return {kind: digest(slice_) for kind, slice_ in self.slices.items()}

    def subject(self, leaf: str) -> str:
        """One of its subjects."""
        return f"session.{tok(self.user_id)}.{tok(self.session_id)}.{leaf}"

    def body(self, type_: str, data: Mapping[str, Any], at_ms: int) -> Object:
        """A body outside of the stream."""
        return {**envelope(type_, self.user_id, self.session_id, at_ms), "data": dict(data)}

    def state(self, kind: str, reason: str, at_ms: int, slice_: Slice | None = None) -> Message:
        """The next message: a state of this kind, with another slice from now on where one is given."""
        if slice_ is not None:
            self.slices[kind] = slice_
        body = self._next("session.state", at_ms)
        body |= {"reason": reason, "data": self.slices[kind]}
        if "digests" in self.features:
            body["digest"] = digest(self.slices[kind])
        return self._keep("state", body)

    def states(self, reason: str, at_ms: int, kinds: Sequence[str] = ()) -> list[Message]:
        """One state for each kind."""
        return [self.state(kind, reason, at_ms) for kind in kinds or self.kinds]

    def event(
        self,
        type_: str,
        data: Mapping[str, Any],
        at_ms: int,
        *,
        event_id: str,
        actor: str | None = None,
        cause: Mapping[str, Any] | None = None,
    ) -> Message:
        """The next message: an event, which changes its slice; one of an unknown type changes nothing."""
        kind = kind_of_event(type_)
        if kind in self.slices:
            self.slices[kind] = reduce_event(self.slices[kind], type_, dict(data), self.limits)
        body = self._next(type_, at_ms)
        body |= {"event_id": event_id, "actor": actor, "cause": cause, "data": dict(data)}
        return self._keep("events", body)

    def changed(self, kind: str, type_: str, data: Mapping[str, Any], at_ms: int) -> Message:
        """The next message in a session without events: the state after a change."""
        after = reduce_event(self.slices[kind], type_, dict(data), self.limits)
        return self.state(kind, "change", at_ms, after)

    def stranger(self, data: Mapping[str, Any], at_ms: int) -> Message:
        """The next message: a state of a kind that the protocol does not know."""
        return self._keep(
            "state", self._next("session.state", at_ms) | {"reason": "change", "data": dict(data)}
        )

    def fall_back(self, seq: int, slices: Mapping[str, Slice]) -> None:
        """Know nothing after a place of this epoch any more, as a server that has lost its end."""
        self.seq, self.slices = seq, dict(slices)
        self.forget()

    def skip_to(self, seq: int) -> None:
        """Have said so much that nobody keeps: what comes next is behind that."""
        self.seq = seq
        self.forget()

    def begin_epoch(self, epoch: int | None = None) -> None:
        """From now on seqs begin anew, in the next epoch or a given one; a takeover does that."""
        self.epoch, self.seq = epoch or self.epoch + 1, 0

    def since(self, epoch: int, seq: int) -> list[Message] | None:
        """Everything after a position, None where it is not known."""
        # More than is kept at all may be too much to look for.
        if epoch != self.epoch or not 0 <= self.seq - seq <= len(self.history):
            return None
        found = [self.history.get((epoch, number)) for number in range(seq + 1, self.seq + 1)]
        known = [message for message in found if message is not None]
        return known if len(known) == len(found) else None

    def forget(self) -> None:
        """Keep no messages: from now on states answer each resume."""
        self.history.clear()

    def _next(self, type_: str, at_ms: int) -> Object:
        self.seq += 1
        return {**envelope(type_, self.user_id, self.session_id, at_ms), **told(self.position)}

    def _keep(self, leaf: str, body: Object) -> Message:
        message = Message(self.subject(leaf), body)
        self.history[self.epoch, self.seq] = message
        return message
