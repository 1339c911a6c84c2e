"""The report that the guide shows is the one that its command prints."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from tests.docs.pages import DOCS, blocks, first_column, section

from omnisession_conformance.report.words import STATUS_NAMES

PAGE = "guides/report.md"
# Times, ids, ports and sizes of a run are its own.
OWN = re.compile(r"→|←|…|\d{4}|\d s\b")
KIT = (sys.executable, "-m", "omnisession_conformance")


@pytest.mark.dear
def test_the_sample_is_what_the_command_prints(tmp_path: Path) -> None:
    text = (DOCS / PAGE).read_text("utf-8")
    shown, sample = next(blocks(text, "sh")), next(blocks(text, "text"))
    _, *arguments = shlex.split(shown)
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("NATS_URL", "OMNISESSION_SECRET", "OMNISESSION_FAULT")
    }
    environment["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    done = subprocess.run(
        [*KIT, *arguments],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    printed = set(done.stdout.splitlines())
    stable = [line for line in sample.splitlines() if line and not OWN.search(line)]
    assert len(stable) > 15
    assert [line for line in stable if line not in printed] == []


def test_all_verdicts_are_told() -> None:
    assert set(first_column(section(PAGE, "The seven verdicts"))) == set(STATUS_NAMES.values())
