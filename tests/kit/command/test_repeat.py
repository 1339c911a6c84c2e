"""The tool that repeats a check tells of every run that comes out otherwise than the first."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from tests.kit.command.tool import QUICK, null

import repeat
from repeat import Once, differences

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def test_runs_that_are_alike_differ_in_nothing() -> None:
    assert list(differences([Once(0, {"A-001@x": "PASS"})] * 3)) == []


def test_what_differs_is_told_of_each_run() -> None:
    first = Once(0, {"A-001@x": "PASS", "A-002@x": "PASS"})
    second = Once(1, {"A-001@x": "FAIL", "A-002@x": "PASS"})
    third = Once(0, {"A-001@x": "PASS", "A-003@x": "WARN"})
    assert list(differences([first, second, third])) == [
        "run 2: exit code 1, and 0 in run 1",
        "run 2: A-001@x is FAIL, and PASS in run 1",
        "run 3: A-002@x is nothing, and PASS in run 1",
        "run 3: A-003@x is WARN, and nothing in run 1",
    ]


def test_runs_without_results_are_never_alike(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(folder: Path, options: Sequence[str]) -> Once:
        assert options == ["--seed", folder.name, "--no-such-option"]
        assert folder.name in ("1", "2")
        return Once(4, {})

    monkeypatch.setattr(repeat, "run", refused)
    assert repeat.main(["2", "--no-such-option"]) == 1
    assert "NOT ALIKE" in capsys.readouterr().out


@pytest.mark.dear
def test_a_server_that_is_right_every_other_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server, once = tmp_path / "server.sh", tmp_path / "once"
    right = f"{sys.executable} -m omnisession_reference"
    server.write_text(
        f"#!/bin/sh\nrm {once} 2>/dev/null && exec {null('silent')}\n"
        f'touch {once}\nexec {right} "$@"\n',
        "utf-8",
    )
    server.chmod(0o755)
    assert repeat.main(["2", "--server-cmd", str(server), *QUICK]) == 1
    told = capsys.readouterr().out
    assert "run 1: exit code 0" in told
    assert "run 2: exit code 3, and 0 in run 1" in told
    assert "is NOT_RUN, and PASS in run 1" in told
    assert repeat.main(["2", *QUICK]) == 0
    assert "2 runs came out alike" in capsys.readouterr().out
