"""Runs a command as `main` does, on a small suite, so that no change of the real one matters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from omnisession_conformance import suite
from omnisession_conformance.cli.main import cli
from omnisession_conformance.engine.case import Case, Phase
from omnisession_conformance.errors import KitError
from omnisession_conformance.protocol.verdict import CheckId

if TYPE_CHECKING:
    import click

    from omnisession_conformance.roles.server.context import Context


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command did; `said` is its output or, where it failed, its one message."""

    code: int
    said: str


Run = Callable[..., Ran]


async def _nothing(context: Context) -> None:
    raise NotImplementedError


CASES = (
    Case("open-order", ("STATE-003",), _nothing, title="Opens with every kind."),
    Case(
        "reopen-live",
        ("STATE-003", "CTRL-007"),
        _nothing,
        needs=("events", "hook:restart"),
        phase=Phase.HOOKS,
    ),
)
CHECKS = (
    CheckId("CTRL-007", "reopen-live"),
    CheckId("STATE-003", "open-order"),
    CheckId("STATE-003", "reopen-live"),
    CheckId("STATE-003", "sweep"),
    CheckId("CLI-034", "sweep"),
)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command with arguments and what it reads from standard input."""
    monkeypatch.setattr(suite, "checks", lambda: CHECKS)
    monkeypatch.setattr(suite, "cases", lambda: CASES)

    def run(command: click.Command, *arguments: str, stdin: bytes = b"") -> Ran:
        # By way of the program: click keeps with a command how it was called first, its help too.
        words = [str(command.name), *arguments]
        result = CliRunner().invoke(cli, words, input=stdin, standalone_mode=False)
        if isinstance(result.exception, KitError):
            return Ran(result.exception.exit_code, str(result.exception))
        if result.exception is not None:
            raise result.exception
        return Ran(result.return_value or 0, result.output)

    return run
