"""The script of the client in Gleam says plainly when it judged nothing, and why."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from tests.gleam.modules import PACKAGE

if TYPE_CHECKING:
    from pathlib import Path

TOOLS = ("sh", "dirname", "mktemp", "rm", "cat")


def path_with(folder: Path, **programs: str) -> str:
    """A path with a few programs alone, some of them made up."""
    for tool in TOOLS:
        (folder / tool).symlink_to(shutil.which(tool) or tool)
    for name, text in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
    return str(folder)


def check(path: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PACKAGE / "check.sh", "omnisession-is-not-reached"],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("there", "missing"),
    [({}, "gleam"), ({"gleam": "exit 1"}, "node"), ({"gleam": "exit 1", "node": "exit 1"}, "npm")],
)
def test_without_a_tool_it_is_skipped_and_says_so(
    tmp_path: Path, there: dict[str, str], missing: str
) -> None:
    done = check(path_with(tmp_path, **there))
    assert done.returncode == 0
    assert done.stderr.startswith(f"SKIPPED: {missing} is not installed")


def test_without_a_way_to_packages_there_is_no_verdict(tmp_path: Path) -> None:
    offline = "echo no way to Hex >&2; exit 1"
    done = check(path_with(tmp_path, gleam=offline, node="exit 1", npm="exit 1"))
    assert done.returncode == 69
    assert "NO VERDICT" in done.stderr
    assert "no way to Hex" in done.stderr
