"""The fold: what a right client holds after the states and events of a session, in order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from omnisession_conformance.protocol.json import is_list, is_object
from omnisession_conformance.protocol.kinds.parts import Slice
from omnisession_conformance.protocol.model.reducers import reduce_event
from omnisession_conformance.protocol.model.slices import (
    MEMBERS,
    empty_slice,
    kind_of_event,
    kind_of_state,
)
from omnisession_conformance.protocol.position import Position

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NO_LIMITS: Mapping[str, Any] = {}


class Told(Protocol):
    """What has the decoded body of a message, as a record has."""

    @property
    def body(self) -> dict[str, Any] | None:
        """The body, None where it is no object."""
        ...


def readable(kind: str, data: Slice) -> Slice:
    """Return a state's `data` as a slice that the reducers can take, whatever is wrong with it.

    A right one is returned as it is; a list that is none counts as empty, an entry of the wrong
    type is left out.
    """
    repaired: Slice = {}
    for name, empty in empty_slice(kind).items():
        value: Any = data.get(name)
        if not isinstance(empty, list):
            if name not in data:
                repaired[name] = empty
        elif (entries := _entries(value, dict if MEMBERS[kind][name] else str)) is not value:
            repaired[name] = entries
    return {**data, **repaired} if repaired else data


def _entries(value: Any, wanted: type) -> list[Any]:
    if not is_list(value):
        return []
    if set(map(type, value)) <= {wanted}:
        return value
    return [entry for entry in value if type(entry) is wanted]


@dataclass(slots=True)
class Folder:
    """The slices of one session, moved on message by message as a right client would.

    `head` is the epoch and seq reached. Messages at or below it are dropped; a gap is folded over,
    since the order rules judge it.
    """

    limits: Mapping[str, Any] = field(default_factory=dict[str, Any])
    head: tuple[int, int] = (0, 0)
    slices: dict[str, Slice] = field(default_factory=dict[str, Slice])

    def take(self, body: Mapping[str, Any] | None) -> str | None:
        """Take the next state or event body; return the kind whose slice it told or changed.

        None where it is dropped as old or unusable, or where its type or kind is unknown.
        """
        position = Position.of(body)
        if body is None or position is None or position.head <= self.head:
            return None
        if position.epoch > self.head[0]:
            # An epoch begins with a state of every kind: what was held before counts no longer.
            self.slices.clear()
        self.head = position.head
        data: Any = body.get("data")
        if not is_object(data):
            return None
        type_: Any = body.get("type")
        return self._state(data) if type_ == "session.state" else self._event(str(type_), data)

    def _state(self, data: dict[str, Any]) -> str | None:
        kind = kind_of_state(data)
        if kind is not None:
            self.slices[kind] = readable(kind, data)
        return kind

    def _event(self, type_: str, data: dict[str, Any]) -> str | None:
        kind = kind_of_event(type_)
        if kind is None:
            return None
        before = self.slices.get(kind)
        after = reduce_event(
            empty_slice(kind) if before is None else before, type_, data, self.limits
        )
        self.slices[kind] = after
        return kind


@dataclass(slots=True)
class RunningFold:
    """The fold of a stream that grows, for those who ask again and again.

    What `fold` returns of the same records, without folding those again that were folded before: it
    goes on behind the longest beginning of the stream that no bound so far has cut.
    """

    _folder: Folder = field(default_factory=Folder)
    _folded: int = 0
    _highest: tuple[int, int] = (0, 0)
    """The highest position of what was folded."""

    def fold(
        self,
        records: Sequence[Told],
        *,
        upto: tuple[int, int] | None = None,
        limits: Mapping[str, Any] = NO_LIMITS,
    ) -> dict[str, Slice]:
        """Fold the records; each time the same and perhaps more of them. See `fold`."""
        if self._folder.limits != limits or (upto is not None and upto < self._highest):
            self._folder, self._folded, self._highest = Folder(limits), 0, (0, 0)
        for index in range(self._folded, len(records)):
            record = records[index]
            position = Position.of(record.body)
            if position is not None and upto is not None and position.head > upto:
                return self._with(records[index:], upto)
            if position is not None:
                self._highest = max(self._highest, position.head)
                self._folder.take(record.body)
            self._folded = index + 1
        return dict(self._folder.slices)

    def _with(self, rest: Sequence[Told], upto: tuple[int, int]) -> dict[str, Slice]:
        folder = self._folder
        ahead = Folder(folder.limits, folder.head, dict(folder.slices))
        for record in rest:
            position = Position.of(record.body)
            if position is not None and position.head <= upto:
                ahead.take(record.body)
        return ahead.slices


def fold(
    records: Sequence[Told],
    *,
    upto: tuple[int, int] | None = None,
    limits: Mapping[str, Any] = NO_LIMITS,
) -> dict[str, Slice]:
    """Fold the states and events of one session, in tap order, and return its slices by kind.

    `upto` is an epoch and seq: messages beyond it are left out. A kind that was never told is not
    in the result.
    """
    return RunningFold().fold(records, upto=upto, limits=limits)
