"""The server that the guide shows keeps what the guide says: every requirement of core."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from tests.docs.pages import ROOT

if TYPE_CHECKING:
    from pathlib import Path

KIT = (sys.executable, "-m", "omnisession_conformance")
SERVER = ROOT / "docs/guides/examples/server.py"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The lines of a whole run against it."""
    folder: Path = tmp_path_factory.mktemp("example")
    hidden = ("NATS_URL", "OMNISESSION_SECRET", "OMNISESSION_FAULT")
    done = subprocess.run(
        [*KIT, "check", "--server-cmd", f"{sys.executable} {SERVER}"],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name not in hidden},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    text = (folder / "report/results.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.dear
def test_it_is_conformant(results: list[dict[str, Any]]) -> None:
    assert results[-1]["conformant"] is True


@pytest.mark.dear
def test_it_is_judged_by_core_alone(results: list[dict[str, Any]]) -> None:
    target = next(line for line in results if line["line"] == "target")
    assert target["profiles"] == ["core"]
    passed = [r for r in results if r["line"] == "requirement" and r["status"] == "PASS"]
    assert {r["profile"] for r in passed} == {"core"}
    assert len(passed) > 80


def test_it_changes_nothing_in_the_library() -> None:
    look = """
import sys
from nats.protocol import parser

before = dict(vars(parser))
import server
assert server.MessageParser
print([name for name, value in vars(parser).items() if before.get(name) is not value])
"""
    done = subprocess.run(
        [sys.executable, "-c", look],
        env={**os.environ, "PYTHONPATH": str(SERVER.parent)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "[]\n"), done.stderr
