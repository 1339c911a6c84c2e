"""A command whose children leave it: `python leaving.py FOLDER END WAY…`.

Each writes its pid into the folder, under the name of its way, and lives on for a minute; the command
itself goes on as long, or ends (`ends`), or kills its parent (`murder`) when all of them are there.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

WAYS = ("stay", "group", "session", "double", "deaf", "bare", "deep")
MINUTE_S = 60.0


def live(folder: Path, way: str) -> None:
    """Be there, and say so."""
    part = folder / f"{way}.part"
    part.write_text(str(os.getpid()))
    part.rename(folder / way)
    time.sleep(MINUTE_S)
    os._exit(0)


def hear_nothing() -> None:
    """Ignore who asks it to end."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def go_deeper(times: int) -> None:
    """Leave one parent and session after the other."""
    for _ in range(times):
        if os.fork():
            os._exit(0)
        os.setsid()


def leave(folder: Path, way: str) -> None:
    """Leave as the way says, in a child."""
    if os.fork():
        return
    if way == "group":
        os.setpgid(0, 0)
    elif way != "stay":
        os.setsid()
    if way == "double" and os.fork():
        os._exit(0)
    if way == "deaf":
        hear_nothing()
    if way == "bare":
        # Without anything of the environment that it was given.
        os.execve(sys.executable, [sys.executable, __file__, str(folder), "live", way], {})  # noqa: S606
    if way == "deep":
        go_deeper(3)
    live(folder, way)


if __name__ == "__main__":
    place, end, *ways = Path(sys.argv[1]), *sys.argv[2:]
    if end == "live":
        live(place, ways[0])
    for chosen in ways:
        leave(place, chosen)
    while not all((place / way).exists() for way in ways):
        time.sleep(0.001)
    if end == "murder":
        os.kill(os.getppid(), signal.SIGKILL)
    if end != "ends":
        (place / "ready").touch()
        time.sleep(MINUTE_S)
