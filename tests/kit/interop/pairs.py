"""Pairs of programs: the reference server and client, each right, wrong or unusual, or none at all."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.kit.command.tool import Ran, omnisession

if TYPE_CHECKING:
    from pathlib import Path

SERVER = (sys.executable, "-m", "omnisession_reference", "--log-level", "error")
CLIENT = (sys.executable, "-m", "omnisession_client.testee")
NULLS = (sys.executable, "-m", "omnisession_conformance.nulls")
OF_CLIENTS = ("CLI", "HYB")


@dataclass(frozen=True, slots=True)
class Pair:
    """The options behind the command of each side."""

    server: tuple[str, ...] = ()
    client: tuple[str, ...] = ()

    @property
    def options(self) -> tuple[str, ...]:
        """What `omnisession check` is told."""
        return (
            *("--server-cmd", shlex.join((*SERVER, *self.server))),
            *("--client-cmd", shlex.join((*CLIENT, *self.client))),
        )

    @property
    def name(self) -> str:
        """What a test calls it."""
        return " ".join((*self.server, *self.client)).replace("--", "") or "right"


def check(folder: Path, *arguments: str) -> Ran:
    """Run the command in a folder."""
    return omnisession("check", *arguments, cwd=folder)


def failed(ran: Ran) -> set[str]:
    """The requirements that a run says are broken."""
    return {line["id"] for line in ran.of("requirement") if line["status"] == "FAIL"}


def of_side(ids: set[str], side: str) -> set[str]:
    """Those that one side has to keep."""
    return {id_ for id_ in ids if id_.startswith(OF_CLIENTS) is (side == "client")}
