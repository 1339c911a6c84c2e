"""`check.sh` says plainly when it judged nothing: without Go, and without a network for its modules."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from tests.go.servers import SOURCE

if TYPE_CHECKING:
    from pathlib import Path


def run(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [SOURCE / "check.sh", "omnisession-is-not-reached"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_without_go_it_is_skipped_and_says_so(tmp_path: Path) -> None:
    for tool in ("sh", "dirname"):
        (tmp_path / tool).symlink_to(shutil.which(tool) or tool)
    done = run(PATH=str(tmp_path))
    assert done.returncode == 0
    assert done.stderr.startswith("SKIPPED: Go is not installed")


@pytest.mark.needs("go")
def test_without_a_network_there_is_no_verdict(tmp_path: Path) -> None:
    done = run(GOPROXY="off", GOMODCACHE=str(tmp_path), GOFLAGS="-modcacherw")
    assert done.returncode == 69
    assert "NO VERDICT: the Go modules could not be downloaded" in done.stderr
