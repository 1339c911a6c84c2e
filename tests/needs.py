"""Programs that some tests need and no Python package brings.

A test says `@pytest.mark.needs("go")`. Without the program it is skipped, and the last line of the run
says what was not tested. Where OMNISESSION_REQUIRE_TOOLS is 1, as in CI, it fails instead: there a
skipped test would be a gate that stands open.

As a program, `python tests/needs.py chromium` prints where a tool was found, or why it is missing.
"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest

REQUIRED = "OMNISESSION_REQUIRE_TOOLS"
NOT_TESTED = "NOT TESTED: "
"""What the reason of such a skip begins with."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A program, by whichever of its names it is installed."""

    title: str
    names: tuple[str, ...]
    tests: str
    """What nobody looks at without it."""
    way_out: str
    variable: str | None = None
    """The environment variable that names it where it is elsewhere."""

    def find(self) -> str | None:
        """Where it is: beside this Python, or on the path."""
        named = os.environ.get(self.variable) if self.variable else None
        path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
        found = (shutil.which(name, path=path) for name in ((named,) if named else self.names))
        return next(filter(None, found), None)

    @property
    def missing(self) -> str:
        """Why a test that needs it says nothing."""
        named = os.environ.get(self.variable) if self.variable else None
        sought = (
            f"{self.variable} names {named}" if named else f"looked for {', '.join(self.names)}"
        )
        return f"{self.tests}: {self.title} is not installed ({sought}); {self.way_out}"


TOOLS = {
    "chromium": Tool(
        "Chromium",
        ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
        "the HTML report, the client and the demo in a browser",
        "install it (Debian: apt-get install chromium), or name it in CHROMIUM",
        "CHROMIUM",
    ),
    "go": Tool("Go", ("go",), "the server in Go", "install it (https://go.dev/doc/install)"),
    "node": Tool(
        "Node.js", ("node", "nodejs"), "the script of the HTML report", "install it (nodejs.org)"
    ),
    "hadolint": Tool(
        "hadolint", ("hadolint",), "the Containerfile", "its wheel has no build for this platform"
    ),
}


def program(name: str) -> str:
    """Return where a tool is; without it this is the end of the test, as `untested` says."""
    tool = TOOLS[name]
    return tool.find() or untested(tool.missing)


def untested(reason: str) -> NoReturn:
    """Skip a test for want of something outside the project; fail it where all has to be there."""
    if os.environ.get(REQUIRED) == "1":
        pytest.fail(f"{reason} ({REQUIRED}=1: nothing may be left out)", pytrace=False)
    pytest.skip(f"{NOT_TESTED}{reason}")


def main(name: str) -> int:
    """Print where a tool is, or why it is missing; 0 if it is there."""
    where = TOOLS[name].find()
    (sys.stdout if where else sys.stderr).write(f"{where or TOOLS[name].missing}\n")
    return 0 if where else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
