"""A server that does something to the report of its own run first: `python tampering.py DEED FILE`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

DEEDS = ("cut", "overwrite", "replace", "remove", "link", "pipe")
VICTIM = "victim"
"""A file beside the report's folder, to which links lead."""


def tamper(deed: str, path: Path) -> None:
    """Do one of the deeds to a file that the kit has open."""
    if deed == "cut":
        os.truncate(path, 0)
    elif deed == "overwrite":
        with path.open("r+b") as file:
            file.write(b"CONFORMANT")
    else:
        path.unlink(missing_ok=True)
    if deed == "replace":
        path.write_text("CONFORMANT")
    elif deed == "link":
        path.symlink_to(Path(VICTIM).resolve())
    elif deed == "pipe":
        os.mkfifo(path)


if __name__ == "__main__":
    tamper(sys.argv[1], Path(sys.argv[2]))
    os.execv(sys.executable, [sys.executable, "-m", "omnisession_reference"])  # noqa: S606
