"""The kit overrides parts of nats-py that have no public name: they are there in every version allowed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
LIBRARY = "nats-py"
OF_THE_TAP = tuple(
    f"tests/kit/core/test_{name}.py"
    for name in ("tap", "deaf_tap", "link", "parser", "library_unchanged")
)
LENIENT = ("-W", "ignore::ResourceWarning")
"""The oldest version does not close the socket of a connection that the broker has left."""
USED = f"""
import importlib.metadata, nats
print(importlib.metadata.version("{LIBRARY}"), nats.__file__)
"""


def requirement() -> str:
    """What pyproject.toml says of the library, such as nats-py>=2.15,<3."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    (found,) = (text for text in project["dependencies"] if text.startswith(LIBRARY))
    return found


def installer() -> str:
    """The uv that the Makefile uses."""
    found = shutil.which("uv") or shutil.which(ROOT / ".uv" / "bin" / "uv")
    assert found is not None, "there is no uv: run `make`, which fetches one"
    return found


def run(*argv: str, path: Path | None = None) -> str:
    env = {**os.environ, **({"PYTHONPATH": str(path)} if path else {})}
    done = subprocess.run(
        argv, cwd=ROOT, env=env, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_next_major_version_is_not_allowed() -> None:
    assert requirement().endswith(",<3")


@pytest.mark.slow
@pytest.mark.parametrize("end", ["lowest", "highest"])
def test_the_tap_hears_with_the_oldest_and_the_newest_version(end: str, tmp_path: Path) -> None:
    where = ("--target", str(tmp_path), "--python", sys.executable)
    run(installer(), "pip", "install", "--quiet", *where, "--resolution", end, requirement())
    version, file = run(sys.executable, "-c", USED, path=tmp_path).split()
    assert Path(file).is_relative_to(tmp_path)
    lowest = requirement().removeprefix(f"{LIBRARY}>=").partition(",")[0]
    assert version.startswith(f"{lowest}.") is (end == "lowest"), version
    told = run(
        *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *LENIENT, *OF_THE_TAP),
        path=tmp_path,
    )
    assert " passed" in told
    assert "skipped" not in told
