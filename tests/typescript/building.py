"""The client in TypeScript and the page of the demo, built once in a run of the tests."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from tests.needs import untested
from tests.once import made_once

if TYPE_CHECKING:
    import pytest

SOURCE = Path(__file__).resolve().parents[2] / "implementations" / "typescript"
UNAVAILABLE = 69


def built(factory: pytest.TempPathFactory, what: str) -> Path:
    """The folder with what is built; where there is no way to npm's packages, `what` is not tested."""

    def make(folder: Path) -> None:
        del folder
        done = subprocess.run(
            [SOURCE / "build.sh"], capture_output=True, text=True, check=False, timeout=300
        )
        if done.returncode == UNAVAILABLE:
            untested(f"{what}: {done.stderr.splitlines()[-1]}")
        assert done.returncode == 0, done.stderr

    # In place, where programs look for it: two builds at a time would write over each other's files.
    made_once(factory, "typescript-built", make)
    return SOURCE / "dist"
