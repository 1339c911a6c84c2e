"""Runs the real command in a process of its own, as users do."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omnisession_conformance.report import TRANSCRIPT_FILE
from omnisession_conformance.results.jsonl import read_text

HERE = Path(__file__).parent
TIMEOUT_S = 240
SECRET = "a-secret-for-the-tests-of-attaching-0001"
UNSEEN = "a-secret-that-nobody-may-see-0123456789"
# Cases that every kit has and that take a moment: enough for a run that is a run.
QUICK = ("--only", "CTRL-013", "--only", "CTRL-019")


CHOOSING = ("NATS_URL", "OMNISESSION_SECRET", "OMNISESSION_FAULT", "FORCE_COLOR", "GITHUB_ACTIONS")
"""Variables that choose a broker, a fixture, a fault, colours or annotations."""
SUITE = ("--pyargs", "omnisession_conformance.suite")
"""The whole suite, under pytest."""
TOLD = "told.json"
"""Where what a call did is kept, beside its report."""


@dataclass(frozen=True)
class Ran:
    """What one call of the command did."""

    code: int
    out: str
    err: str
    folder: Path
    """Its report."""

    def keep(self) -> None:
        """Write down what it did, for tests in other processes."""
        told = {"code": self.code, "out": self.out, "err": self.err}
        (self.folder.parent / TOLD).write_text(json.dumps(told), "utf-8")

    @classmethod
    def kept(cls, folder: Path) -> Ran:
        """What a call did whose report is in the folder `report` of a folder."""
        return cls(**json.loads((folder / TOLD).read_text("utf-8")), folder=folder / "report")

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The results stream."""
        text = (self.folder / "results.jsonl").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]

    @property
    def transcript(self) -> Path:
        """The file with all messages."""
        return self.folder / TRANSCRIPT_FILE

    @property
    def told(self) -> list[dict[str, Any]]:
        """The lines of the transcript."""
        return [json.loads(line) for line in read_text(self.transcript).splitlines()]

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The lines of one sort."""
        return [line for line in self.lines if line["line"] == kind]

    @property
    def footer(self) -> dict[str, Any]:
        return self.of("footer")[-1]

    def statuses(self) -> set[str]:
        return {check["status"] for check in self.of("check")}

    def not_claimed(self) -> set[str]:
        found = self.of("requirement")
        return {str(one["id"]) for one in found if one["status"] == "NOT_CLAIMED"}


def clean_environment() -> dict[str, str]:
    """The environment without anything that would choose a broker or a fixture."""
    return {name: value for name, value in os.environ.items() if name not in CHOOSING}


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "omnisession_conformance", *arguments]


def omnisession(*arguments: str, cwd: Path, env: dict[str, str] | None = None) -> Ran:
    """Call `omnisession …` in a folder and wait for its end."""
    done = subprocess.run(
        command(*arguments),
        cwd=cwd,
        env={**clean_environment(), **(env or {})},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr, cwd / "report")


def pytest_run(
    *arguments: str, cwd: Path, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Call pytest in a folder and wait for its end."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments],
        cwd=cwd,
        env={**clean_environment(), **(env or {})},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def start(*arguments: str, cwd: Path) -> subprocess.Popen[str]:
    """Start `omnisession …` in a session of its own, as a terminal does."""
    return subprocess.Popen(
        command(*arguments),
        cwd=cwd,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def target(*arguments: str) -> str:
    """A --server-cmd that runs a script beside this file."""
    script, *rest = arguments
    return " ".join([sys.executable, str(HERE / script), *rest])


def children_of(pid: int) -> set[int]:
    """All descendants of a process, from /proc."""
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        parent = waiting.pop()
        for child in _started_by(parent):
            if child not in found:
                found.add(child)
                waiting.append(child)
    return found


def _started_by(pid: int) -> set[int]:
    found: set[int] = set()
    # It, or a thread of it, may end between the listing and the look.
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError):
                found.update(map(int, (task / "children").read_text().split()))
    return found


def alive(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def null(*arguments: str) -> str:
    """A --server-cmd that is no session server: one of the kit's own null targets."""
    return " ".join([sys.executable, "-m", "omnisession_conformance.nulls", *arguments])


def interrupt(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGINT)
