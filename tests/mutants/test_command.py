"""The command: controls come first, a new survivor fails it, and what is known does not."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
import yaml

from mutants import __main__ as command
from mutants import pool
from mutants.mutant import Mutant
from mutants.targets import ROOT, Control
from mutants.triage import drafted
from mutants.trial import Outcome, Trial

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

FILE = "LICENSE"
KILLED, ALIVE, BROKEN, DEAD = "killed", "alive", "broken", "dead"
"""What a made mutant writes into the file, which the faked run reads as its outcome."""
OUTCOMES = {KILLED: Outcome.FAIL, ALIVE: Outcome.SURVIVED, DEAD: Outcome.NO_VERDICT}


def mutant(after: str) -> Mutant:
    before = (ROOT / FILE).read_text("utf-8")[:3]
    return Mutant(FILE, "f", "STR", before, after, 0, 3, 1)


@dataclass
class Server:
    name: str = "reference"
    texts: Sequence[str] = (KILLED, ALIVE, BROKEN, DEAD)
    controls: Sequence[Control] = (Control("pristine", FILE, "", "", "survived"),)
    made_of: list[str] = field(default_factory=list[str])
    never_reached: Sequence[str] = ()
    watched_as: str = ALIVE
    to_the_end: list[bool] = field(default_factory=list[bool])
    """Of each run, whether it was to go on behind the first failure."""

    def mutants(self) -> list[Mutant]:
        return [mutant(text) for text in self.texts]

    def made(self, _folder: Path, file: str, data: bytes) -> Sequence[str] | None:
        assert file == FILE
        text = next((t for t in (*OUTCOMES, BROKEN) if data.startswith(t.encode())), ALIVE)
        self.made_of.append(text)
        return None if text == BROKEN else (text,)

    def watched(self, _folder: Path) -> Sequence[str]:
        return (self.watched_as,)

    def unreached(self, _folder: Path, mutants: Iterable[Mutant]) -> frozenset[str]:
        return frozenset(m.id for m in mutants if m.after in self.never_reached)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Server:
    made = Server()

    def run(
        line: Sequence[str],
        _report: Path,
        _options: Sequence[str],
        _within_s: int,
        *,
        to_the_end: bool = False,
    ) -> Trial:
        made.to_the_end.append(to_the_end)
        return Trial(OUTCOMES[line[0]], "", 0.1)

    monkeypatch.setattr(pool, "run", run)
    monkeypatch.setattr(command, "TARGETS", {"reference": made})
    monkeypatch.setattr(command, "FILE", tmp_path / "triage.yaml")
    known(tmp_path)
    return made


def known(folder: Path, *texts: str, class_: str = "missed") -> None:
    entries = [yaml.safe_load(drafted(mutant(text)))[0] for text in texts]
    entries = [{**entry, "class": class_, "why": "not yet"} for entry in entries]
    (folder / "triage.yaml").write_text(yaml.safe_dump(entries), "utf-8")


def main(folder: Path, *options: str) -> int:
    return command.main(["--seed", "3", "--report", str(folder / "report"), *options])


def test_a_broken_off_watch_tells_nothing_of_where_the_kit_comes(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.watched_as = DEAD
    assert main(tmp_path) == 3
    assert "the kit comes was broken off" in capsys.readouterr().err
    assert server.made_of == [ALIVE], "no mutant ran"


def test_new_survivors_fail_with_their_changes(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(tmp_path) == 1
    told = capsys.readouterr().out
    assert told.startswith("seed 3\n")
    assert told.count("NEW SURVIVOR (survived)") == 1
    assert told.count("NEW SURVIVOR (no verdict)") == 1
    assert "\n+alive" in told
    assert server.made_of[0] == ALIVE, "the pristine copy comes first"
    assert server.to_the_end.count(True) == 2, (
        "the runs that show where the kit comes, and no others"
    )
    assert False in server.to_the_end
    lines = (tmp_path / "report" / "mutants.jsonl").read_text("utf-8").splitlines()
    assert {json.loads(line)["outcome"] for line in lines} == {
        "fail",
        "survived",
        "not built",
        "no verdict",
    }
    assert told.endswith((tmp_path / "report" / "mutants.txt").read_text("utf-8"))


@pytest.mark.usefixtures("server")
def test_survivors_that_are_known_do_not(tmp_path: Path) -> None:
    known(tmp_path, ALIVE, DEAD)
    assert main(tmp_path) == 0


def test_what_is_not_built_is_not_counted(server: Server, tmp_path: Path) -> None:
    known(tmp_path, ALIVE, DEAD)
    main(tmp_path, "-n", "3")
    assert {*server.made_of[1:]} >= {KILLED, ALIVE, DEAD}


def test_what_is_known_to_be_right_does_not_run(server: Server, tmp_path: Path) -> None:
    known(tmp_path, ALIVE, DEAD, class_="equivalent")
    assert main(tmp_path) == 0
    assert DEAD not in server.made_of
    assert outcomes(tmp_path)["known"] == 2


def test_where_no_run_comes_a_mutant_is_a_survivor_without_a_run(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.never_reached = (DEAD,)
    assert main(tmp_path) == 1
    assert DEAD not in server.made_of
    assert "NEW SURVIVOR (unreached)" in capsys.readouterr().out


def test_a_sample_is_gone_on_with(server: Server, tmp_path: Path) -> None:
    known(tmp_path, ALIVE, DEAD)
    main(tmp_path, "-n", "1")
    before = outcomes(tmp_path)
    again = before["no verdict"]
    server.made_of.clear()
    assert main(tmp_path, "--continue") == 0
    rest = 4 - sum(before.values()) + again
    assert len(server.made_of) == 1 + rest, "the control, and what had not come to a verdict"
    server.made_of.clear()
    assert main(tmp_path, "--continue") == 0
    assert server.made_of[1:] == [DEAD], "what came to no verdict runs each time"


@pytest.mark.usefixtures("server")
def test_what_is_no_sample_is_not_gone_on_with(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "mutants.jsonl").write_text("{}\n", "utf-8")
    assert main(tmp_path, "--continue") == 4
    assert "These are not results of one seed" in capsys.readouterr().err


def outcomes(folder: Path) -> Counter[str]:
    lines = (folder / "report" / "mutants.jsonl").read_text("utf-8").splitlines()
    return Counter(json.loads(line)["outcome"] for line in lines)


def test_without_its_controls_nothing_runs(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.controls = (
        Control("kill", FILE, "Apache", KILLED, "fail"),
        Control("gone", FILE, "nowhere in it", "", "fail"),
    )
    assert main(tmp_path) == 3
    told = capsys.readouterr().err
    assert "reference: control 'kill': survived, not fail" in told
    assert "reference: control 'gone': 'nowhere in it' is not in LICENSE" in told
    assert len(server.made_of) == 1


@pytest.mark.usefixtures("server")
def test_a_triage_that_cannot_be_read_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "triage.yaml").write_text("- 1\n", "utf-8")
    assert main(tmp_path) == 4
    assert "triage.yaml: At $[0]" in capsys.readouterr().err
