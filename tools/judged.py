"""Runs `omnisession check` once for a tool that checks many targets, and tells of it in a line."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

LONGEST_S = 240


def judged(
    name: str,
    options: Sequence[str],
    folder: Path,
    *,
    environment: Mapping[str, str] | None = None,
    without: Collection[str] = (),
    width: int = 8,
) -> tuple[int, str]:
    """Check a target under a name; the exit code, and how it ended after how many seconds.

    What is printed is shown where it is not conformant. `without` names variables that are not inherited.
    """
    inherited = {key: value for key, value in os.environ.items() if key not in without}
    command = (sys.executable, "-m", "omnisession_conformance", "check", "--report", str(folder))
    began = time.monotonic()
    done = subprocess.run(
        [*command, *options],
        env={**inherited, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST_S,
    )
    if done.returncode:
        sys.stderr.write(done.stdout + done.stderr)
    verdict = "conformant" if done.returncode == 0 else f"FAILED with exit code {done.returncode}"
    return done.returncode, f"{name:<{width}} {time.monotonic() - began:6.1f} s  {verdict}"
