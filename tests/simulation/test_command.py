"""`python -m tests.simulation`: what it plays, what it says, what it keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.simulation import kept, wrong
from tests.simulation.__main__ import main
from tests.simulation.generate import draw
from tests.simulation.world import play

if TYPE_CHECKING:
    from pathlib import Path

FEW = 10


@pytest.fixture(autouse=True)
def few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is told of many schedules is told of a few; `test_world` plays hundreds."""
    monkeypatch.setattr("tests.simulation.__main__.AT_A_TIME", FEW)


def test_a_short_run_says_how_much_it_was(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["--schedules", "1", "--seed", "7", "--report", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert told.startswith("seed 7\n")
    assert f"{FEW} schedules, " in told
    assert " cuts\n" in told
    assert told.endswith("nothing was found\n")
    assert list(tmp_path.iterdir()) == []


def test_a_seed_is_played_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "7", "--trace"]) == 0
    told = capsys.readouterr().out
    assert draw(7).lines() in told
    assert f"digest {play(draw(7)).digest}" in told
    assert "session.open" in told


def test_what_fails_is_made_short_kept_and_played_again(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with wrong.put("client", "writes-no-session-id"):
        assert main(["--schedules", "1", "--seed", "7", "--report", str(tmp_path)]) == 1
        told = capsys.readouterr().out
        path = tmp_path / "client-valid-7.json"
        assert f"python -m tests.simulation --replay {path}" in told
        assert "CLI-034" in told
        assert kept.load(path).steps == ()
        assert main(["--replay", str(path)]) == 1
    assert main(["--replay", str(path)]) == 0
