"""Follows what one session shows: the fold of its stream, and which lists were full at some time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from omnisession_conformance.protocol.json import as_object
from omnisession_conformance.protocol.model.fold import Folder
from omnisession_conformance.protocol.model.limits import BOUNDS, bound_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from omnisession_conformance.protocol.kinds.parts import Slice
    from omnisession_conformance.roles.server.session import Session


@dataclass(slots=True)
class Watch:
    """The slices of a session, as a right client of it holds them."""

    session: Session
    full: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    early: dict[tuple[str, str], frozenset[str]] = field(
        default_factory=dict[tuple[str, str], frozenset[str]]
    )
    """By list that was full: the ids of what it held then."""
    later: dict[tuple[str, str], set[str]] = field(default_factory=dict[tuple[str, str], set[str]])
    """By list that was full: the ids of what it has held since, and not then."""
    _folder: Folder = field(init=False)
    _read: int = 0

    def __post_init__(self) -> None:
        self._folder = Folder(self.session.limits)

    @property
    def slices(self) -> dict[str, Slice]:
        """What it shows by now."""
        return self._folder.slices

    def follow(self) -> None:
        """Take in what was heard since the last time."""
        stream = self.session.stream
        while self._read < len(stream):
            told = self._folder.take(stream[self._read].body)
            self._read += 1
            if told is not None:
                self._look(told)

    def _look(self, kind: str) -> None:
        slice_ = self._folder.slices[kind]
        for name in BOUNDS[kind]:
            bound = bound_of(kind, name, self.session.limits)
            entries = slice_.get(name) or ()
            place = (kind, name)
            if bound is not None and len(entries) >= bound and place not in self.full:
                self.full.add(place)
                self.early[place], self.later[place] = _ids(entries), set()
            elif place in self.full:
                self.later[place] |= _ids(entries) - self.early[place]


def _ids(entries: Iterable[object]) -> frozenset[str]:
    return frozenset(str(as_object(entry).get("id")) for entry in entries)
