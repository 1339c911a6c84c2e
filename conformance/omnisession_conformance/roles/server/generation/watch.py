"""Follows what one session shows: the fold of its stream, and which lists were full at some time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from omnisession_conformance.protocol.model.fold import Folder
from omnisession_conformance.protocol.model.limits import BOUNDS, bound_of

if TYPE_CHECKING:
    from omnisession_conformance.protocol.kinds.parts import Slice
    from omnisession_conformance.roles.server.session import Session


@dataclass(slots=True)
class Watch:
    """The slices of a session, as a right client of it holds them."""

    session: Session
    full: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
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
            if bound is not None and len(slice_.get(name) or ()) >= bound:
                self.full.add((kind, name))
