"""Deployments that a command runs: a trial finds a broker with its users, and ends it."""

from __future__ import annotations

import contextlib
import os
import selectors
import shlex
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from omnisession_conformance.environment.asked import Asked
from omnisession_conformance.environment.broker import find_binary
from omnisession_conformance.environment.settings import read_settings
from omnisession_conformance.errors import TargetError, sentence
from omnisession_conformance.own_python import environment_of, program
from omnisession_conformance.protocol.roles import DEPLOYMENT

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from omnisession_conformance.environment.settings import Settings

DEPLOYMENTS_COMMAND = program("omnisession_deployments")
"""Runs the broker of a deployment until its standard input ends; its first line is the path of a
configuration of the kit. NATS_SERVER_BIN tells it the broker's program."""
START_S, END_S = 60.0, 20.0


@contextlib.contextmanager
def deployed(command: Sequence[str], seed: int) -> Generator[Settings]:
    """Run a deployment, and give the settings by which it is judged; TargetError where that fails."""
    env = environment_of(command, {**os.environ, "NATS_SERVER_BIN": str(find_binary())})
    try:
        process = subprocess.Popen(
            command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
    except OSError as error:
        raise TargetError(f"Cannot run `{shlex.join(command)}`: {sentence(error)}.") from error
    with process:
        try:
            file = Path(_first_line(process, command))
            found, _ = read_settings(file, None, None, None, asked=Asked(DEPLOYMENT))
            yield replace(found, seed=seed, shrink_s=0.0)
        finally:
            _end(process)


def _first_line(process: subprocess.Popen[bytes], command: Sequence[str]) -> str:
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    with selectors.DefaultSelector() as ready:
        ready.register(process.stdout, selectors.EVENT_READ)
        line = process.stdout.readline() if ready.select(START_S) else b""
    if line:
        return line.decode().rstrip("\n")
    process.kill()
    said = process.stderr.read().decode("utf-8", "replace").strip() if process.stderr else ""
    raise TargetError(f"`{shlex.join(command)}` started no deployment. It said:\n{said[-500:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Have it end its broker, and itself."""
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()
    try:
        process.wait(END_S)
    except subprocess.TimeoutExpired:
        process.kill()
