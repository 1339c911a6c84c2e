"""`omnisession demo`, or `up`, as its users start it: a process whose first line has the address."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.kit.command.tool import alive, children_of, clean_environment, command

if TYPE_CHECKING:
    from collections.abc import Generator

PATIENCE_S = 60


@dataclass(frozen=True)
class Running:
    """A running command, at its address."""

    process: subprocess.Popen[str]
    url: str

    @property
    def port(self) -> int:
        return int(self.url.rstrip("/").rpartition(":")[2])

    def child(self, named: str) -> int:
        """The process below it with this in its command line, once its guard has started it."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            for pid in self.children():
                if named in words(pid):
                    return pid
            time.sleep(0.01)
        raise AssertionError(f"there is no {named} below it")

    def called(self, named: str) -> list[int]:
        """The processes below it that have this in their command lines."""
        return sorted(pid for pid in self.children() if named in words(pid))

    def children(self) -> set[int]:
        return children_of(self.process.pid)

    def said(self) -> str:
        """The next line of what it says beside its output."""
        assert self.process.stderr is not None
        return self.process.stderr.readline()

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_S)


def words(pid: int) -> str:
    """What a process was called with, empty where it is a guard or has gone."""
    try:
        line = Path(f"/proc/{pid}/cmdline").read_bytes().decode().replace("\0", " ")
    except OSError:
        return ""
    return "" if "guard.py" in line else line


def demo(*arguments: str, folder: Path) -> AbstractContextManager[Running]:
    """Run the demo in a folder for the length of the block; nothing of it is left."""
    return running("demo", *arguments, folder=folder)


@contextmanager
def running(*arguments: str, folder: Path, env: dict[str, str] | None = None) -> Generator[Running]:
    """Run a command in a folder for the length of the block; nothing of it is left."""
    process = subprocess.Popen(
        command(*arguments),
        cwd=folder,
        env={**clean_environment(), **(env or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"(?:(?:http|nats|tls)://127\.0\.0\.1:\d+/?,?)+", line)
        assert found is not None, line + (process.stderr.read() if process.stderr else "")
        yield Running(process, found[0])
    finally:
        process.kill()
        process.communicate()


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def gone(pids: set[int]) -> bool:
    return not any(alive(pid) for pid in pids)
