"""`omnisession up --secure`, as its users start it, and credentials that the command writes for it."""

from __future__ import annotations

import contextlib
import json
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.kit.command.tool import clean_environment, command
from tests.kit.demo.demo import PATIENCE_S, Running, running

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

Made = dict[str, Any]


@dataclass(frozen=True)
class Secured:
    """One that runs, on the folder `data` of its working directory; `said` is what it printed."""

    up: Running
    folder: Path
    said: str

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def credentials(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Call `omnisession credentials` in its working directory."""
        return subprocess.run(
            command("credentials", "--data", "data", *words),
            cwd=self.folder,
            env=clean_environment(),
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )

    def made(self, *words: str) -> Made:
        """What the command writes for a program."""
        ran = self.credentials(*words)
        assert (ran.returncode, ran.stderr) == (0, "")
        return json.loads((self.folder / ran.stdout.splitlines()[0]).read_text("utf-8"))


@contextlib.contextmanager
def secured(folder: Path, *words: str) -> Generator[Secured]:
    """Have one that serves, for the length of the block; nothing of it is left."""
    with running("up", "--secure", "--data", "data", *words, folder=folder) as up:
        assert up.process.stdout is not None
        lines = [f"Sessions are served at {up.url}\n"]
        while not lines[-1].startswith("Ctrl-C"):
            lines.append(up.process.stdout.readline())
        yield Secured(up, folder, "".join(lines))
