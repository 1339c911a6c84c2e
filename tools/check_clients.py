"""Checks every client that stands here, whole and in parts, once.

`python tools/check_clients.py FOLDER` writes the report of each run into a folder of its own below
FOLDER. It tells how each ended and after how many seconds, and exits with 1 where one of them was not
conformant. What cannot run here is told as skipped.
"""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from judged import judged

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent
TYPESCRIPT = ROOT / "implementations" / "typescript"
NODE = ("node", str(TYPESCRIPT / "dist" / "testee.js"))
BROWSER = ("node", str(TYPESCRIPT / "dist" / "testee-browser.js"))
# It takes no timers: what waits for the times of the protocol does so side by side.
WIDGET = (sys.executable, "-m", "tests.client.foreign.adapter", "100")
PYTHON = (sys.executable, "-m", "omnisession_client.testee")
AT_A_TIME = 2
WIDTH = 16
BUILT_WITHIN_S = 300
UNAVAILABLE = 69
"""What a build ends with where its tools or its packages are not to be had."""
BUILDING = Lock()
"""Two clients are made of the same package."""
REQUIRED = "OMNISESSION_REQUIRE_TOOLS"
"""Where it is 1, as in CI, nothing may be skipped."""


@dataclass(frozen=True, slots=True)
class Client:
    """A client under a name, and the command of its adapter."""

    name: str
    command: Sequence[str]
    build: Path | None = None
    """What has to run before; None for nothing."""
    options: Sequence[str] = ()


def clients() -> tuple[Client, ...]:
    """The reference client, whole and in parts, one of another make, one in TypeScript, also in a page."""
    kinds = ("articles", "chat", "url", "user")
    return (
        Client("python", PYTHON),
        *(Client(f"python-{kind}", (*PYTHON, "--kinds", kind)) for kind in kinds),
        Client("python-states", (*PYTHON, "--kinds", "chat", "--features", "")),
        Client("python-reads", (*PYTHON, "--read-only")),
        *(Client(f"python-{mode}", (*PYTHON, "--mode", mode)) for mode in ("pure", "hybrid")),
        Client("widget", WIDGET),
        Client("node", NODE, build=TYPESCRIPT / "build.sh"),
        Client(
            "browser",
            BROWSER,
            build=TYPESCRIPT / "build-browser.sh",
            options=("--client-carrier", "subject"),
        ),
    )


def check(client: Client, folder: Path) -> tuple[int, str]:
    """Build a client where that is to be done, and check it; the exit code, and a line that tells of it."""
    if client.build is not None:
        with BUILDING:
            built = subprocess.run(
                [client.build], capture_output=True, text=True, check=False, timeout=BUILT_WITHIN_S
            )
        said = built.stderr.strip() or "nothing was said"
        if built.returncode == UNAVAILABLE:
            required = os.environ.get(REQUIRED) == "1"
            return int(
                required
            ), f"{client.name:<{WIDTH}}          skipped: {said.splitlines()[-1]}"
        if built.returncode:
            sys.stderr.write(f"{said}\n")
            return built.returncode, f"{client.name:<{WIDTH}}          FAILED to build"
    # The one of another make stands with the tests.
    environment = {"PYTHONPATH": str(ROOT)}
    options = (*client.options, "--client-cmd", shlex.join(client.command))
    return judged(client.name, options, folder, environment=environment, width=WIDTH)


def main(argv: Sequence[str] | None = None) -> int:
    """Check two at a time, and tell in their order; 0 if all are conformant."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args(argv).folder
    codes: list[int] = []

    def one(client: Client) -> tuple[int, str]:
        return check(client, folder / client.name)

    with ThreadPoolExecutor(AT_A_TIME) as pool:
        for code, told in pool.map(one, clients()):
            print(told, flush=True)
            codes.append(code)
    print(f"the reports are in {folder}")
    return 1 if any(codes) else 0


if __name__ == "__main__":
    sys.exit(main())
