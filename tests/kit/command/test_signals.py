"""A signal ends a run at once, also while something holds its loop, and what was found by then is told."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from tests.kit.command.half_way import finished, running_check, wait_until
from tests.kit.command.tool import HERE, QUICK, Ran, clean_environment, omnisession

from omnisession_conformance.report import TRANSCRIPT_FILE

if TYPE_CHECKING:
    from pathlib import Path

ATTEMPTS = 3
MORE_S = 1.0
"""What an end may take longer than that of a run in the middle of its cases."""


def start_faulty(fault: str, folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """The program with a fault in it, in the middle of what is slow by the fault."""
    begun = folder / "begun"
    process = subprocess.Popen(
        [sys.executable, str(HERE / "faulty.py"), fault, str(begun), *arguments],
        cwd=folder,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    wait_until(lambda: begun.exists() or process.poll() is not None, "the start of what is slow")
    return process


def ended(
    process: subprocess.Popen[str], number: signal.Signals, folder: Path
) -> tuple[float, Ran]:
    """How long a process takes to end by a signal, and what it did."""
    at = time.monotonic()
    process.send_signal(number)
    ran = finished(process, folder)
    return time.monotonic() - at, ran


def in_its_cases(folder: Path, number: signal.Signals) -> float:
    folder.mkdir()
    process, _ = running_check(folder)
    took, ran = ended(process, number, folder)
    assert ran.code == 2
    return took


def at_once(fault: str, folder: Path, number: signal.Signals, *arguments: str) -> Ran:
    """The end of a faulty run; it takes no longer than that of any other, in one of some attempts."""
    found: list[tuple[float, float]] = []
    for attempt in range(ATTEMPTS):
        control = in_its_cases(folder / f"control{attempt}", number)
        (folder / str(attempt)).mkdir()
        process = start_faulty(fault, folder / str(attempt), *arguments)
        took, ran = ended(process, number, folder / str(attempt))
        assert ran.code == 2, ran.out + ran.err
        assert "Traceback" not in ran.out + ran.err
        found.append((took, control))
        if took < control + MORE_S:
            return ran
    pytest.fail(f"too long in each attempt: {found}")


@pytest.mark.parametrize(
    ("fault", "number"),
    [
        ("rule", signal.SIGTERM),
        ("rule", signal.SIGINT),
        ("reading", signal.SIGTERM),
        ("message", signal.SIGTERM),
        ("transcript", signal.SIGINT),
    ],
)
@pytest.mark.dear
def test_while_something_holds_the_loop(fault: str, number: signal.Signals, tmp_path: Path) -> None:
    ran = at_once(fault, tmp_path, number, "check", *QUICK)
    assert ran.footer["run_status"] == "interrupted"
    assert ran.footer["reason"] == f"{number.name} received"
    assert ran.footer["exit_code"] == 2
    assert not ran.statuses() & {"PASS", "WARN"}
    assert (ran.folder / "report.html").exists()


@pytest.mark.dear
@pytest.mark.parametrize("fault", ["format", "writing"])
def test_while_the_reports_are_made(fault: str, tmp_path: Path) -> None:
    ran = at_once(fault, tmp_path, signal.SIGTERM, "check", *QUICK)
    assert ran.err == (
        "omnisession: The verdict is in report/results.jsonl: `omnisession report report/results.jsonl "
        "--to FOLDER` makes the reports elsewhere.\nomnisession: interrupted: SIGTERM received\n"
    )
    assert ran.footer["exit_code"] == 0, "the verdict was reached, and can be had"


@pytest.mark.dear
def test_a_command_without_a_run(tmp_path: Path) -> None:
    assert omnisession("check", *QUICK, cwd=tmp_path).code == 0
    (tmp_path / "report" / TRANSCRIPT_FILE).rename(tmp_path / "saved.jsonl.gz")
    process = start_faulty("judging", tmp_path, "judge", "saved.jsonl.gz")
    took, ran = ended(process, signal.SIGTERM, tmp_path)
    assert ran.code == 2
    assert ran.err == "omnisession: interrupted: SIGTERM received\n"
    assert took < in_its_cases(tmp_path / "control", signal.SIGTERM) + MORE_S
