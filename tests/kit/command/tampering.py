"""A server that does something to the report of its own run first: `python tampering.py DEED FILE`."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from pathlib import Path

from omnisession_conformance.report import REPORTS

DEEDS = ("cut", "overwrite", "replace", "remove", "link", "pipe", "folder", "hard")
FOLDER_DEEDS = ("move", "above", "empty", "delete", "race")
"""What is done to the folder, or to the one above it; `race` goes on until the run has ended."""
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
    elif deed == "folder":
        path.mkdir()
    elif deed == "hard":
        victim = Path(VICTIM).resolve()
        if not victim.exists():
            victim = path.with_name(VICTIM)
            victim.touch()
        path.hardlink_to(victim)


def tamper_with_folder(deed: str, folder: Path) -> None:
    """Do one of the deeds to a folder: what its path leads to from now on is not the kit's."""
    outside = Path("outside").resolve()
    if deed == "move":
        folder.rename("moved")
        folder.symlink_to(outside)
    elif deed == "above":
        above = folder.parent
        (outside / folder.name).mkdir()
        above.rename("moved")
        above.symlink_to(outside)
    elif deed in ("delete", "empty"):
        shutil.rmtree(folder)
        if deed == "delete":
            folder.symlink_to(outside)
    elif os.fork() == 0:
        plant_links(folder, outside / VICTIM)


def plant_links(folder: Path, victim: Path) -> None:
    """Have links where reports will be, again and again, as long as the parent lives."""
    parent = os.getppid()
    while os.getppid() == parent:
        for name in REPORTS:
            with contextlib.suppress(OSError):
                (folder / name).symlink_to(victim)
    os._exit(0)


if __name__ == "__main__":
    {True: tamper_with_folder, False: tamper}[sys.argv[1] in FOLDER_DEEDS](
        sys.argv[1], Path(sys.argv[2])
    )
    os.execv(sys.executable, [sys.executable, "-m", "omnisession_reference"])  # noqa: S606
