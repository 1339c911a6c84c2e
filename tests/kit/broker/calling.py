"""How the kit is called for a row: what WebSockets take stands beside what all else is tested with."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.kit.command.tool import Ran, omnisession

WEB_SOCKETS = Path(sys.prefix) / ".ws"
"""Where the Makefile puts the library."""


class Calling(Protocol):
    """Calls `omnisession …` in a folder."""

    @property
    def folder(self) -> Path: ...

    def omnisession(self, *arguments: str) -> Ran: ...


@dataclass(frozen=True)
class Apart:
    """Each call is a process of its own, which loads the library: nats-py looks for it once."""

    folder: Path

    def omnisession(self, *arguments: str) -> Ran:
        return omnisession(*arguments, cwd=self.folder)
