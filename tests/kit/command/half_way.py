"""Real runs that are stopped in the middle of their cases."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest
from tests.kit.command.tool import Ran, children_of, start

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

DEADLINE_S = 60.0
POLL_S = 0.002


def wait_until(found: object, what: str) -> None:
    """Poll another process's doings: there is no event to wait on."""
    assert callable(found)
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end:
        if found():
            return
        threading.Event().wait(POLL_S)
    pytest.fail(f"{what} did not happen within {DEADLINE_S:.0f} s")


def cases_ended(folder: Path) -> int:
    stream = folder / "report" / "results.jsonl"
    return stream.read_text().count('"line":"case"') if stream.exists() else 0


def running_check(folder: Path) -> tuple[subprocess.Popen[str], set[int]]:
    """A check in the middle of its cases, and its descendants."""
    process = start("check", cwd=folder)
    wait_until(lambda: cases_ended(folder) >= 3, "the third case's end")
    return process, children_of(process.pid)


def finished(process: subprocess.Popen[str], folder: Path) -> Ran:
    out, err = process.communicate(timeout=DEADLINE_S)
    return Ran(process.returncode, out, err, folder / "report")
