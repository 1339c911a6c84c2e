"""Whatever a target sends, and how fast: the run ends within its bounds, with a whole report."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pytest
from tests.kit.command.half_way import wait_until
from tests.kit.command.tool import Ran, children_of, omnisession, start, target
from tests.needs import untested

from omnisession_conformance.environment.bounds import MB, MEMORY_MB
from omnisession_conformance.environment.memory import tree_bytes
from omnisession_conformance.report import TRANSCRIPT_FILE

if TYPE_CHECKING:
    import subprocess

LOOK_EVERY_S = 0.05
REPORTS = {
    *("results.jsonl", TRANSCRIPT_FILE, "report.txt", "report.html", "junit.xml"),
    *("summary.md", "summary.json", "badge.svg", "badge.json"),
}
NO_VERDICT, INTERRUPTED = 3, 2


@pytest.fixture(autouse=True)
def _measurable() -> None:
    if not Path("/proc/self/task").exists():
        untested("what a flood costs: the system has no /proc")


class Measured:
    """The most that a command and all that it started took together."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.most_bytes = 0
        self._process = process
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def _look(self) -> None:
        while not self._over.wait(LOOK_EVERY_S):
            taken = tree_bytes(self._process.pid, MEMORY_MB * MB)
            self.most_bytes = max(self.most_bytes, taken)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


def flooded(folder: Path, *flood: str) -> tuple[Ran, int]:
    """A check of a target that floods, and the most memory that it took."""
    process = start("check", "--server-cmd", target("flooding.py", *flood), cwd=folder)
    with Measured(process) as measured:
        out, err = process.communicate(timeout=240)
    return Ran(process.returncode, out, err, folder / "report"), measured.most_bytes


def assert_cut_short(ran: Ran, most_bytes: int) -> None:
    assert ran.code == NO_VERDICT, ran.out
    assert "Traceback" not in ran.out + ran.err
    assert {file.name for file in ran.folder.iterdir()} >= REPORTS
    assert ran.footer["run_status"] == "aborted"
    assert "PASS" not in ran.statuses()
    assert most_bytes <= MEMORY_MB * MB


@pytest.mark.dear
@pytest.mark.parametrize("flood", [("valid",), ("weird",), ("large",)], ids="-".join)
def test_a_flood_ends_the_run(flood: tuple[str, ...], tmp_path: Path) -> None:
    ran, most_bytes = flooded(tmp_path, *flood)
    assert_cut_short(ran, most_bytes)
    assert "FAIL" in ran.statuses()
    text = (ran.folder / "report.txt").read_text("utf-8")
    assert "had failed by then" in " ".join(text.split())


@pytest.mark.slow
@pytest.mark.parametrize(
    "flood",
    [
        ("garbage",),
        ("valid", "60", "20000"),
        ("deaf", "40"),
        ("hog", "9000"),
    ],
    ids="-".join,
)
def test_floods_of_other_sorts_end_the_run(flood: tuple[str, ...], tmp_path: Path) -> None:
    assert_cut_short(*flooded(tmp_path, *flood))


@pytest.mark.slow
@pytest.mark.parametrize(
    "flood",
    [
        *(("valid", "60", "3000"), ("large", "60", "20"), ("weird", "60", "1")),
        ("junk", "60", "20000"),
    ],
)
def test_slower_floods_stay_within_the_bounds(flood: tuple[str, ...], tmp_path: Path) -> None:
    ran, most_bytes = flooded(tmp_path, *flood)
    assert ran.code in (1, NO_VERDICT), ran.out
    assert "Traceback" not in ran.out + ran.err
    assert {file.name for file in ran.folder.iterdir()} >= REPORTS
    assert most_bytes <= MEMORY_MB * MB


@pytest.mark.dear
def test_a_signal_ends_a_run_that_is_flooded(tmp_path: Path) -> None:
    process = start(
        "check", "--server-cmd", target("flooding.py", "valid", "60", "3000"), cwd=tmp_path
    )
    stream = tmp_path / "report" / TRANSCRIPT_FILE
    wait_until(lambda: stream.exists() and stream.read_bytes().count(b"\n") > 3_000, "the flood")
    started = children_of(process.pid)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    assert process.returncode == INTERRUPTED, out + err
    assert started
    assert (
        Ran(process.returncode, out, err, tmp_path / "report").footer["run_status"] == "interrupted"
    )


@pytest.mark.dear
def test_a_run_takes_no_longer_than_its_time(tmp_path: Path) -> None:
    ran = omnisession("check", "--timeout", "2", cwd=tmp_path)
    assert ran.code == NO_VERDICT, ran.out
    assert "--timeout gives it more" in " ".join(ran.out.split())
    assert ran.statuses() <= {"NOT_RUN", "NOT_CLAIMED"}
