"""A broker, a kit or a whole machine that stands still for seconds is no fault of a right server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.kit.command.tool import children_of, clean_environment

from omnisession_conformance.protocol.verdict import Status
from omnisession_conformance.results import read_results

pytestmark = pytest.mark.dear
HELD_S = 4.0
CASES = 60
"""So many have ended, and as many wait or are under way."""
PATIENCE_S = 200
CASE = '"line":"case"'


def is_node(pid: int, name: str) -> bool:
    words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    return words[0].endswith(b"nats-server") and any(f"/{name}/".encode() in w for w in words)


@pytest.mark.parametrize("who", ["broker", "the server's node", "kit", "machine"])
def test_who_stands_still_for_seconds_blames_nobody(who: str, tmp_path: Path) -> None:
    results = tmp_path / "report" / "results.jsonl"
    shape = "cluster" if who == "the server's node" else "single"
    command = [sys.executable, "-m", "omnisession_conformance", "check", "--topology", shape]
    run = subprocess.Popen(
        [*command, "--report", tmp_path / "report"],
        env=clean_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    until = time.monotonic() + PATIENCE_S
    while not results.exists() or results.read_text("utf-8").count(CASE) < CASES:
        assert run.poll() is None, run.communicate()[1]
        assert time.monotonic() < until
        time.sleep(0.01)
    below = children_of(run.pid)
    held = {
        "broker": [pid for pid in below if is_node(pid, "n1")],
        "the server's node": [pid for pid in below if is_node(pid, "n2")],
        "kit": [run.pid],
        "machine": [run.pid, *below],
    }[who]
    assert held
    for pid in held:
        os.kill(pid, signal.SIGSTOP)
    time.sleep(HELD_S)  # this is what is tried
    for pid in held:
        os.kill(pid, signal.SIGCONT)
    _, told = run.communicate(timeout=PATIENCE_S)
    statuses = {check.check: check.status for check in read_results(results).checks}
    assert Status.FAIL not in statuses.values(), statuses
    assert Status.HARNESS not in statuses.values(), statuses
    undecided = sum(status is Status.INCONCLUSIVE for status in statuses.values())
    assert (run.returncode == 0) == (undecided == 0), told
