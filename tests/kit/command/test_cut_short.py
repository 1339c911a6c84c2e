"""A run that is cut short is never green, ends at once, and leaves no process behind."""

from __future__ import annotations

import json
import os
import signal
import time
from typing import TYPE_CHECKING

import pytest
from tests.kit.command.half_way import DEADLINE_S, finished, running_check, wait_until
from tests.kit.command.tool import Ran, alive, children_of, interrupt, omnisession, start

from omnisession_conformance.report import (
    FILES,
    TRANSCRIPT_FILE,
    file_of,
)
from omnisession_conformance.results import load_transcript, read_results

if TYPE_CHECKING:
    from pathlib import Path


def named(pids: set[int], word: str) -> set[int]:
    found: set[int] = set()
    for pid in pids:
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:  # noqa: PTH123 - a pseudo file
                words = file.read().split(b"\0")
        except OSError:
            continue
        if any(word.encode() in w for w in words) and not any(b"guard.py" in w for w in words):
            found.add(pid)
    return found


def assert_gone(pids: set[int]) -> None:
    wait_until(lambda: not any(alive(pid) for pid in pids), "the end of all children")


def assert_nothing_green(ran: Ran) -> None:
    assert not ran.statuses() & {"PASS", "WARN"}
    assert not ran.footer["conformant"]
    assert {p.name for p in ran.folder.iterdir()} == set(FILES)
    told = json.loads((ran.folder / "summary.json").read_text("utf-8"))
    assert told["verdict"] in ("no_verdict", "interrupted")
    assert not {r["status"] for r in told["requirements"]} & {"PASS", "WARN"}
    assert "Traceback" not in ran.out + ran.err


def killed_half_way(folder: Path) -> float:
    """Kill the target half-way; how long the end took, in the time that it took to get there."""
    folder.mkdir()
    started = time.monotonic()
    process, children = running_check(folder)
    victims = named(children, "omnisession_reference")
    assert victims
    killed = time.monotonic()
    for pid in victims:
        os.kill(pid, signal.SIGKILL)
    ran = finished(process, folder)
    over = time.monotonic()
    assert ran.code == 3
    assert ran.footer["run_status"] == "aborted"
    assert "the target exited with code 137" in ran.footer["reason"]
    assert_nothing_green(ran)
    assert_gone(children)
    # Those that ran were cut off; none waited for an answer, and none was begun.
    outcomes = [case["outcome"] for case in ran.of("case")]
    assert set(outcomes) == {"done", "cut"}
    assert outcomes == sorted(outcomes, reverse=True)
    return (over - killed) / (killed - started)


@pytest.mark.dear
def test_target_killed_half_way(tmp_path: Path) -> None:
    # To start and to run three cases takes twice as long as to write the reports, on any machine; who
    # waits for an answer that cannot come takes longer. One that is busy for a moment is asked again.
    assert any(killed_half_way(tmp_path / str(attempt)) < 1 for attempt in range(3))


@pytest.mark.dear
def test_broker_killed_half_way(tmp_path: Path) -> None:
    process, children = running_check(tmp_path)
    for pid in named(children, "nats-server"):
        os.kill(pid, signal.SIGKILL)
    ran = finished(process, tmp_path)
    assert ran.code == 3
    assert_nothing_green(ran)
    assert_gone(children)


@pytest.mark.dear
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted(number: signal.Signals, tmp_path: Path) -> None:
    process, children = running_check(tmp_path)
    process.send_signal(number)
    ran = finished(process, tmp_path)
    assert ran.code == 2
    assert ran.footer["run_status"] == "interrupted"
    assert number.name in ran.footer["reason"]
    assert_nothing_green(ran)
    assert_gone(children)


@pytest.mark.dear
def test_interrupted_before_the_target_answers(tmp_path: Path) -> None:
    process = start("check", "--server-cmd", "sleep 60", cwd=tmp_path)
    wait_until(lambda: named(children_of(process.pid), "60"), "the start of the target")
    children = children_of(process.pid)
    interrupt(process)
    ran = finished(process, tmp_path)
    assert ran.code == 2
    assert ran.statuses() == {"NOT_RUN"}
    assert_gone(children)


def test_killed_kit_leaves_no_child_and_an_aborted_stream(tmp_path: Path) -> None:
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / file_of("badge")).write_text("green", "utf-8")
    process, children = running_check(tmp_path)
    assert named(children, "nats-server")
    process.kill()
    process.communicate(timeout=DEADLINE_S)
    assert_gone(children)
    results = read_results(tmp_path / "report" / "results.jsonl")
    assert results.footer is None
    settled = results.settled()
    assert settled.end.exit_code == 3
    assert not settled.end.conformant
    assert {r.status for r in settled.requirements} == {"NOT_RUN"}
    # Nothing of an earlier run stays beside it, and its reports can be made all the same.
    names = {p.name for p in (tmp_path / "report").iterdir()}
    assert names == {"results.jsonl", TRANSCRIPT_FILE}
    # What was heard by then can be read, though its file has no end.
    assert load_transcript(tmp_path / "report" / TRANSCRIPT_FILE).messages
    ran = omnisession("report", "report/results.jsonl", cwd=tmp_path)
    assert ran.code == 3
    assert "has no footer" in ran.out
    assert "no verdict" in (tmp_path / "report" / file_of("badge")).read_text("utf-8")
