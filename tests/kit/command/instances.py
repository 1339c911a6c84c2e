"""Hooks for instances of the reference server: `FOLDER start|stop|kill|freeze|thaw N`.

An instance that is started finds broker and secret where the first start had them.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

SIGNALS = {
    "stop": signal.SIGTERM,
    "kill": signal.SIGKILL,
    "freeze": signal.SIGSTOP,
    "thaw": signal.SIGCONT,
}
TOLD = ("NATS_URL", "OMNISESSION_SECRET")
COMMAND = (sys.executable, "-m", "omnisession_reference", "--store", "jetstream")
WITHIN_S = 20.0


def is_there(pid: int) -> bool:
    """Whether a process runs; one that has ended, and that nobody has asked about, does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def main(folder: Path, what: str, number: str) -> None:
    """Do it, and return when it is done."""
    noted, env = folder / f"instance-{number}", folder / "env.json"
    pid = int(noted.read_text("utf-8")) if noted.exists() else 0
    if what == "start":
        if pid and is_there(pid):
            return
        if not env.exists():
            env.write_text(json.dumps({name: os.environ[name] for name in TOLD}), "utf-8")
        told = {**os.environ, **json.loads(env.read_text("utf-8"))}
        with (folder / f"instance-{number}.log").open("ab") as log:
            started = subprocess.Popen(
                COMMAND,
                env=told,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        noted.write_text(str(started.pid), "utf-8")
        return
    if not pid or not is_there(pid):
        return
    os.kill(pid, SIGNALS[what])
    deadline = time.monotonic() + WITHIN_S
    while what in ("stop", "kill") and is_there(pid) and time.monotonic() < deadline:
        time.sleep(0.01)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
