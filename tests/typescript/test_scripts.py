"""The scripts of the client in TypeScript say plainly when they judged nothing, and why."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "implementations" / "typescript"


def run(script: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [script, "omnisession-is-not-reached"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def tools(folder: Path, *names: str) -> str:
    """A path with some programs alone."""
    for tool in ("sh", "dirname", "mktemp", "rm", "cat", *names):
        (folder / tool).symlink_to(shutil.which(tool) or tool)
    return str(folder)


def copied(folder: Path) -> Path:
    """The package as it is checked out, with nothing installed."""
    place = folder / "typescript"
    place.mkdir()
    for name in ("build.sh", "check.sh", "package.json", "package-lock.json"):
        shutil.copy(SOURCE / name, place / name)
    return place


def test_without_node_it_is_skipped_and_says_so(tmp_path: Path) -> None:
    done = run(SOURCE / "check.sh", PATH=tools(tmp_path))
    assert done.returncode == 0
    assert done.stderr.startswith("SKIPPED: Node.js is not installed")


def test_without_node_nothing_is_built(tmp_path: Path) -> None:
    done = run(SOURCE / "build.sh", PATH=tools(tmp_path))
    assert (done.returncode, done.stderr) == (69, "no node\n")


@pytest.mark.needs("node")
@pytest.mark.parametrize(("required", "code"), [("0", 0), ("1", 1)])
def test_without_chromium_it_is_not_checked_in_a_browser(
    tmp_path: Path, required: str, code: int
) -> None:
    place = copied(tmp_path)
    (place / "build.sh").write_text("#!/bin/sh\n")
    launcher = place / "dist" / "testee-browser.js"
    launcher.parent.mkdir()
    launcher.write_text("process.exit(process.argv[2] === '--find' ? 69 : 0)")
    (tmp_path / "bin").mkdir()
    npm = tmp_path / "bin" / "npm"
    npm.write_text("#!/bin/sh\n")
    npm.chmod(0o755)
    path = f"{npm.parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [place / "check.sh", "true"],
        env={**os.environ, "PATH": path, "OMNISESSION_REQUIRE_TOOLS": required},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert done.stderr.splitlines()[-1].startswith("SKIPPED: without Chromium the client")


@pytest.mark.needs("node")
@pytest.mark.dear
def test_without_a_way_to_packages_there_is_no_verdict(tmp_path: Path) -> None:
    place = copied(tmp_path)
    offline = {"npm_config_offline": "true", "npm_config_cache": str(tmp_path / "cache")}
    built = run(place / "build.sh", **offline)
    assert built.returncode == 69
    assert built.stderr.splitlines()[-1] == "no way to the packages of npm"
    checked = run(place / "check.sh", **offline)
    assert checked.returncode == 69
    assert "NO VERDICT: the packages of npm could not be installed" in checked.stderr
